import { PIXELATED_FROM, type Viewport } from "../frame/viewport";
import { drawDetail, pictureWidth } from "./detail";
import { type Layer, type Scene, useImageFrame } from "./scene";
import { drawSettled } from "./settled";
import { drawToned } from "./toned";

export const drawImage: Layer = (ctx, scene, viewport) => {
  if (!scene.picture) return;
  if (scene.toneTable) drawToned(ctx, scene, viewport, (to) => drawPlain(to, scene, viewport));
  else drawSettled(ctx, scene, viewport, (to) => drawPlain(to, scene, viewport));
};

function drawPlain(ctx: CanvasRenderingContext2D, scene: Scene, viewport: Viewport): void {
  if (!scene.picture) return;
  useImageFrame(ctx, scene, viewport);
  // Squares are pixels of the image: a smaller picture has none of them.
  const isSmaller = (pictureWidth(scene.picture) ?? viewport.imageWidth) < viewport.imageWidth;
  ctx.imageSmoothingEnabled = isSmaller || viewport.scale < PIXELATED_FROM;
  ctx.imageSmoothingQuality = "medium";
  ctx.drawImage(scene.picture, 0, 0, viewport.imageWidth, viewport.imageHeight);
  drawDetail(ctx, scene, viewport);
}
