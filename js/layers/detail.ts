// The finer parts of a large image, over the picture of all of it.

import { isStretched } from "../frame/detail";
import { PIXELATED_FROM, toView, type Viewport } from "../frame/viewport";
import type { Scene } from "./scene";

/** Parts with so many pixels for one of the screen, along a side, are too fine to be drawn. */
const FINEST = 4;

export function drawDetail(
  ctx: CanvasRenderingContext2D,
  { detail, picture, pixelRatio }: Scene,
  viewport: Viewport,
): void {
  const width = picture && pictureWidth(picture);
  if (!width || !isStretched(viewport, pixelRatio, width)) return;
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.imageSmoothingEnabled = viewport.scale < PIXELATED_FROM;
  ctx.imageSmoothingQuality = "medium";
  for (const part of detail.parts) {
    if (part.reduce * viewport.scale * pixelRatio * FINEST <= 1) continue;
    const from = toView(viewport, part);
    const to = toView(viewport, { x: part.x + part.width, y: part.y + part.height });
    // At whole pixels of the screen, so that nothing is seen between one part and the next.
    const x = Math.round(from.x * pixelRatio);
    const y = Math.round(from.y * pixelRatio);
    const w = Math.round(to.x * pixelRatio) - x;
    const h = Math.round(to.y * pixelRatio) - y;
    const isSeen = x + w > 0 && y + h > 0 && x < ctx.canvas.width && y < ctx.canvas.height;
    if (isSeen) ctx.drawImage(part.bitmap, x, y, w, h);
  }
}

/** How many pixels wide a picture is; null where nobody knows. */
export function pictureWidth(picture: CanvasImageSource): number | null {
  return "width" in picture && typeof picture.width === "number" ? picture.width : null;
}
