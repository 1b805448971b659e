import { scaleBar } from "../frame/scalebar";
import { type Layer, useViewFrame } from "./scene";

const MOST_PX = 140;
const MARGIN_PX = 12;
const LINE_PX = 4;

/** In the lower left corner, where a pixel's size is known: light on a dark rim, for any picture. */
export const drawScaleBar: Layer = (ctx, scene, viewport) => {
  const { pixelScale } = scene;
  if (pixelScale.size === null) return;
  const most = Math.min(MOST_PX, viewport.viewWidth / 3);
  const bar = scaleBar(viewport.scale / pixelScale.size, pixelScale.unit, most);
  if (!bar) return;
  useViewFrame(ctx, scene);
  const x = MARGIN_PX;
  const y = viewport.viewHeight - MARGIN_PX - LINE_PX;
  ctx.fillStyle = "rgba(0, 0, 0, 0.65)";
  ctx.fillRect(x - 1.5, y - 1.5, bar.length + 3, LINE_PX + 3);
  ctx.fillStyle = "#fff";
  ctx.fillRect(x, y, bar.length, LINE_PX);
  ctx.font = "600 12px system-ui, sans-serif";
  ctx.textAlign = "center";
  ctx.textBaseline = "bottom";
  ctx.setLineDash([]);
  ctx.lineJoin = "round";
  ctx.lineWidth = 3;
  ctx.strokeStyle = "rgba(0, 0, 0, 0.65)";
  ctx.strokeText(bar.text, x + bar.length / 2, y - 3);
  ctx.fillText(bar.text, x + bar.length / 2, y - 3);
};
