// One widget model on this page: its connection, state, picture and overlay, shared by its views.

import type { PreviewReply, Request } from "../contract/protocol";
import { Picture } from "../frame/picture";
import { Overlay, type OverlayHost } from "../host/overlay";
import { type Channel, Connection, type Outcome } from "./connection";
import { Store, type TraitSource } from "./store";

/** What anywidget hands to `initialize` and `render`, as far as we use it. */
export type HostModel = Channel & TraitSource & OverlayHost;

/** A preview only holds up the next one. */
const PREVIEW_TIMEOUT_MS = 6_000;
/** A kernel at work that has said nothing new for so long may be gone after all. */
const SILENCE_MS = 120_000;

export class WidgetModel {
  readonly store: Store;
  readonly picture: Picture;
  readonly overlay: Overlay;
  readonly #connection: Connection;
  readonly #painters = new Set<() => void>();
  #previewFailed = false;
  #previewSeq: number | null = null;

  constructor(host: HostModel) {
    this.store = new Store(host);
    this.#connection = new Connection(host, {
      isWorking: () => this.#isWorking(),
      onNotice: (notice) => this.store.notify(notice.message),
    });
    this.picture = new Picture(this.#repaint, (message) => this.store.notify(message));
    this.overlay = new Overlay(host, this.#repaint);
    this.store.subscribe(this.#followImage);
    this.#followImage();
  }

  /** Call `painter` whenever picture or overlay have new pixels. */
  onPixels(painter: () => void): () => void {
    this.#painters.add(painter);
    return () => this.#painters.delete(painter);
  }

  get painterCount(): number {
    return this.#painters.size;
  }

  /** Send a request that changes the state; its effect is shown at once. */
  send(request: Request): Promise<Outcome> {
    this.#previewFailed = false;
    const { seq, outcome } = this.#connection.request(request);
    this.store.begin(seq, request);
    return outcome.then((result) => {
      switch (result.kind) {
        case "done":
        case "preview":
          this.store.end(seq, { kind: "done" });
          break;
        case "cancelled":
          this.store.end(seq, { kind: "gone" });
          break;
        case "error":
        case "lost":
          this.store.end(seq, { kind: "failed", message: result.message });
          break;
        default:
          result satisfies never;
      }
      return result;
    });
  }

  /** Ask which mask a click would give; null when there is no answer worth showing. */
  async preview(x: number, y: number): Promise<PreviewReply | null> {
    if (this.#previewFailed) return null;
    const ticket = this.#connection.request({ kind: "preview", x, y }, PREVIEW_TIMEOUT_MS);
    this.#previewSeq = ticket.seq;
    const result = await ticket.outcome;
    if (this.#previewSeq === ticket.seq) this.#previewSeq = null;
    switch (result.kind) {
      case "preview":
        return result;
      case "error":
        // Say it once: hovering on would repeat it many times a second.
        this.#previewFailed = true;
        this.store.notify(result.message);
        return null;
      case "done":
      case "cancelled":
      case "lost":
        return null;
      default:
        result satisfies never;
        return null;
    }
  }

  /** A preview on its way is not wanted any more: let the kernel skip it if it still can. */
  cancelPreview(): void {
    if (this.#previewSeq === null) return;
    const request: Request = { kind: "cancel", target_seq: this.#previewSeq };
    this.#previewSeq = null;
    this.#connection.request(request, PREVIEW_TIMEOUT_MS);
  }

  dispose(): void {
    this.#connection.dispose();
    this.overlay.dispose();
    this.picture.dispose();
    this.store.dispose();
    this.#painters.clear();
  }

  #isWorking(): boolean {
    const { phase } = this.store.status;
    const quietMs = performance.now() - this.store.statusChangedAt;
    return (phase === "loading" || phase === "embedding") && quietMs < SILENCE_MS;
  }

  readonly #followImage = (): void => {
    void this.picture.load(this.store.image);
  };

  readonly #repaint = (): void => {
    for (const painter of [...this.#painters]) painter();
  };
}
