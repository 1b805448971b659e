// performance.measure("samwidget:click-to-paint"): from the click to the frame with its mask.

import type { LevelField } from "../contract/protocol";

const NAME = "samwidget:click-to-paint";

export class ClickToPaint {
  #start: number | null = null;
  #fieldBefore: LevelField | null = null;

  /** A prompt was given at `startedAt`, on performance.now()'s clock, over the mask `field`. */
  clicked(startedAt: number, field: LevelField | null): void {
    this.#start = startedAt;
    this.#fieldBefore = field;
  }

  /** A frame with the draft's mask `field` has just been drawn. */
  drawn(field: LevelField | null): void {
    if (this.#start === null || field === null || field === this.#fieldBefore) return;
    const start = this.#start;
    this.#start = null;
    // The frame reaches the screen after this task.
    setTimeout(() => performance.measure(NAME, { start, end: performance.now() }), 0);
  }
}
