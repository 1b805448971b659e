// Which committed object is under the pointer.

import type { ObjectState, Tool, WireEdit } from "../contract/protocol";
import { fieldContains } from "../frame/field";
import { type Point, toImage } from "../frame/viewport";
import { toggled } from "./list";
import type { PointerInput, ToolState } from "./types";

/** The smallest object that is drawn there: one inside another stays reachable. */
export function objectAt(objects: readonly ObjectState[], at: Point): ObjectState | null {
  let best: ObjectState | null = null;
  for (const object of objects) {
    const { field, area, hidden } = object;
    if (
      field &&
      !hidden &&
      (best === null || area < best.area) &&
      fieldContains(field, at.x, at.y)
    ) {
      best = object;
    }
  }
  return best;
}

/** A click goes through locked objects to what is below them. */
export function selectableAt(input: PointerInput, state: ToolState): ObjectState | null {
  const free = state.objects.filter(({ locked }) => !locked);
  return objectAt(free, toImage(state.viewport, input));
}

/** Select what is under the pointer and nothing else, with Shift as well; null for nothing more. */
export function selectRequest(input: PointerInput, state: ToolState): WireEdit | null {
  const object = selectableAt(input, state);
  if (input.shift) return object && toggled(object.id, state.selection);
  return { kind: "select_object", id: object ? object.id : null };
}

/** The edits of a double click with the select tool: refine what is under the pointer. */
export function refineRequests(input: PointerInput, state: ToolState): WireEdit[] {
  if (state.tool !== "select" || state.readOnly) return [];
  const object = selectableAt(input, state);
  return object ? refine(object.id, state.tool) : [];
}

/** Reopen an object, with a tool in the hand that can do something about it. */
export function refine(id: number, tool: Tool): WireEdit[] {
  const reopen: WireEdit = { kind: "reopen_object", id };
  return tool === "select" ? [reopen, { kind: "set_tool", tool: "positive" }] : [reopen];
}
