import { drawMask, type MaskStyle, useImageClip, white } from "./masks";
import type { Layer } from "./scene";

/** What a search has found, the largest below; the one under the pointer is lit. */
export const drawFound: Layer = (ctx, scene, viewport) => {
  const { found, lit } = scene;
  if (found.length === 0) return;
  ctx.save();
  useImageClip(ctx, scene, viewport);
  for (const mask of [...found].reverse()) {
    if (mask !== lit) drawMask(ctx, mask.field, viewport, quiet(mask.color));
  }
  if (lit) drawMask(ctx, lit.field, viewport, bright(lit.color));
  ctx.restore();
};

function quiet(color: string): MaskStyle {
  return { color, fill: 0.3, line: 1.25, casing: [[white(0.35), 2.5]], dash: [] };
}

function bright(color: string): MaskStyle {
  const casing = [
    ["rgba(0, 0, 0, 0.4)", 7],
    [white(1), 5.5],
  ] as const;
  return { color, fill: 0.5, line: 2.25, casing, dash: [] };
}
