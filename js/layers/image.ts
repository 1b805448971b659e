import { type Layer, useImageFrame } from "./scene";

/** From this zoom on the picture's pixels are shown as squares. */
const PIXELATED_FROM = 4;

export const drawImage: Layer = (ctx, scene, viewport) => {
  if (!scene.picture) return;
  useImageFrame(ctx, scene, viewport);
  ctx.imageSmoothingEnabled = viewport.scale < PIXELATED_FROM;
  ctx.imageSmoothingQuality = "medium";
  ctx.drawImage(scene.picture, 0, 0, viewport.imageWidth, viewport.imageHeight);
};
