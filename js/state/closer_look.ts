// Tells the kernel what is on the screen once it has come to rest, so that the model can look closer.

import type { BoxXYXY } from "../contract/protocol";
import { isFitView, toImage, type Viewport } from "../frame/viewport";
import { LatestWins } from "./latest";

/** The picture has not moved for so long. */
export const REST_MS = 300;

export interface View {
  view_xyxy: BoxXYXY;
  /** Pixels of the screen for a pixel of the image. */
  screen_scale: number;
}

export interface CloserLookActions {
  ask(view: View): Promise<unknown>;
  /** Can the kernel be asked at all? */
  canAsk(): boolean;
}

export class CloserLook {
  readonly #actions: CloserLookActions;
  readonly #latest: LatestWins<View>;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** The model may see a part of the image: going back to all of it is to be told, too. */
  #isClose = false;

  constructor(actions: CloserLookActions, signal: AbortSignal) {
    this.#actions = actions;
    this.#latest = new LatestWins(async (view) => {
      await actions.ask(view);
    });
    signal.addEventListener("abort", () => {
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#latest.drop();
    });
  }

  /** The picture has moved, or the kernel can be asked only now. */
  moved(viewport: Viewport, pixelRatio: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const isClose = !isFitView(viewport);
    if (!isClose && !this.#isClose) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#actions.canAsk()) return;
      this.#isClose = isClose;
      this.#latest.push(viewOf(viewport, pixelRatio));
    }, REST_MS);
  }
}

/** What a viewport shows of its image. */
export function viewOf(viewport: Viewport, pixelRatio: number): View {
  const { viewWidth, viewHeight } = viewport;
  const first = toImage(viewport, { x: 0, y: 0 });
  const last = toImage(viewport, { x: viewWidth, y: viewHeight });
  return {
    view_xyxy: [first.x, first.y, last.x, last.y],
    screen_scale: viewport.scale * pixelRatio,
  };
}
