// Moving around: wheel, pinch and drag.

import type { Point } from "../frame/viewport";
import type { Command, PointerInput } from "./types";

export interface WheelInput extends Point {
  deltaY: number;
  /** WheelEvent.deltaMode: 0 pixels, 1 lines, 2 pages. */
  mode: number;
  /** Ctrl or Cmd is down; a trackpad's pinch comes as such a wheel, too. */
  ctrl: boolean;
  /** The canvas has the keyboard focus. */
  focused: boolean;
}

const PIXELS_PER_UNIT = [1, 16, 240];
/** One notch of a common wheel gives 100 to 120 pixels: about a fifth closer. */
const ZOOM_PER_PIXEL = 0.0018;
/** A trackpad's pinch sends small steps. */
const PINCH_ZOOM_PER_PIXEL = 0.01;
const PINCH_STEP_PX = 40;

/** Null lets the notebook scroll. */
export function wheelCommand(wheel: WheelInput): Command | null {
  if (!wheel.ctrl && !wheel.focused) return null;
  const pixels = wheel.deltaY * (PIXELS_PER_UNIT[wheel.mode] ?? 1);
  const isPinch = wheel.ctrl && wheel.mode === 0 && Math.abs(pixels) < PINCH_STEP_PX;
  const perPixel = isPinch ? PINCH_ZOOM_PER_PIXEL : ZOOM_PER_PIXEL;
  const factor = Math.min(Math.max(Math.exp(-pixels * perPixel), 0.5), 2);
  return { do: "zoom", at: { x: wheel.x, y: wheel.y }, factor };
}

/** Two fingers: what is between them moves with their middle and grows with their distance. */
export function pinchCommands(
  before: [PointerInput, PointerInput],
  after: [PointerInput, PointerInput],
): Command[] {
  const from = middle(before);
  const to = middle(after);
  const length = Math.max(distance(before), 1);
  return [
    { do: "pan", dx: to.x - from.x, dy: to.y - from.y },
    { do: "zoom", at: to, factor: distance(after) / length },
  ];
}

function middle([a, b]: [Point, Point]): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function distance([a, b]: [Point, Point]): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
