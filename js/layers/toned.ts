// The picture through a table of bytes: only what is seen, in the pixels of the screen.

import { applyTable } from "../frame/tone";
import { toView, type Viewport } from "../frame/viewport";
import { areSame, clearedContext } from "./offscreen";
import type { Scene } from "./scene";

interface Toned {
  readonly canvas: HTMLCanvasElement;
  key: readonly unknown[];
}

/** By the view's canvas: its picture, for the next frames with the same one. */
const tonedFor = new WeakMap<HTMLCanvasElement, Toned>();

/** Draw by `draw` what is to be put through the table; then draw the outcome. */
export function drawToned(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  viewport: Viewport,
  draw: (context: CanvasRenderingContext2D) => void,
): void {
  const { width, height } = ctx.canvas;
  const toned = tonedFor.get(ctx.canvas) ?? { canvas: document.createElement("canvas"), key: [] };
  tonedFor.set(ctx.canvas, toned);
  const { canvas } = toned;
  const key = [scene.picture, scene.toneTable, viewport, width, height, scene.detail];
  if (!areSame(key, toned.key)) {
    if (!scene.toneTable) return;
    const context = clearedContext(canvas, width, height, { willReadFrequently: true });
    if (!context) return;
    draw(context);
    const [x, y, w, h] = seenPixels(scene, viewport, width, height);
    if (w > 0 && h > 0) {
      const pixels = context.getImageData(x, y, w, h);
      applyTable(pixels.data, scene.toneTable);
      context.putImageData(pixels, x, y);
    }
    toned.key = key;
  }
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.drawImage(canvas, 0, 0);
}

/** Where the picture is on the canvas: x, y, width, height in its pixels. */
function seenPixels(
  { pixelRatio }: Scene,
  viewport: Viewport,
  width: number,
  height: number,
): [number, number, number, number] {
  const from = toView(viewport, { x: 0, y: 0 });
  const to = toView(viewport, { x: viewport.imageWidth, y: viewport.imageHeight });
  const x1 = Math.max(0, Math.floor(from.x * pixelRatio));
  const y1 = Math.max(0, Math.floor(from.y * pixelRatio));
  const x2 = Math.min(width, Math.ceil(to.x * pixelRatio));
  const y2 = Math.min(height, Math.ceil(to.y * pixelRatio));
  return [x1, y1, x2 - x1, y2 - y1];
}
