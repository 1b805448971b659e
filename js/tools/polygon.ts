// Polygons: a new one corner by corner, and the corners of a mask that is there.

import type { PaintPolygon, SetOutline } from "../contract/protocol";
import { cornersOf, fromSegment } from "../frame/simplify";
import type { PointXY } from "../frame/spans";
import { clampToImage, insideImage, type Point, toImage, toView } from "../frame/viewport";
import { isOpposite, onGrid, paintTarget } from "./brush";
import {
  type Command,
  type Gesture,
  type PointerInput,
  type Step,
  step,
  type ToolState,
} from "./types";

const REACH_PX = 8;
const TOUCH_REACH_PX = 16;
const EDGE_REACH_PX = 5;
/** Corners of a mask are so near to its outline, in css pixels. */
const TOLERANCE_PX = 1.5;

/** The polygon that is being drawn. */
export interface OpenPolygon {
  readonly points: readonly PointXY[];
  /** Whether its inside is added to the mask, or taken away. */
  readonly add: boolean;
}

export type Rings = readonly (readonly PointXY[])[];

interface Corner {
  readonly ring: number;
  readonly index: number;
}

/** The outline whose corners can be dragged: with the polygon tool that of draft or selection. */
export function outlineOf(state: ToolState): Rings | null {
  if (state.tool !== "polygon" || state.polygon || state.readOnly) return null;
  const target = paintTarget(state);
  const { field, rings } = state.hasDraft
    ? { field: state.draftField, rings: state.draftRings }
    : (state.objects.find(({ id }) => id === target) ?? { field: null, rings: null });
  if (rings) return rings;
  return field && cornersOf(field, TOLERANCE_PX / state.viewport.scale);
}

/** The corner under the pointer. */
export function cornerAt(input: PointerInput, state: ToolState): Corner | null {
  const reach = input.device === "touch" ? TOUCH_REACH_PX : REACH_PX;
  let best: Corner | null = null;
  let nearest = reach;
  for (const [ring, points] of (outlineOf(state) ?? []).entries()) {
    for (const [index, [x, y]] of points.entries()) {
      const at = toView(state.viewport, { x, y });
      const away = Math.hypot(at.x - input.x, at.y - input.y);
      if (away > nearest) continue;
      nearest = away;
      best = { ring, index };
    }
  }
  return best;
}

/** Where a corner would be put in on the edge under the pointer. */
export function edgeAt(input: PointerInput, state: ToolState): Corner | null {
  const { x, y } = toImage(state.viewport, input);
  let best: Corner | null = null;
  let nearest = EDGE_REACH_PX / state.viewport.scale;
  for (const [ring, points] of (outlineOf(state) ?? []).entries()) {
    for (const [index, point] of points.entries()) {
      const away = fromSegment([x, y], point, points[(index + 1) % points.length]);
      if (away > nearest) continue;
      nearest = away;
      best = { ring, index: index + 1 };
    }
  }
  return best;
}

/** The edit that takes the corner under the pointer away; null when there is none to spare. */
export function withoutCorner(input: PointerInput | null, state: ToolState): SetOutline | null {
  const rings = outlineOf(state);
  const corner = input && cornerAt(input, state);
  if (!rings || !corner) return null;
  const left = rings
    .map((ring, k) => (k === corner.ring ? ring.filter((_, i) => i !== corner.index) : ring))
    .filter((ring) => ring.length >= 3);
  return left.length > 0 ? outlineEdit(left, state) : null;
}

export function beginPolygonPress(input: PointerInput, state: ToolState): Step {
  const { id } = input;
  if (!state.polygon && input.button === 0 && !isOpposite(input)) {
    const corner = cornerAt(input, state);
    if (corner) return step(held(input, corner, outlineOf(state) ?? [], state));
    const edge = edgeAt(input, state);
    if (edge) {
      return step({ kind: "edge", id, start: input, ...edge, last: input });
    }
  }
  if (input.button !== 0 && input.button !== 2) return step({ kind: "spent", ids: [id] });
  return step({ kind: "corner", id, start: input, last: input });
}

