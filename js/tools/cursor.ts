// Which cursor the pointer has, and whether its place is worth a preview.

import { insideImage, toImage } from "../frame/viewport";
import { boxHandleAt } from "./box";
import { takeable } from "./found";
import { handCursor } from "./hand";
import { pointAt } from "./point";
import { selectableAt } from "./select";
import type { Gesture, PointerInput, ToolState } from "./types";

/** The css cursor. */
export function cursorFor(gesture: Gesture, input: PointerInput | null, state: ToolState): string {
  if (gesture.kind === "pan" || gesture.kind === "pinch") return "grabbing";
  if (gesture.kind === "move_point") return "grabbing";
  if (gesture.kind === "box" && gesture.axis)
    return gesture.axis === "x" ? "ew-resize" : "ns-resize";
  if (gesture.kind === "box" || gesture.kind === "scribble") return "crosshair";
  if (state.spaceHeld || state.readOnly) return "grab";
  if (gesture.kind === "outline") return "grabbing";
  const hand = handCursor(input, state);
  if (hand) return hand;
  if (!input) return state.tool === "select" ? "default" : "crosshair";
  if (pointAt(input, state, input.device) !== null) return "grab";
  const handle = boxHandleAt(input, state);
  if (handle) return handle.cursor;
  if (takeable(input, state)) return "pointer";
  if (state.tool === "select") return selectableAt(input, state) ? "pointer" : "grab";
  return insideImage(state.viewport, toImage(state.viewport, input)) ? "crosshair" : "default";
}

/** Would a click here be the first, positive one? */
export function wantsPreview(gesture: Gesture, input: PointerInput, state: ToolState): boolean {
  return (
    gesture.kind === "idle" &&
    (state.tool === "positive" || state.tool === "scribble") &&
    !state.spaceHeld &&
    !state.readOnly &&
    !state.hasDraft &&
    !input.alt &&
    input.device !== "touch" &&
    insideImage(state.viewport, toImage(state.viewport, input)) &&
    takeable(input, state) === null
  );
}
