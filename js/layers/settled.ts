// The picture of a view at rest, scaled once: to scale a large one takes longer than all else in a frame.

import type { Viewport } from "../frame/viewport";
import { areSame, clearedContext } from "./offscreen";
import type { Scene } from "./scene";

interface Settled {
  /** What the last frame was drawn from. */
  key: readonly unknown[];
  /** What it looked like, once a second frame has asked for the same. */
  canvas: HTMLCanvasElement | null;
  isDrawn: boolean;
}

/** By the view's canvas. */
const settledFor = new WeakMap<HTMLCanvasElement, Settled>();

/** Draw by `draw`, or what that has drawn for the frame before where nothing is different. */
export function drawSettled(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  viewport: Viewport,
  draw: (context: CanvasRenderingContext2D) => void,
): void {
  const { width, height } = ctx.canvas;
  const settled = settledFor.get(ctx.canvas) ?? { key: [], canvas: null, isDrawn: false };
  settledFor.set(ctx.canvas, settled);
  const key = [scene.picture, viewport, scene.pixelRatio, width, height, scene.detail];
  if (!areSame(key, settled.key)) {
    settled.key = key;
    settled.isDrawn = false;
    draw(ctx); // it moves: the next frame is another one
    return;
  }
  settled.canvas ??= document.createElement("canvas");
  const { canvas } = settled;
  if (!settled.isDrawn) {
    const context = clearedContext(canvas, width, height);
    if (!context) {
      draw(ctx);
      return;
    }
    draw(context);
    settled.isDrawn = true;
  }
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.drawImage(canvas, 0, 0);
}