/** A press on an edge that is dragged puts a new corner there. */
export function dragEdge(
  gesture: Extract<Gesture, { kind: "edge" }>,
  input: PointerInput,
  state: ToolState,
): Step {
  const rings = outlineOf(state);
  if (!rings) return step({ ...gesture, last: input });
  const place = onGrid(toImage(state.viewport, gesture.start));
  const more = rings.map((ring, k) =>
    k === gesture.ring
      ? [...ring.slice(0, gesture.index), place, ...ring.slice(gesture.index)]
      : ring,
  );
  return dragCorner(held(gesture.start, gesture, more, state), input, state);
}

export function dragCorner(
  gesture: Extract<Gesture, { kind: "outline" }>,
  input: PointerInput,
  state: ToolState,
): Step & { gesture: Extract<Gesture, { kind: "outline" }> } {
  const { ring, index } = gesture;
  const at = clampToImage(state.viewport, toImage(state.viewport, input));
  const edit = {
    ...gesture.edit,
    rings: gesture.edit.rings.map((points, k) =>
      k === ring ? points.map((point, i) => (i === index ? onGrid(at) : point)) : points,
    ),
  };
  return { gesture: { ...gesture, edit, moved: true, last: input }, commands: [] };
}

/** A click: the next corner, or on the first one the end. */
export function placeCorner(input: PointerInput, start: PointerInput, state: ToolState): Command[] {
  const { polygon } = state;
  if (polygon && isOnFirst(input, state)) return closePolygon(state);
  const at = toImage(state.viewport, input);
  if (!polygon && !insideImage(state.viewport, at)) return [];
  const add = polygon ? polygon.add : !isOpposite(start);
  const point = onGrid(clampToImage(state.viewport, at));
  const last = polygon?.points.at(-1);
  if (last && last[0] === point[0] && last[1] === point[1]) return [];
  return [{ do: "polygon", polygon: { points: [...(polygon?.points ?? []), point], add } }];
}

/** Send what is drawn; with fewer than three corners there is nothing yet. */
export function closePolygon(state: ToolState): Command[] {
  const { polygon } = state;
  if (!polygon || polygon.points.length < 3) return [];
  const request: PaintPolygon = {
    kind: "paint_polygon",
    points: polygon.points.map(([x, y]) => [x, y]),
    add: polygon.add,
    id: paintTarget(state),
  };
  return [
    { do: "polygon", polygon: null },
    { do: "send", request },
  ];
}

/** Take the last corner back. */
export function unplaceCorner({ polygon }: ToolState): Command[] {
  if (!polygon) return [];
  const points = polygon.points.slice(0, -1);
  return [{ do: "polygon", polygon: points.length > 0 ? { ...polygon, points } : null }];
}

/** Whether a click here ends the polygon. */
export function isOnFirst(input: PointerInput, { polygon, viewport }: ToolState): boolean {
  const first = polygon?.points[0];
  if (!first || polygon.points.length < 3) return false;
  const at: Point = toView(viewport, { x: first[0], y: first[1] });
  const reach = input.device === "touch" ? TOUCH_REACH_PX : REACH_PX;
  return Math.hypot(at.x - input.x, at.y - input.y) <= reach;
}

function held(
  input: PointerInput,
  { ring, index }: Corner,
  rings: Rings,
  state: ToolState,
): Extract<Gesture, { kind: "outline" }> {
  const edit = outlineEdit(rings, state);
  return { kind: "outline", id: input.id, ring, index, edit, moved: false, last: input };
}

function outlineEdit(rings: Rings, state: ToolState): SetOutline {
  const copied = rings.map((ring) => ring.map(([x, y]): [number, number] => onGrid({ x, y })));
  return { kind: "set_outline", rings: copied, id: paintTarget(state) };
}
