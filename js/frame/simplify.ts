// The corners of a mask's outline: few points that stay near to it.

import type { LevelField } from "../contract/protocol";
import { type Ring, traceRings } from "./contour";
import type { PointXY } from "./spans";

/** More corners than that are too many to hold. */
const MOST_CORNERS = 300;
const LEAST_TOLERANCE = 0.6;

const simplified = new WeakMap<LevelField, { tolerance: number; rings: PointXY[][] }>();

/** Rings of at least 3 corners, at most `tolerance` image pixels away from the outline. */
export function cornersOf(field: LevelField, tolerance: number): readonly (readonly PointXY[])[] {
  // In steps, so that the corners stay where they are while the picture is zoomed a little.
  let allowed = Math.max(LEAST_TOLERANCE, 2 ** Math.round(Math.log2(tolerance)));
  const asked = allowed;
  const known = simplified.get(field);
  if (known?.tolerance === asked) return known.rings;
  const traced = traceRings(field);
  let rings: PointXY[][];
  do {
    const least = allowed;
    rings = traced.map((ring) => simplify(ring, least)).filter((ring) => ring.length >= 3);
    allowed *= 1.5;
  } while (rings.reduce((count, ring) => count + ring.length, 0) > MOST_CORNERS && allowed < 1e4);
  simplified.set(field, { tolerance: asked, rings });
  return rings;
}

/** Ramer, Douglas and Peucker's rule for a closed ring of x, y, x, y and so on. */
function simplify(ring: Ring, tolerance: number): PointXY[] {
  const traced: PointXY[] = [];
  for (let k = 0; k + 1 < ring.length; k += 2) traced.push([ring[k] ?? 0, ring[k + 1] ?? 0]);
  const [any] = traced;
  if (!any || traced.length < 3) return [];
  // Two corners that are certain: the point farthest from any, and the one farthest from that.
  const begin = farthest(traced, (point) => distance(point, any));
  const first = traced[begin] ?? any;
  const points = [...traced.slice(begin), ...traced.slice(0, begin)];
  const far = farthest(points, (point) => distance(point, first));
  const half = (part: PointXY[]): PointXY[] => keep(part, tolerance);
  const there = half(points.slice(0, far + 1));
  const back = half([...points.slice(far), first]);
  return [...there.slice(0, -1), ...back.slice(0, -1)];
}

/** The points of a line that must stay, its ends included. */
function keep(line: PointXY[], tolerance: number): PointXY[] {
  const stays = new Uint8Array(line.length);
  stays[0] = stays[line.length - 1] = 1;
  const open: [number, number][] = [[0, line.length - 1]];
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span;
    let worst = tolerance;
    let at = -1;
    for (let k = from + 1; k < to; k++) {
      const away = fromSegment(line[k], line[from], line[to]);
      if (away <= worst) continue;
      worst = away;
      at = k;
    }
    if (at < 0) continue;
    stays[at] = 1;
    open.push([from, at], [at, to]);
  }
  return line.filter((_, index) => stays[index] === 1);
}

/** How far a point is from the line between two others. */
export function fromSegment(
  [x, y]: PointXY = [0, 0],
  [x1, y1]: PointXY = [0, 0],
  [x2, y2]: PointXY = [0, 0],
): number {
  const dx = x2 - x1;
  const dy = y2 - y1;
  const squared = dx * dx + dy * dy;
  const along = squared > 0 ? ((x - x1) * dx + (y - y1) * dy) / squared : 0;
  const t = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - x1 - t * dx, y - y1 - t * dy);
}

function farthest(points: readonly PointXY[], measure: (point: PointXY) => number): number {
  let best = 0;
  let most = -1;
  for (const [index, point] of points.entries()) {
    const value = measure(point);
    if (value <= most) continue;
    most = value;
    best = index;
  }
  return best;
}

function distance(one: PointXY, other: PointXY): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1]);
}
