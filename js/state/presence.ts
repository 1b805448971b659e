// Tells the kernel how many views of the widget this page shows, so that it can let go of one that
// nobody sees or holds.

/** A view that is moved or drawn anew is gone for a moment only. */
const SETTLE_MS = 250;

export class Presence {
  readonly #report: (count: number) => void;
  #count = 0;
  #reported = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(report: (count: number) => void) {
    this.#report = report;
  }

  get count(): number {
    return this.#count;
  }

  /** A view is there; gives what takes it away. */
  enter(): () => void {
    this.#change(1);
    let isThere = true;
    return () => {
      if (isThere) this.#change(-1);
      isThere = false;
    };
  }

  /** No view is left, and none will come. */
  dispose(): void {
    this.#count = 0;
    this.#tell();
  }

  #change(by: number): void {
    this.#count += by;
    if (this.#reported === 0) {
      this.#tell();
    } else {
      this.#timer ??= setTimeout(() => this.#tell(), SETTLE_MS);
    }
  }

  #tell(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#count === this.#reported) return;
    this.#reported = this.#count;
    this.#report(this.#count);
  }
}
