// The synced traits as the kernel wrote them, plus what is still on its way to the kernel.

import type {
  Controls,
  ImageState,
  ObjectState,
  Request,
  Status,
  SyncedState,
} from "../contract/protocol";
import { sameField } from "../frame/field";
import { applyRequest, EMPTY_DRAFT, isCaughtUp, type Pending, type Shown } from "./optimism";

/** The part of a widget model that carries synced traits. */
export interface TraitSource {
  get(name: string): unknown;
  on(event: `change:${string}`, callback: () => void): void;
  off(event: `change:${string}`, callback: () => void): void;
}

export interface Notice {
  text: string;
  /** "request": an own request failed, the next success takes it away; "kernel": stays. */
  origin: "request" | "kernel";
}

/** How a request ended, as far as the screen cares. */
export type Ending = { kind: "done" } | { kind: "gone" } | { kind: "failed"; message: string };

const EMPTY_STATUS: Status = { phase: "empty", message: "", progress: null };
const EMPTY_CONTROLS: Controls = {
  tool: "positive",
  label: "",
  classes: [],
  selected: null,
  draft_color: "#1f77b4",
  can_undo: false,
  can_redo: false,
  model: "",
};

const NO_OBJECTS: ObjectState[] = [];

const TRAITS: Record<keyof SyncedState, true> = {
  _image: true,
  _status: true,
  _draft: true,
  _objects: true,
  _controls: true,
};

/** Some hosts hand the reply over before the state that was sent before it: wait that long. */
const LATE_STATE_MS = 80;
/** A request that has waited that long is worth a word in the status line. */
const SLOW_MS = 1200;

export class Store {
  readonly #source: TraitSource;
  readonly #listeners = new Set<() => void>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #handlers: (() => void)[] = [];
  #receivedObjects: ObjectState[] = NO_OBJECTS;
  #state: SyncedState;
  #pending: Pending[] = [];
  #shown: Shown | null = null;
  #notice: Notice | null = null;
  #slow = new Set<number>();
  #statusChangedAt = 0;

  constructor(source: TraitSource) {
    this.#source = source;
    this.#state = this.#read();
    this.#noticePhase();
    for (const name of Object.keys(TRAITS)) {
      const event = `change:${name}` as const;
      source.on(event, this.#refresh);
      this.#handlers.push(() => source.off(event, this.#refresh));
    }
  }

  get image(): ImageState | null {
    return this.#state._image;
  }

  get status(): Status {
    return this.#state._status;
  }

  get notice(): Notice | null {
    return this.#notice;
  }

  /** Has a request been waiting for its reply for long? */
  get slow(): boolean {
    return this.#slow.size > 0;
  }

  /** Is a request on its way whose effect the kernel has not confirmed? */
  get waiting(): boolean {
    return this.#pending.some((pending) => !pending.answered);
  }

  /** The objects as the kernel has them. */
  get objects(): readonly ObjectState[] {
    return this.#state._objects;
  }

  /** When the kernel last changed its status, on performance.now()'s clock. */
  get statusChangedAt(): number {
    return this.#statusChangedAt;
  }

  /** Draft, objects and controls with the requests that are on their way folded in. */
  get shown(): Shown {
    this.#shown ??= this.#pending.reduce((shown, { request }) => applyRequest(shown, request), {
      draft: this.#state._draft,
      objects: this.#state._objects,
      controls: this.#state._controls,
    });
    return this.#shown;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** A request was sent: show its effect until the kernel answers. */
  begin(seq: number, request: Request): void {
    const { _draft, _objects } = this.#state;
    this.#pending.push({ seq, request, answered: false, sentAt: { _draft, _objects } });
    this.#later(SLOW_MS, () => {
      if (this.#pending.some((pending) => pending.seq === seq && !pending.answered)) {
        this.#slow.add(seq);
        this.#emit();
      }
    });
    this.#emit();
  }

  /** The request's reply came, or will not come any more. */
  end(seq: number, ending: Ending): void {
    if (ending.kind === "done") {
      if (this.#notice?.origin === "request") this.#notice = null;
      this.#slow.delete(seq);
      for (const pending of this.#pending) if (pending.seq === seq) pending.answered = true;
      this.#later(LATE_STATE_MS, () => this.#forget(seq));
    } else if (ending.kind === "failed") {
      this.#notice = { text: ending.message, origin: "request" };
      this.#forget(seq);
    } else {
      this.#forget(seq);
    }
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
    for (const remove of this.#handlers) remove();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#listeners.clear();
  }

  readonly #refresh = (): void => {
    const before = this.#state;
    this.#state = this.#read(before);
    const { _draft, _objects, _status } = this.#state;
    this.#pending = this.#pending.filter((pending) => !isCaughtUp(pending, _draft, _objects));
    if (_status !== before._status) this.#noticePhase();
    this.#emit();
  };

  #noticePhase(): void {
    this.#statusChangedAt = performance.now();
    const { phase, message } = this.#state._status;
    if (phase === "error")
      this.#notice = { text: message || "Something failed.", origin: "kernel" };
  }

  #read(before?: SyncedState): SyncedState {
    const get = <K extends keyof SyncedState>(name: K, empty: SyncedState[K]): SyncedState[K] =>
      (this.#source.get(name) as SyncedState[K] | null | undefined) ?? empty;
    const received = get("_objects", NO_OBJECTS);
    const isNew = received !== this.#receivedObjects;
    this.#receivedObjects = received;
    return {
      _image: get("_image", null),
      _status: get("_status", EMPTY_STATUS),
      _draft: get("_draft", EMPTY_DRAFT),
      _objects: before && !isNew ? before._objects : shareFields(before?._objects ?? [], received),
      _controls: get("_controls", EMPTY_CONTROLS),
    };
  }

  #forget(seq: number): void {
    this.#slow.delete(seq);
    const rest = this.#pending.filter((pending) => pending.seq !== seq);
    if (rest.length === this.#pending.length) return;
    this.#pending = rest;
    this.#emit();
  }

  #later(delayMs: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delayMs);
    this.#timers.add(timer);
  }

  #emit(): void {
    this.#shown = null;
    for (const listener of [...this.#listeners]) listener();
  }
}

/**
 * The new list with the old list's field objects wherever the mask is the same.
 *
 * Every change of the trait brings all masks anew; outlines are cached by field object.
 */
export function shareFields(before: ObjectState[], after: ObjectState[]): ObjectState[] {
  const known = new Map(before.map((object) => [object.id, object.field]));
  return after.map((object) => {
    const field = known.get(object.id);
    return field && sameField(field, object.field) ? { ...object, field } : object;
  });
}
