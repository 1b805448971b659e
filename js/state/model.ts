// One widget model on this page: its connection, state, picture and overlay, shared by its views.

import { ContractError, readSnapshot } from "../contract/guards";
import type {
  DescribeChannels,
  FilterFound,
  FinishImage,
  PreviewReply,
  ReadDetail,
  ReadPatch,
  RenderPicture,
  Request,
  ShowView,
  Snapshot,
  ThumbnailReply,
  Update,
} from "../contract/protocol";

import { Picture } from "../frame/picture";
import { followKernel, hasNoKernel, type KernelHost } from "../host/kernel";
import { Overlay, type OverlayHost } from "../host/overlay";
import { brokenText, type Channel, Connection, type Outcome } from "./connection";
import { isSearching } from "./found";
import { hasImage, Thumbnails } from "./images";
import { LatestWins } from "./latest";
import { isEdit, isOfImage } from "./optimism";
import { PixelScale } from "./pixelscale";
import { Presence } from "./presence";
import { Saver, type TraitHost } from "./saver";
import { Store } from "./store";
import { NOTHING } from "./updates";

/** What anywidget hands to `initialize` and `render`, as far as we use it. */
export type HostModel = Channel & TraitHost & OverlayHost & KernelHost;

/** Requests about what the picture was made from. */
export type LookRequest = ReadPatch | DescribeChannels | RenderPicture | ReadDetail;

/** A preview only holds up the next one. */
/** A large model may take minutes to embed what is on the screen. */
const CLOSER_TIMEOUT_MS = 600_000;
const PREVIEW_TIMEOUT_MS = 6_000;
/** A kernel at work that has said nothing new for so long may be gone after all. */
const SILENCE_MS = 120_000;

const RESTARTED =
  "The kernel was restarted and knows nothing of this picture. Run the cell again to go on.";
const NO_KERNEL =
  "This picture was saved with the notebook; no kernel is behind it. Run the cell again to go on.";

