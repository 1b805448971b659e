import type { Viewport } from "../frame/viewport";
import { type Layer, PIXELATED_FROM, type Scene, useImageFrame } from "./scene";
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
  ctx.imageSmoothingEnabled = viewport.scale < PIXELATED_FROM;
  ctx.imageSmoothingQuality = "medium";
  ctx.drawImage(scene.picture, 0, 0, viewport.imageWidth, viewport.imageHeight);
}
