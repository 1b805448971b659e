import type { Viewport } from "../frame/viewport";
import { CachedLayer } from "./cached";
import { drawMask, type MaskStyle, seen, useImageClip, white } from "./masks";
import type { Layer, Scene } from "./scene";

/** All masks but the lit one: a pointer that moves changes one of hundreds. */
const cached = new CachedLayer();

/** What a search has found, the largest below; the one under the pointer is lit. */
export const drawFound: Layer = (ctx, scene, viewport) => {
  const { found, lit } = scene;
  if (found.length === 0 || scene.look.masksHidden) {
    cached.forget(ctx.canvas);
    return;
  }
  cached.draw(ctx, scene, viewport, [found, scene.look], (to) => drawQuiet(to, scene, viewport));
  if (!lit) return;
  ctx.save();
  useImageClip(ctx, scene, viewport);
  drawMask(ctx, lit.field, viewport, seen(bright(lit.color), scene.look));
  ctx.restore();
};

function drawQuiet(ctx: CanvasRenderingContext2D, scene: Scene, viewport: Viewport): void {
  ctx.save();
  useImageClip(ctx, scene, viewport);
  for (const mask of [...scene.found].reverse()) {
    drawMask(ctx, mask.field, viewport, seen(quiet(mask.color), scene.look));
  }
  ctx.restore();
}

function quiet(color: string): MaskStyle {
  return { color, fill: 0.3, line: 1.25, casing: [[white(0.35), 2.5]], dash: [] };
}

function bright(color: string): MaskStyle {
  const casing = [
    ["rgba(0, 0, 0, 0.4)", 7],
    [white(1), 5.5],
  ] as const;
  return { color, fill: 0.24, line: 2.25, casing, dash: [] };
}