export class WidgetModel {
  readonly store: Store;
  readonly picture: Picture;
  readonly overlay: Overlay;
  readonly scale: PixelScale;
  readonly #connection: Connection;
  readonly #saver: Saver;
  readonly #presence: Presence;
  readonly #filter = new LatestWins<FilterFound>(
    async (edit) => {
      await this.send(edit);
    },
    () => this.store.touch(),
  );
  readonly thumbnails = new Thumbnails(
    (index) => this.#fetchThumbnail(index),
    () => this.store.touch(),
  );
  readonly #turns = new Map<symbol, number | null>();
  readonly #painters = new Set<() => void>();
  readonly #stopFollowing: () => void;
  #gone: string | null = null;
  #isRefreshing = false;
  #previewFailed = false;
  #previewSeq: number | null = null;

  constructor(host: HostModel) {
    const { snapshot, broken } = initialState(host);
    this.store = new Store(snapshot);
    this.#connection = new Connection(host, {
      isWorking: () => this.#isWorking(),
      onUpdate: (update) => this.#receive(update),
      onNotice: (message) => this.store.notify(message),
      onBroken: (error) => {
        this.store.notify(brokenText(error));
        this.#refresh();
      },
      onUnreachable: () => this.#lose(RESTARTED),
    });
    this.#saver = new Saver(host, () => this.store.state);
    this.#presence = new Presence(
      (count) => this.#reportViews(count),
      () => this.#leavePage(),
    );
    this.picture = new Picture(this.#repaint, (message) => this.store.notify(message));
    this.overlay = new Overlay(host, this.#repaint);
    this.scale = new PixelScale(host, this.#repaint);
    this.store.subscribe(this.#followImage);
    this.#followImage();
    this.#stopFollowing = followKernel(host, () => this.#lose(RESTARTED));
    if (broken) this.store.notify(broken);
    if (hasNoKernel(host)) {
      this.#gone = NO_KERNEL;
      this.store.setReadOnly(true);
    }
  }

  /** A view shows the model; gives what takes it away. */
  addView(): () => void {
    return this.#presence.enter();
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
  async send(request: Request): Promise<Outcome | null> {
    if (this.#gone !== null) {
      this.store.notify(this.#gone);
      return null;
    }
    // What is clicked now is meant for the image that is on its way out, or for the next one.
    if (this.isTurning && isOfImage(request)) return null;
    this.#previewFailed = false;
    let isOver: Outcome | null = null;
    const { seq, outcome } = this.#connection.request(request, {
      onOutcome: (result) => {
        isOver = result;
        this.#end(result);
      },
    });
    if (isEdit(request) && isOver === null) this.store.begin(seq, request);
    return outcome;
  }

  /** Tell what is on the screen; done when the model sees as finely, if it can. */
  async showView(view: Omit<ShowView, "kind">): Promise<void> {
    if (this.#gone !== null) return;
    const request = { kind: "show_view", ...view } as const;
    const { outcome } = this.#connection.request(request, { timeoutMs: CLOSER_TIMEOUT_MS });
    const result = await outcome;
    if (result.kind === "error") this.store.notify(result.message);
  }

  /** Ask which mask a click would give; null when there is no answer worth showing. */
  async preview(x: number, y: number): Promise<PreviewReply | null> {
    if (this.#previewFailed || this.#gone !== null) return null;
    const ticket = this.#connection.request(
      { kind: "preview", x, y },
      { timeoutMs: PREVIEW_TIMEOUT_MS },
    );
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
      case "patch":
      case "channels":
      case "picture":
      case "thumbnail":
        return null;
      default:
        result satisfies never;
        return null;
    }
  }

  /** Ask for something that changes nothing; null when there is nobody to answer. */
  async ask(request: LookRequest): Promise<Outcome | null> {
    if (this.#gone !== null) return null;
    return this.#connection.request(request).outcome;
  }

  /** Show what is found above these thresholds: the newest ones win, none wait behind each other. */
  filterFound(thresholds: Omit<FilterFound, "kind">): void {
    this.#filter.push({ kind: "filter_found", ...thresholds });
  }

  /** Are thresholds on their way? */
  get isFiltering(): boolean {
    return this.#filter.busy;
  }

  /** Is another image on its way? */
  get isTurning(): boolean {
    return this.#turns.size > 0;
  }

  /** Which image one is at, or on the way to. */
  get index(): number {
    const { images } = this.store;
    return [...this.#turns.values()].filter((at) => at !== null).at(-1) ?? images?.index ?? 0;
  }

  /** Turn to another image of the list; nothing happens where there is none. */
  goTo(index: number): void {
    const { images } = this.store;
    if (!images || !hasImage(images, index) || index === this.index) return;
    void this.#turn({ kind: "go_to_image", index }, index);
  }

  /** Say that the present image is done, and turn to the next one. */
  finish(mark: FinishImage["mark"]): void {
    if (!this.isTurning) void this.#turn({ kind: "finish_image", mark }, null);
  }

  /** A preview on its way is not wanted any more: let the kernel skip it if it still can. */
  cancelPreview(): void {
    if (this.#previewSeq === null) return;
    const request: Request = { kind: "cancel", target_seq: this.#previewSeq };
    this.#previewSeq = null;
    this.#connection.request(request, { timeoutMs: PREVIEW_TIMEOUT_MS });
  }

  dispose(): void {
    this.#saver.flush();
    this.#presence.dispose();
    this.#stopFollowing();
    this.#connection.dispose();
    this.overlay.dispose();
    this.scale.dispose();
    this.picture.dispose();
    this.thumbnails.dispose();
    this.store.dispose();
    this.#painters.clear();
  }

  // ------------------------------------------------------------------------- with the kernel

  async #turn(request: Request, index: number | null): Promise<void> {
    const turn = Symbol();
    const sent = this.send(request); // edits before it are on their way
    this.#turns.set(turn, index);
    this.store.touch();
    await sent;
    this.#turns.delete(turn);
    this.store.touch();
  }

  async #fetchThumbnail(index: number): Promise<ThumbnailReply | null> {
    if (this.#gone !== null) return null;
    const result = await this.#connection.request({ kind: "fetch_thumbnail", index }).outcome;
    return result.kind === "thumbnail" ? result : null;
  }

  #receive(update: Update): void {
    const before = this.store.state;
    this.store.receive(update);
    if (this.store.isStale) this.#refresh();
    if (this.store.state !== before) this.#saver.schedule();
  }

  #end(result: Outcome): void {
    const { seq } = result;
    if (seq === null) return;
    switch (result.kind) {
      case "done":
      case "preview":
      case "patch":
      case "channels":
      case "picture":
      case "thumbnail":
        this.store.end(seq, { kind: "done" });
        break;
      case "cancelled":
        this.store.end(seq, { kind: "gone" });
        break;
      case "error":
        this.store.end(seq, { kind: "failed", message: result.message });
        break;
      case "lost":
        // What became of the kernel has been told already.
        if (this.#gone !== null) this.store.end(seq, { kind: "gone" });
        else this.store.end(seq, { kind: "failed", message: result.message });
        break;
      default:
        result satisfies never;
    }
  }

  /** Ask for everything unless the kernel's state is the one held here. No answer is no trouble. */
  #refresh(): void {
    if (this.#isRefreshing || this.#gone !== null) return;
    this.#isRefreshing = true;
    const { revision } = this.store.state;
    this.#connection.request(
      { kind: "refresh", revision },
      {
        onOutcome: () => {
          this.#isRefreshing = false;
          this.store.caughtUp();
        },
      },
    );
  }

  /** A kernel that nobody watched tells nothing, so ask what has happened when the first view comes. */
  #reportViews(count: number): void {
    if (this.#gone !== null) return;
    this.#connection.request({ kind: "report_views", count });
    if (count > 0) this.#refresh();
  }

  /** Not the end of the views: the page may only be loaded again. */
  #leavePage(): void {
    if (this.#gone === null) this.#connection.request({ kind: "leave_page" });
  }

  #lose(text: string): void {
    if (this.#gone !== null) return;
    this.#gone = text;
    this.#connection.loseAll(text);
    this.store.setReadOnly(true);
    this.store.notify(text);
  }

  #isWorking(): boolean {
    const { status, state } = this.store;
    const isAtWork = status.phase === "loading" || status.phase === "embedding";
    const quietMs = performance.now() - this.store.statusChangedAt;
    return (isAtWork || this.isTurning || isSearching(state.found)) && quietMs < SILENCE_MS;
  }

  readonly #followImage = (): void => {
    void this.picture.load(this.store.image);
  };

  readonly #repaint = (): void => {
    for (const painter of [...this.#painters]) painter();
  };
}

function initialState(host: HostModel): { snapshot: Snapshot; broken: string | null } {
  try {
    return { snapshot: readSnapshot(Saver.read(host)) ?? NOTHING, broken: null };
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return { snapshot: NOTHING, broken: brokenText(error) };
  }
}
