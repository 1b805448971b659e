import type { PointXY } from "../frame/spans";
import { type Point, toView, type Viewport } from "../frame/viewport";
import { type Layer, useViewFrame } from "./scene";

const SHADE = "rgba(0, 0, 0, 0.6)";
const CORNER_PX = 3.5;

/** The brush's rim, corners to drag, the polygon that is being drawn. */
export const drawHand: Layer = (ctx, scene, viewport) => {
  const { brush, polygon, outline } = scene.hand;
  if (!brush && !polygon && !outline) return;
  const color = scene.shown.controls.draft_color;
  useViewFrame(ctx, scene);
  ctx.globalAlpha = 1;
  ctx.setLineDash([]);
  if (outline) {
    for (const [k, ring] of outline.rings.entries()) {
      for (const [i, at] of inView(ring, viewport).entries()) {
        const isLit = outline.lit?.ring === k && outline.lit.index === i;
        drawCorner(ctx, at, "#fff", isLit ? CORNER_PX + 2 : CORNER_PX);
      }
    }
  }
  if (polygon) {
    const corners = inView(polygon.points, viewport);
    const next = polygon.closes ? corners[0] : polygon.to;
    drawLine(ctx, next ? [...corners, next] : corners, color, polygon.add ? [] : [5, 4]);
    for (const [i, at] of corners.entries()) {
      const isFirst = i === 0;
      drawCorner(ctx, at, isFirst ? color : "#fff", CORNER_PX + (isFirst ? 1 : 0));
      if (isFirst && polygon.closes) drawRing(ctx, at, CORNER_PX + 5, []);
    }
  }
  if (brush) {
    drawRing(ctx, brush.at, brush.radius, brush.isErasing ? [4, 3] : []);
    drawSign(ctx, brush.at, brush.isErasing);
  }
};

function inView(points: readonly PointXY[], viewport: Viewport): Point[] {
  return points.map(([x, y]) => toView(viewport, { x, y }));
}

/** White in a dark casing: it shows on any picture. */
function drawRing(
  ctx: CanvasRenderingContext2D,
  at: Point,
  radius: number,
  dash: readonly number[],
): void {
  for (const [style, width, dashes] of [
    [SHADE, 3, []],
    ["#fff", 1.25, dash],
  ] as const) {
    ctx.setLineDash([...dashes]);
    ctx.strokeStyle = style;
    ctx.lineWidth = width;
    ctx.beginPath();
    ctx.arc(at.x, at.y, radius, 0, 2 * Math.PI);
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

/** Plus or minus in the middle: what the brush does is not told by its line alone. */
function drawSign(ctx: CanvasRenderingContext2D, { x, y }: Point, isMinus: boolean): void {
  const half = 3.5;
  for (const [style, width] of [
    [SHADE, 3],
    ["#fff", 1.25],
  ] as const) {
    ctx.strokeStyle = style;
    ctx.lineWidth = width;
    ctx.lineCap = "round";
    ctx.beginPath();
    ctx.moveTo(x - half, y);
    ctx.lineTo(x + half, y);
    if (!isMinus) {
      ctx.moveTo(x, y - half);
      ctx.lineTo(x, y + half);
    }
    ctx.stroke();
  }
}

function drawLine(
  ctx: CanvasRenderingContext2D,
  points: readonly Point[],
  color: string,
  dash: readonly number[],
): void {
  for (const [style, width, dashes] of [
    ["rgba(255, 255, 255, 0.95)", 4, []],
    [color, 1.75, dash],
  ] as const) {
    ctx.setLineDash([...dashes]);
    ctx.lineJoin = "round";
    ctx.strokeStyle = style;
    ctx.lineWidth = width;
    ctx.beginPath();
    for (const [i, { x, y }] of points.entries()) {
      if (i === 0) ctx.moveTo(x, y);
      else ctx.lineTo(x, y);
    }
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

function drawCorner(ctx: CanvasRenderingContext2D, at: Point, fill: string, radius: number): void {
  ctx.beginPath();
  ctx.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = fill;
  ctx.fill();
  ctx.strokeStyle = SHADE;
  ctx.lineWidth = 1.25;
  ctx.stroke();
}
