import { toView } from "../frame/viewport";
import { type Layer, useViewFrame } from "./scene";

const GAP_PX = 4;
const ARM_PX = 13;

/** Where the keys would click: a cross with an open middle, ringed while it holds something. */
export const drawKeyCursor: Layer = (ctx, scene, viewport) => {
  const { keyCursor } = scene;
  if (!keyCursor) return;
  useViewFrame(ctx, scene);
  const { x, y } = toView(viewport, keyCursor.at);
  ctx.setLineDash([]);
  ctx.lineCap = "round";
  for (const [color, width] of [
    ["rgba(0, 0, 0, 0.75)", 4.5],
    [keyCursor.isHeld ? "#ffd43b" : "#fff", 2],
  ] as const) {
    ctx.strokeStyle = color;
    ctx.lineWidth = width;
    ctx.beginPath();
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      ctx.moveTo(x + dx * GAP_PX, y + dy * GAP_PX);
      ctx.lineTo(x + dx * ARM_PX, y + dy * ARM_PX);
    }
    ctx.stroke();
    if (!keyCursor.isHeld) continue;
    ctx.beginPath();
    ctx.arc(x, y, ARM_PX + 3, 0, 2 * Math.PI);
    ctx.stroke();
  }
};
