import { toView } from "../frame/viewport";
import { drawBox } from "./prompts";
import { type Layer, useViewFrame } from "./scene";

/** The rubber band of a box that is being drawn. */
export const drawCursor: Layer = (ctx, scene, viewport) => {
  const { rubberBand: box } = scene;
  if (!box) return;
  useViewFrame(ctx, scene);
  const color = scene.shown.controls.draft_color;
  const a = toView(viewport, { x: box[0], y: box[1] });
  const b = toView(viewport, { x: box[2], y: box[3] });
  ctx.setLineDash([]);
  ctx.globalAlpha = 0.12;
  ctx.fillStyle = color;
  ctx.fillRect(a.x, a.y, b.x - a.x, b.y - a.y);
  ctx.globalAlpha = 1;
  drawBox(ctx, box, viewport, color);
};
