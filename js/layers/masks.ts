import type { LevelField, ObjectState } from "../contract/protocol";
import { fieldPath } from "../frame/contour";
import type { Viewport } from "../frame/viewport";
import { fillOpacity, type Look } from "../state/look";
import { CachedLayer } from "./cached";
import { type Layer, type Scene, useImageFrame } from "./scene";

export interface MaskStyle {
  color: string;
  fill: number;
  /** Css pixels, whatever the zoom. */
  line: number;
  /** Wider lines below the coloured one, so that it shows on any picture: colour, css pixels. */
  casing: readonly (readonly [color: string, width: number])[];
  dash: readonly number[];
}

/** Committed objects, then the preview, then the draft on top. */
export const drawMasks: Layer = (ctx, scene, viewport) => {
  const { draft, objects, controls } = scene.shown;
  const { look } = scene;
  if (look.masksHidden) return;
  ctx.save();
  useImageClip(ctx, scene, viewport);
  const selected = new Set(controls.selection);
  const drawn = objects.filter(({ hidden }) => !hidden);
  drawPlain(
    ctx,
    scene,
    viewport,
    drawn.filter(({ id }) => !selected.has(id) && !look.cutout),
  );
  for (const { id, field, color } of drawn) {
    if (field && selected.has(id)) drawMask(ctx, field, viewport, seen(chosen(color), look));
  }
  const field = draft.field ?? (scene.previewTaken ? scene.preview : null);
  const style = (of: MaskStyle): MaskStyle => (scene.heat ? outlined(of) : seen(of, look));
  if (field) drawMask(ctx, field, viewport, style(drafted(controls.draft_color)));
  else if (scene.preview) {
    drawMask(ctx, scene.preview, viewport, style(hovered(controls.draft_color)));
  }
  ctx.restore();
};

/** So many objects are drawn in each frame; of more what was drawn before is used. */
const FEW = 8;
const cached = new CachedLayer();

/** Objects that are not selected. */
function drawPlain(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  viewport: Viewport,
  objects: readonly ObjectState[],
): void {
  const { look } = scene;
  const drawAll = (to: CanvasRenderingContext2D): void => {
    for (const { field, color } of objects) {
      if (field) drawMask(to, field, viewport, seen(plain(color), look));
    }
  };
  if (objects.length <= FEW) {
    cached.forget(ctx.canvas);
    drawAll(ctx);
    return;
  }
  const key = [look, ...objects.flatMap(({ field, color }) => [field, color])];
  cached.draw(ctx, scene, viewport, key, (to) => {
    to.save();
    useImageClip(to, scene, viewport);
    drawAll(to);
    to.restore();
  });
}

/** A style as the person wants to see it. What is cut out is not painted over. */
export function seen(style: MaskStyle, look: Look): MaskStyle {
  return { ...style, fill: look.cutout ? 0 : fillOpacity(style.fill, look) };
}

function plain(color: string): MaskStyle {
  return { color, fill: 0.36, line: 1.75, casing: [[white(0.6), 3.5]], dash: [] };
}

function chosen(color: string): MaskStyle {
  const casing = [
    [SHADE, 8],
    [white(1), 6.5],
  ] as const;
  return { color, fill: 0.5, line: 3, casing, dash: [] };
}

function drafted(color: string): MaskStyle {
  const casing = [
    [SHADE, 6],
    [white(0.95), 4.5],
  ] as const;
  return { color, fill: 0.45, line: 2, casing, dash: [] };
}

function hovered(color: string): MaskStyle {
  return { color, fill: 0.22, line: 1.75, casing: [[white(0.55), 3]], dash: [5, 4] };
}

/** Nothing covers the heat map. */
function outlined(style: MaskStyle): MaskStyle {
  return { ...style, fill: 0 };
}

const SHADE = "rgba(0, 0, 0, 0.35)";

export function white(alpha: number): string {
  return `rgba(255, 255, 255, ${alpha})`;
}

/** Nothing is drawn beyond the image from here on. */
export function useImageClip(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  viewport: Viewport,
): void {
  useImageFrame(ctx, scene, viewport);
  ctx.beginPath();
  ctx.rect(0, 0, viewport.imageWidth, viewport.imageHeight);
  ctx.clip();
}

export function drawMask(
  ctx: CanvasRenderingContext2D,
  field: LevelField,
  viewport: Viewport,
  style: MaskStyle,
): void {
  const path = fieldPath(field);
  if (style.fill > 0) {
    ctx.fillStyle = style.color;
    ctx.globalAlpha = style.fill;
    ctx.fill(path, "evenodd");
  }
  ctx.globalAlpha = 1;
  // The corners of thin lines are not seen, and round ones take as long as all the rest.
  ctx.lineJoin = style.line > 2 ? "round" : "bevel";
  ctx.setLineDash([]);
  for (const [color, width] of style.casing) {
    ctx.strokeStyle = color;
    ctx.lineWidth = width / viewport.scale;
    ctx.stroke(path);
  }
  ctx.setLineDash(style.dash.map((length) => length / viewport.scale));
  ctx.strokeStyle = style.color;
  ctx.lineWidth = style.line / viewport.scale;
  ctx.stroke(path);
}
