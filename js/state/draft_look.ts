// How one view shows the draft: a border that is being moved, a candidate that is looked at, heat.

import type { LevelField } from "../contract/protocol";
import type { Shown } from "./optimism";
import { peeking, withThreshold } from "./threshold";

export class DraftLook {
  readonly #onChange: () => void;
  #heat = false;
  #threshold: number | null = null;
  #peeked: LevelField | null = null;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Are probabilities shown as colours instead of masks? */
  get heat(): boolean {
    return this.#heat;
  }

  toggleHeat(): void {
    this.#heat = !this.#heat;
    this.#onChange();
  }

  /** A slider that is held has the border here, in logits; null when it is let go. */
  hold(threshold: number | null): void {
    this.#threshold = threshold;
    this.#onChange();
  }

  /** The pointer is on this candidate; null when on none. */
  peek(field: LevelField | null): void {
    this.#peeked = field;
    this.#onChange();
  }

  /** The state with the border where it is held. */
  held(shown: Shown): Shown {
    if (this.#threshold === null) return shown;
    return { ...shown, draft: withThreshold(shown.draft, this.#threshold) };
  }

  /** The state as the picture shows it. */
  shown(shown: Shown): Shown {
    return peeking(this.held(shown), this.#heat ? null : this.#peeked);
  }
}
