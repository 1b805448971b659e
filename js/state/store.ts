// The state as the kernel has told it, plus what is still on its way to the kernel.

import type {
  ImageState,
  ImagesState,
  ObjectState,
  Request,
  Snapshot,
  Status,
  Update,
} from "../contract/protocol";
import { isEdit, type Shown } from "./optimism";
import { PendingEdits } from "./pending";
import { applyUpdate } from "./updates";

export interface Notice {
  text: string;
  /** "request": an own request failed, the next success takes it away; "kernel": stays. */
  origin: "request" | "kernel";
}

/** How a request ended, as far as the screen cares. */
export type Ending = { kind: "done" } | { kind: "gone" } | { kind: "failed"; message: string };

/** A request that has waited that long is worth a word in the status line. */
const SLOW_MS = 1200;

export class Store {
  readonly #listeners = new Set<() => void>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #pending: PendingEdits;
  #state: Snapshot;
  #notice: Notice | null = null;
  #slow = new Set<number>();
  #statusChangedAt = 0;
  #isStale = false;
  #isReadOnly = false;

  constructor(state: Snapshot) {
    this.#state = state;
    this.#pending = new PendingEdits(state);
    this.#noticePhase();
  }

  /** Everything as the kernel has told it. */
  get state(): Snapshot {
    return this.#state;
  }

  get image(): ImageState | null {
    return this.#state.image;
  }

  /** The list of images, if there is one. */
  get images(): ImagesState | null {
    return this.#state.images;
  }

  get status(): Status {
    return this.#state.status;
  }

  get notice(): Notice | null {
    return this.#notice;
  }

  /** Has a request been waiting for its reply for long? */
  get slow(): boolean {
    return this.#slow.size > 0;
  }

  /** Is an edit on its way that the kernel has not answered? */
  get waiting(): boolean {
    return this.#pending.isWaiting;
  }

  /** The objects as the kernel has them. */
  get objects(): readonly ObjectState[] {
    return this.#state.objects;
  }

  /** When the kernel last told how far it is, on performance.now()'s clock. */
  get statusChangedAt(): number {
    return this.#statusChangedAt;
  }

  /** Is an update missing, so that the state is older than the kernel's? */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** There is no kernel any more that could carry out an edit. */
  get isReadOnly(): boolean {
    return this.#isReadOnly;
  }

  /** Draft, objects and controls with the edits that are on their way. */
  get shown(): Shown {
    return this.#pending.shown;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** The kernel tells what changed; see `isStale` for whether something before it is missing. */
  receive(update: Update): void {
    const before = this.#state;
    const next = applyUpdate(before, update);
    if (next === before) return;
    if (!next) {
      this.#isStale = true;
      return;
    }
    this.#state = next;
    if (next.found !== before.found) this.#statusChangedAt = performance.now();
    this.#pending.rebase(next);
    if (this.#isStale) this.#pending.removeAnswered();
    this.#isStale = false;
    if (next.status !== before.status) this.#noticePhase();
    this.#emit();
  }

  /** The kernel was asked for what is missing and has answered. */
  caughtUp(): void {
    if (!this.#isStale) return;
    this.#isStale = false;
    this.#pending.removeAnswered();
    this.#emit();
  }

  /** A request was sent: show its effect until the kernel answers. */
  begin(seq: number, request: Request): void {
    if (!isEdit(request)) return;
    this.#pending.add(seq, request);
    this.#later(SLOW_MS, () => {
      if (!this.#pending.isOpen(seq)) return;
      this.#slow.add(seq);
      this.#emit();
    });
    this.#emit();
  }

  /** The request's reply came, or will not come any more. */
  end(seq: number, ending: Ending): void {
    this.#slow.delete(seq);
    if (ending.kind === "done") {
      if (this.#notice?.origin === "request") this.#notice = null;
    } else if (ending.kind === "failed") {
      this.#notice = { text: ending.message, origin: "request" };
    }
    if (ending.kind === "done" && this.#isStale) this.#pending.answer(seq);
    else this.#pending.remove(seq);
    this.#emit();
  }

  /** Whether edits can be made. */
  setReadOnly(isReadOnly: boolean): void {
    if (this.#isReadOnly === isReadOnly) return;
    this.#isReadOnly = isReadOnly;
    this.#emit();
  }

  /** What the screen shows beside the state has changed. */
  touch(): void {
    this.#emit();
  }

  notify(text: string): void {
    this.#notice = { text, origin: "kernel" };
    this.#emit();
  }

  dismissNotice(): void {
    this.#notice = null;
    this.#emit();
  }

  dispose(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#listeners.clear();
  }

  #noticePhase(): void {
    this.#statusChangedAt = performance.now();
    const { phase, message } = this.#state.status;
    if (phase === "error")
      this.#notice = { text: message || "Something failed.", origin: "kernel" };
  }

  #later(delayMs: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delayMs);
    this.#timers.add(timer);
  }

  #emit(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
