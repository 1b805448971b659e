// The values under the pointer, as the kernel has them: asked for a patch at a time, when it rests.

import type { PatchReply } from "../contract/protocol";
import type { Point } from "../frame/viewport";
import { LatestWins } from "./latest";

/** Some values, and whether they are integers. */
export interface PixelValue {
  readonly values: readonly number[];
  readonly isWhole: boolean;
}

export interface PixelValuesActions {
  ask(x: number, y: number): Promise<PatchReply | null>;
  /** Values have come. */
  onChange(): void;
}

/** A pointer that moves on within this time asks for nothing: previews go first. */
const REST_MS = 80;

export class PixelValues {
  readonly #actions: PixelValuesActions;
  readonly #latest: LatestWins<Point>;
  #patch: PatchReply | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Counts the pictures: an answer about the one before says nothing. */
  #generation = 0;

  constructor(actions: PixelValuesActions, signal: AbortSignal) {
    this.#actions = actions;
    this.#latest = new LatestWins((at) => this.#ask(at));
    signal.addEventListener("abort", () => this.#stop());
  }

  /** The values of the pixel that holds this place of the image; null until they are known. */
  at({ x, y }: Point): PixelValue | null {
    const column = Math.floor(x);
    const row = Math.floor(y);
    const known = valueIn(this.#patch, column, row);
    this.#stop();
    if (!known) {
      this.#timer = setTimeout(() => this.#latest.push({ x: column, y: row }), REST_MS);
    }
    return known;
  }

  /** It is nowhere on the image. */
  leave(): void {
    this.#stop();
  }

  /** There is another picture. */
  reset(): void {
    this.#stop();
    this.#generation++;
    this.#patch = null;
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#latest.drop();
  }

  async #ask(at: Point): Promise<void> {
    const generation = this.#generation;
    const patch = await this.#actions.ask(at.x, at.y);
    if (!patch || generation !== this.#generation) return;
    this.#patch = patch;
    this.#actions.onChange();
  }
}

/** The values of a pixel; null where the patch does not reach. */
export function valueIn(patch: PatchReply | null, column: number, row: number): PixelValue | null {
  if (!patch) return null;
  const [i, j] = [column - patch.x, row - patch.y];
  if (i < 0 || j < 0 || i >= patch.width || j >= patch.height) return null;
  const from = 4 * patch.channels * (j * patch.width + i);
  const values = Array.from({ length: patch.channels }, (_, channel) =>
    patch.data.getFloat32(from + 4 * channel, true),
  );
  return { values, isWhole: patch.is_whole };
}
