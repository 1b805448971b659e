import { PIXELATED_FROM } from "../frame/viewport";
import { type Layer, useImageFrame } from "./scene";

/** The user's own canvases, stretched over the image frame. */
export const drawOverlay: Layer = (ctx, scene, viewport) => {
  if (scene.overlays.length === 0) return;
  useImageFrame(ctx, scene, viewport);
  ctx.imageSmoothingEnabled = viewport.scale < PIXELATED_FROM;
  for (const canvas of scene.overlays) {
    ctx.drawImage(canvas, 0, 0, viewport.imageWidth, viewport.imageHeight);
  }
};
