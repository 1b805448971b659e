/**
 * Runs one job at a time and keeps only the newest value that came meanwhile: what hover needs.
 *
 * `run` must settle in the end, whatever happens; a rejection only frees the place.
 */
export class LatestWins<T> {
  readonly #run: (value: T) => Promise<void>;
  readonly #onIdle: () => void;
  #busy = false;
  #waiting: { value: T } | null = null;

  constructor(run: (value: T) => Promise<void>, onIdle: () => void = () => {}) {
    this.#run = run;
    this.#onIdle = onIdle;
  }

  get busy(): boolean {
    return this.#busy;
  }

  push(value: T): void {
    this.#waiting = { value };
    if (!this.#busy) void this.#work();
  }

  /** Forget the value that waits; the one in flight ends by itself. */
  drop(): void {
    this.#waiting = null;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#waiting) {
      const { value } = this.#waiting;
      this.#waiting = null;
      try {
        await this.#run(value);
      } catch {
        // `run` reports its own failures; the queue goes on.
      }
    }
    this.#busy = false;
    this.#onIdle();
  }
}
