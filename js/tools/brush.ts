// Brush and eraser: a press paints at once, a drag paints on, the release sends the path.

import type { PaintStroke, Tool } from "../contract/protocol";
import { insideImage, type Point, toImage } from "../frame/viewport";
import { extended } from "../state/painting";
import type { WheelInput } from "./pan";
import {
  type Command,
  type Gesture,
  type PointerInput,
  type Step,
  step,
  type ToolState,
} from "./types";

/** Of the brush on the screen, in css pixels: zoom in to paint more finely. */
export const BRUSH_PX = { first: 14, least: 1.5, most: 150 } as const;

/** How much one press of [ or ] changes the size. */
export const BRUSH_STEP = 1.25;
const GROWTH_PER_PIXEL = 0.002;

/** Points nearer to the one before than this part of the radius change nothing that is seen. */
const SPACING = 0.125;
/** Coordinates on the wire: an eighth of a pixel is finer than any hand. */
const GRID = 8;

export function isPainting(tool: Tool): boolean {
  return tool === "brush" || tool === "eraser";
}

export function brushSize(radius: number, factor: number): number {
  return Math.min(Math.max(radius * factor, BRUSH_PX.least), BRUSH_PX.most);
}

/** Which object an edit of pixels is for: null is the draft, or a new one. */
export function paintTarget({ hasDraft, selected, objects }: ToolState): number | null {
  if (hasDraft || selected === null) return null;
  return objects.some((object) => object.id === selected) ? selected : null;
}

/** Whether there is a mask to take something from. */
export function hasTarget(state: ToolState): boolean {
  return state.hasDraft || paintTarget(state) !== null;
}

/** Right button, Alt and Ctrl mean the opposite of the tool. */
export function isOpposite(input: PointerInput): boolean {
  return input.button === 2 || input.alt || input.ctrl;
}

export function onGrid({ x, y }: Point): [number, number] {
  return [Math.round(x * GRID) / GRID, Math.round(y * GRID) / GRID];
}

export function beginStroke(input: PointerInput, state: ToolState): Step {
  const nothing: Gesture = {
    kind: "press",
    start: input,
    click: null,
    drag: { kind: "none" },
    last: input,
  };
  const add = (state.tool === "brush") !== isOpposite(input);
  if (input.button !== 0 && input.button !== 2) return step(nothing);
  if (!add && !hasTarget(state)) return step(nothing);
  const at = toImage(state.viewport, input);
  if (!isNearImage(at, state)) return step(nothing);
  const radius = Math.max(Math.round((state.brushPx / state.viewport.scale) * GRID) / GRID, 0.5);
  const edit: PaintStroke = {
    kind: "paint_stroke",
    points: [onGrid(at)],
    radius,
    add,
    id: paintTarget(state),
  };
  return step({ kind: "stroke", id: input.id, edit, last: input });
}

export function paintOn(
  gesture: Extract<Gesture, { kind: "stroke" }>,
  input: PointerInput,
  state: ToolState,
): Step {
  const { edit } = gesture;
  const [x, y] = onGrid(toImage(state.viewport, input));
  const [lastX, lastY] = edit.points.at(-1) ?? [x, y];
  const isFar = Math.hypot(x - lastX, y - lastY) >= Math.max(edit.radius * SPACING, 0.25);
  return step({ ...gesture, edit: isFar ? extended(edit, [x, y]) : edit, last: input });
}

/** With brush or eraser in the hand the wheel alone changes their size, with Ctrl it zooms. */
export function brushWheel(wheel: WheelInput, tool: Tool): Command | null {
  if (!isPainting(tool) || wheel.ctrl || !wheel.focused) return null;
  const pixels = Math.min(Math.max(wheel.deltaY * (wheel.mode === 0 ? 1 : 16), -240), 240);
  return { do: "brush_size", factor: Math.exp(-pixels * GROWTH_PER_PIXEL) };
}

/** The brush may begin beside the image as long as it reaches it. */
function isNearImage(at: Point, { viewport, brushPx }: ToolState): boolean {
  const reach = brushPx / viewport.scale;
  const { imageWidth, imageHeight } = viewport;
  const within = {
    x: Math.min(Math.max(at.x, 0), imageWidth),
    y: Math.min(Math.max(at.y, 0), imageHeight),
  };
  return insideImage(viewport, at) || Math.hypot(at.x - within.x, at.y - within.y) <= reach;
}
