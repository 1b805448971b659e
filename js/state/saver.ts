// Keeps the synced trait of this page's model up to date, without a word to the kernel: a notebook
// saved with its widgets' state, and a model that another view or a hot reload makes of it, show
// what is there now.

import type { Snapshot, SyncedState } from "../contract/protocol";

/** The part of a widget model that carries synced traits. */
export interface TraitHost {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
}

const NAME: keyof SyncedState = "_state";
const IDLE_MS = 500;

export class Saver {
  readonly #host: TraitHost;
  readonly #read: () => Snapshot;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(host: TraitHost, read: () => Snapshot) {
    this.#host = host;
    this.#read = read;
  }

  /** The state as the host has it. */
  static read(host: TraitHost): unknown {
    return host.get(NAME);
  }

  /** The state has changed: keep it when nothing has happened for a while. */
  schedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), IDLE_MS);
  }

  /** Keep now what was to be kept later. */
  flush(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    try {
      this.#host.set(NAME, this.#read());
    } catch {
      // A host that lets nobody set: it keeps what it had.
    }
  }
}
