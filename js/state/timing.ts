// How long a person waits, as performance measures: from the event to the frame that answers it.

import type { LevelField } from "../contract/protocol";

const CLICK = "samwidget:click-to-paint";
const PREVIEW = "samwidget:move-to-preview";
/** So many measures of a name are kept at most: the browser would keep them for ever. */
const KEPT = 1000;

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
    measureToScreen(CLICK, start);
  }
}

export class MoveToPreview {
  #field: LevelField | null = null;

  /** A frame with the preview `field` of where the pointer was at `startedAt` has just been drawn. */
  drawn(field: LevelField | null, startedAt: number): void {
    if (field !== null && field !== this.#field) measureToScreen(PREVIEW, startedAt);
    this.#field = field;
  }
}

/** The frame reaches the screen after this task. */
function measureToScreen(name: string, start: number): void {
  setTimeout(() => {
    if (performance.getEntriesByName(name).length >= KEPT) performance.clearMeasures(name);
    performance.measure(name, { start, end: performance.now() });
  }, 0);
}
