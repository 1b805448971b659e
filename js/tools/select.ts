// Which committed object is under the pointer.

import type { ObjectState, Request } from "../contract/protocol";
import { fieldContains } from "../frame/field";
import { type Point, toImage } from "../frame/viewport";
import type { PointerInput, ToolState } from "./types";

/** The smallest object whose mask holds the image point: one inside another stays reachable. */
export function objectAt(objects: readonly ObjectState[], at: Point): ObjectState | null {
  let best: ObjectState | null = null;
  for (const object of objects) {
    if ((best === null || object.area < best.area) && fieldContains(object.field, at.x, at.y)) {
      best = object;
    }
  }
  return best;
}

export function selectRequest(input: PointerInput, state: ToolState): Request {
  const object = objectAt(state.objects, toImage(state.viewport, input));
  return { kind: "select_object", id: object ? object.id : null };
}
