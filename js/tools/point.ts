// Clicks: which prompt they are, and which existing point the pointer is on.

import type { PointPrompt, WireEdit } from "../contract/protocol";
import { insideImage, type Point, toImage, toView } from "../frame/viewport";
import type { PointerInput, ToolState } from "./types";

const MOUSE_REACH_PX = 8;
const TOUCH_REACH_PX = 16;

/** Left is the tool's sign, right or Alt the negative one; null for other buttons. */
export function clickLabel(input: PointerInput, state: ToolState): PointPrompt["label"] | null {
  if (input.button === 2 || (input.button === 0 && (input.alt || input.ctrl))) return 0;
  if (input.button !== 0) return null;
  return state.tool === "negative" ? 0 : 1;
}

/** The request of a click that became no drag, null where a click means nothing. */
export function clickRequest(input: PointerInput, state: ToolState): WireEdit | null {
  if (state.tool === "box" && input.button === 0 && !input.alt) return null;
  const label = clickLabel(input, state);
  const { x, y } = toImage(state.viewport, input);
  if (label === null || !insideImage(state.viewport, { x, y })) return null;
  return { kind: "add_point", x, y, label };
}

/** The index of the draft's point under the pointer, the newest first; null if there is none. */
export function pointAt(input: Point, state: ToolState, device: string): number | null {
  const reach = device === "touch" ? TOUCH_REACH_PX : MOUSE_REACH_PX;
  let best: number | null = null;
  let bestDistance = reach;
  for (const [index, point] of state.points.entries()) {
    const at = toView(state.viewport, point);
    const distance = Math.hypot(at.x - input.x, at.y - input.y);
    if (distance <= bestDistance) {
      best = index;
      bestDistance = distance;
    }
  }
  return best;
}
