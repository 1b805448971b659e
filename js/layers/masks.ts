import { fieldPath } from "../contour";
import type { LevelField } from "../protocol";
import type { Viewport } from "../viewport";
import { type Layer, useImageFrame } from "./scene";

interface MaskStyle {
  color: string;
  fill: number;
  /** Css pixels, whatever the zoom. */
  line: number;
  /** A wider line below the coloured one, so that it shows on any picture. */
  casing: { color: string; width: number } | null;
  dash: readonly number[];
}

/** Committed objects, then the preview, then the draft on top. */
export const drawMasks: Layer = (ctx, scene, viewport) => {
  const { draft, objects, controls } = scene.shown;
  ctx.save();
  useImageFrame(ctx, scene, viewport);
  ctx.beginPath();
  ctx.rect(0, 0, viewport.imageWidth, viewport.imageHeight);
  ctx.clip();
  for (const object of objects) {
    if (object.id !== controls.selected) draw(ctx, object.field, viewport, plain(object.color));
  }
  for (const object of objects) {
    if (object.id === controls.selected) draw(ctx, object.field, viewport, chosen(object.color));
  }
  const field = draft.field ?? (scene.previewTaken ? scene.preview : null);
  if (field) draw(ctx, field, viewport, drafted(controls.draft_color));
  else if (scene.preview) draw(ctx, scene.preview, viewport, hovered(controls.draft_color));
  ctx.restore();
};

function plain(color: string): MaskStyle {
  return { color, fill: 0.38, line: 1.75, casing: { color: white(0.6), width: 3.5 }, dash: [] };
}

function chosen(color: string): MaskStyle {
  return { color, fill: 0.52, line: 3, casing: { color: white(1), width: 6.5 }, dash: [] };
}

function drafted(color: string): MaskStyle {
  return { color, fill: 0.45, line: 2, casing: { color: white(0.95), width: 4.5 }, dash: [] };
}

function hovered(color: string): MaskStyle {
  return { color, fill: 0.22, line: 1.75, casing: { color: white(0.55), width: 3 }, dash: [5, 4] };
}

function white(alpha: number): string {
  return `rgba(255, 255, 255, ${alpha})`;
}

function draw(
  ctx: CanvasRenderingContext2D,
  field: LevelField,
  viewport: Viewport,
  style: MaskStyle,
): void {
  const path = fieldPath(field);
  ctx.fillStyle = style.color;
  ctx.globalAlpha = style.fill;
  ctx.fill(path, "evenodd");
  ctx.globalAlpha = 1;
  ctx.lineJoin = "round";
  if (style.casing) {
    ctx.setLineDash([]);
    ctx.strokeStyle = style.casing.color;
    ctx.lineWidth = style.casing.width / viewport.scale;
    ctx.stroke(path);
  }
  ctx.setLineDash(style.dash.map((length) => length / viewport.scale));
  ctx.strokeStyle = style.color;
  ctx.lineWidth = style.line / viewport.scale;
  ctx.stroke(path);
}
