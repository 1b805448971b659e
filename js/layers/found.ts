import type { FoundMask } from "../contract/protocol";
import type { Viewport } from "../frame/viewport";
import type { Look } from "../state/look";
import { drawMask, type MaskStyle, seen, useImageClip, white } from "./masks";
import type { Layer, Scene } from "./scene";

interface Drawn {
  readonly canvas: HTMLCanvasElement;
  found: readonly FoundMask[] | null;
  viewport: Viewport | null;
  look: Look | null;
}

/** By the view's canvas: all masks but the lit one, for the next frames of the same view. */
const drawnFor = new WeakMap<HTMLCanvasElement, Drawn>();

/** What a search has found, the largest below; the one under the pointer is lit. */
export const drawFound: Layer = (ctx, scene, viewport) => {
  const { found, lit } = scene;
  if (found.length === 0 || scene.look.masksHidden) {
    drawnFor.delete(ctx.canvas);
    return;
  }
  // Hundreds of outlines take longer than a frame, and a pointer that moves changes one of them.
  const all = drawAll(ctx.canvas, scene, viewport);
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  if (all) ctx.drawImage(all, 0, 0);
  else drawQuiet(ctx, scene, viewport);
  if (!lit) return;
  ctx.save();
  useImageClip(ctx, scene, viewport);
  drawMask(ctx, lit.field, viewport, seen(bright(lit.color), scene.look));
  ctx.restore();
};

function drawAll(
  view: HTMLCanvasElement,
  scene: Scene,
  viewport: Viewport,
): HTMLCanvasElement | null {
  const { width, height } = view;
  const drawn = drawnFor.get(view) ?? {
    canvas: document.createElement("canvas"),
    found: null,
    viewport: null,
    look: null,
  };
  const { canvas } = drawn;
  const { found, look } = scene;
  const isSameSize = canvas.width === width && canvas.height === height;
  const isSameScene = drawn.found === found && drawn.viewport === viewport && drawn.look === look;
  if (isSameSize && isSameScene) return canvas;
  const context = canvas.getContext("2d");
  if (!context) return null;
  canvas.width = width; // which clears it, too
  canvas.height = height;
  drawQuiet(context, scene, viewport);
  drawnFor.set(view, Object.assign(drawn, { found, viewport, look }));
  return canvas;
}

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
