import { type Layer, PIXELATED_FROM, useImageFrame } from "./scene";

export const drawImage: Layer = (ctx, scene, viewport) => {
  if (!scene.picture) return;
  useImageFrame(ctx, scene, viewport);
  ctx.imageSmoothingEnabled = viewport.scale < PIXELATED_FROM;
  ctx.imageSmoothingQuality = "medium";
  ctx.drawImage(scene.picture, 0, 0, viewport.imageWidth, viewport.imageHeight);
};
