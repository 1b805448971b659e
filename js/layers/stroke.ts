import { toView } from "../frame/viewport";
import { NEGATIVE, POSITIVE } from "./prompts";
import { type Layer, useViewFrame } from "./scene";

/** The scribble that is being drawn, in the colour of its points. */
export const drawStroke: Layer = (ctx, scene, viewport) => {
  const { stroke } = scene;
  if (!stroke) return;
  useViewFrame(ctx, scene);
  ctx.setLineDash([]);
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  ctx.beginPath();
  for (const [index, point] of stroke.path.entries()) {
    const { x, y } = toView(viewport, point);
    if (index === 0) ctx.moveTo(x, y);
    else ctx.lineTo(x, y);
  }
  for (const [color, width] of [
    ["rgba(255, 255, 255, 0.9)", 7],
    [stroke.label === 1 ? POSITIVE : NEGATIVE, 4],
  ] as const) {
    ctx.strokeStyle = color;
    ctx.lineWidth = width;
    ctx.stroke();
  }
};
