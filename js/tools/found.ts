// Which found mask is under the pointer, and whether a click takes it.

import type { FoundMask, WireEdit } from "../contract/protocol";
import { fieldContains } from "../frame/field";
import { type Point, toImage } from "../frame/viewport";
import { isPainting } from "./brush";
import { objectAt } from "./select";
import type { PointerInput, ToolState } from "./types";

/** A double click is so fast and so steady. */
const DOUBLE_MS = 400;
const DOUBLE_PX = 6;

/** Where and when a click took a mask; the clock is that of performance.now(). */
export interface Taking extends Point {
  timeMs: number;
}

/** The second press of a double click that has taken a mask means nothing more. */
export function isDouble(taking: Taking | null, { x, y }: Point): boolean {
  if (!taking || performance.now() - taking.timeMs > DOUBLE_MS) return false;
  return Math.hypot(x - taking.x, y - taking.y) <= DOUBLE_PX;
}

/**
 * The found mask that a click here makes an object. An object that lies on it is in the way, a draft
 * wants the click for itself, and with a key held a click is a prompt as ever.
 */
export function takeable(input: PointerInput, state: ToolState): FoundMask | null {
  const { found, hasDraft, tool, readOnly, spaceHeld } = state;
  if (found.length === 0 || hasDraft || tool === "negative" || readOnly || spaceHeld) return null;
  if (isPainting(tool) || tool === "polygon") return null;
  if (input.alt || input.ctrl || input.shift) return null;
  const at = toImage(state.viewport, input);
  const mask = found.find(({ field }) => fieldContains(field, at.x, at.y)); // smallest first
  if (!mask) return null;
  const object = objectAt(state.objects, at);
  return object && object.area <= mask.area ? null : mask;
}

export function takeRequest(input: PointerInput, state: ToolState): WireEdit | null {
  const mask = takeable(input, state);
  return mask && { kind: "take_found", ids: [mask.id] };
}
