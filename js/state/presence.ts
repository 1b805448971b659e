// Tells the kernel how many views of the widget this page shows, so that it can let go of one that
// nobody sees or holds.

/** A view that is moved or drawn anew is gone for a moment only. */
const SETTLE_MS = 250;

export class Presence {
  readonly #report: (count: number) => void;
  readonly #leave: () => void;
  #count = 0;
  #reported = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `leave` is called when the page goes, which nobody can tell from its being loaded again. */
  constructor(report: (count: number) => void, leave: () => void) {
    this.#report = report;
    this.#leave = leave;
    addEventListener("pagehide", this.#hide);
    addEventListener("pageshow", this.#show);
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
    removeEventListener("pagehide", this.#hide);
    removeEventListener("pageshow", this.#show);
    this.#count = 0;
    this.#tell();
  }

  readonly #hide = (): void => {
    if (this.#reported > 0) this.#leave();
  };

  /** A page that was only put aside is back. */
  readonly #show = ({ persisted }: PageTransitionEvent): void => {
    if (persisted && this.#reported > 0) this.#report(this.#reported);
  };

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
