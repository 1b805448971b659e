// Scribbles: a stroke over the object becomes a few well-spread points.

import type { WireEdit } from "../contract/protocol";
import { insideImage, type Point, type Viewport } from "../frame/viewport";
import { clickLabel } from "./point";
import type { Drag, PointerInput, ToolState } from "./types";

/** Points of one stroke; models were trained with hardly more. */
const MOST_POINTS = 8;
/** Points are at least so far from each other on the screen. */
const SPACING_PX = 26;

/** What a press with this tool turns into when it becomes a drag; null with other tools. */
export function scribbleDrag(input: PointerInput, state: ToolState): Drag | null {
  if (state.tool !== "scribble") return null;
  const label = clickLabel(input, state);
  return label === null ? null : { kind: "scribble", label };
}

/** The request of a finished stroke, in the image frame; what left the image is left out. */
export function scribbleRequest(
  path: readonly Point[],
  label: 0 | 1,
  viewport: Viewport,
): WireEdit | null {
  const isInside = (at: Point): boolean => insideImage(viewport, at);
  const points = spread(path, SPACING_PX / viewport.scale, MOST_POINTS, isInside);
  const [first, ...others] = points;
  if (!first) return null;
  if (others.length === 0) return { kind: "add_point", x: first.x, y: first.y, label };
  return { kind: "add_points", points: points.map(({ x, y }) => [x, y, label]) };
}

/**
 * At most `most` points of a path, in its order, each at least `spacing` from all others.
 *
 * Only places that are wanted count. The first is where the path begins, each next one the farthest from those there are: a stroke that
 * crosses itself, or goes to and fro, gives no two points of one place.
 */
export function spread(
  path: readonly Point[],
  spacing: number,
  most: number,
  isWanted: (at: Point) => boolean = () => true,
): Point[] {
  const dense = resampled(path, spacing / 4).filter(isWanted);
  if (dense.length === 0) return [];
  const chosen = new Set([0]);
  const gaps = dense.map((at) => distance(at, dense[0] ?? at));
  while (chosen.size < most) {
    const farthest = gaps.reduce((best, gap, i) => (gap > (gaps[best] ?? 0) ? i : best), 0);
    const at = dense[farthest];
    if (!at || (gaps[farthest] ?? 0) < spacing) break;
    chosen.add(farthest);
    for (const [i, other] of dense.entries()) {
      gaps[i] = Math.min(gaps[i] ?? 0, distance(at, other));
    }
  }
  return [...chosen].sort((a, b) => a - b).flatMap((i) => dense[i] ?? []);
}

/** The path's own points, and so many between them that none is farther than `step` from the next. */
function resampled(path: readonly Point[], step: number): Point[] {
  const dense: Point[] = [];
  for (const [i, to] of path.entries()) {
    const from = path[i - 1] ?? to;
    const parts = Math.min(Math.max(Math.ceil(distance(from, to) / step), 1), 1000);
    for (let part = 1; part <= parts; part++) {
      const t = part / parts;
      dense.push({ x: from.x + (to.x - from.x) * t, y: from.y + (to.y - from.y) * t });
    }
  }
  return dense;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
