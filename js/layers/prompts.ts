import type { BoxXYXY, PointPrompt } from "../contract/protocol";
import { boxHandles } from "../frame/handles";
import { type Point, toView, type Viewport } from "../frame/viewport";
import { type Layer, useViewFrame } from "./scene";

export const POSITIVE = "#15803d";
export const NEGATIVE = "#dc2626";
const RADIUS_PX = 6.5;
const GLYPH_PX = 3;
const HANDLE_PX = 7;
const SHADOW = "rgba(0, 0, 0, 0.55)";

/** The draft's box and points; their signs tell them apart without colour. */
export const drawPrompts: Layer = (ctx, scene, viewport) => {
  const { draft, controls } = scene.shown;
  const { rubberBand, movedPoint } = scene;
  useViewFrame(ctx, scene);
  ctx.setLineDash([]);
  if (draft.box_xyxy && !rubberBand) {
    drawBox(ctx, draft.box_xyxy, viewport, controls.draft_color);
  }
  for (const [index, point] of draft.points.entries()) {
    const moved = movedPoint?.index === index ? movedPoint.at : null;
    const at = toView(viewport, moved ?? point);
    drawPoint(ctx, at, point.label, moved !== null || scene.hoveredPoint === index);
  }
};

/** A box in the image frame as a cased line with its handles. */
export function drawBox(
  ctx: CanvasRenderingContext2D,
  box: BoxXYXY,
  viewport: Viewport,
  color: string,
): void {
  const [x1, y1, x2, y2] = box;
  const a = toView(viewport, { x: x1, y: y1 });
  const b = toView(viewport, { x: x2, y: y2 });
  for (const [style, width] of [
    ["rgba(255, 255, 255, 0.95)", 4],
    [color, 1.75],
  ] as const) {
    ctx.strokeStyle = style;
    ctx.lineWidth = width;
    ctx.strokeRect(a.x, a.y, b.x - a.x, b.y - a.y);
  }
  for (const { at } of boxHandles(box, viewport)) drawHandle(ctx, at, color);
}

function drawHandle(ctx: CanvasRenderingContext2D, at: Point, color: string): void {
  const half = HANDLE_PX / 2;
  ctx.fillStyle = SHADOW;
  ctx.fillRect(at.x - half - 1, at.y - half - 1, HANDLE_PX + 2, HANDLE_PX + 2);
  ctx.fillStyle = "#fff";
  ctx.fillRect(at.x - half, at.y - half, HANDLE_PX, HANDLE_PX);
  ctx.fillStyle = color;
  ctx.fillRect(at.x - half + 1.5, at.y - half + 1.5, HANDLE_PX - 3, HANDLE_PX - 3);
}

function drawPoint(
  ctx: CanvasRenderingContext2D,
  at: Point,
  label: PointPrompt["label"],
  emphasised: boolean,
): void {
  const radius = emphasised ? RADIUS_PX + 1.5 : RADIUS_PX;
  disk(ctx, at, radius + 2.5, SHADOW);
  disk(ctx, at, radius + 1.75, "#fff");
  disk(ctx, at, radius, label === 1 ? POSITIVE : NEGATIVE);
  ctx.strokeStyle = "#fff";
  ctx.lineWidth = 1.75;
  ctx.lineCap = "round";
  ctx.beginPath();
  ctx.moveTo(at.x - GLYPH_PX, at.y);
  ctx.lineTo(at.x + GLYPH_PX, at.y);
  if (label === 1) {
    ctx.moveTo(at.x, at.y - GLYPH_PX);
    ctx.lineTo(at.x, at.y + GLYPH_PX);
  }
  ctx.stroke();
}

function disk(ctx: CanvasRenderingContext2D, at: Point, radius: number, color: string): void {
  ctx.fillStyle = color;
  ctx.beginPath();
  ctx.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  ctx.fill();
}
