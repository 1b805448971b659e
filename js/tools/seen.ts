// What tools see of the state, and what the picture shows of a gesture.

import type { BoxXYXY } from "../contract/protocol";
import { boxBetween } from "../frame/viewport";
import { shownMasks } from "../state/found";
import { hasDraft, type Shown } from "../state/optimism";
import type { Gesture, ToolState } from "./types";

/** What is not of the state: the view's own. */
type OfView = Pick<ToolState, "viewport" | "brushPx" | "polygon" | "spaceHeld" | "readOnly">;

export function toolState({ draft, objects, found, controls }: Shown, ofView: OfView): ToolState {
  return {
    ...ofView,
    found: shownMasks(found),
    tool: controls.tool,
    points: draft.points,
    box_xyxy: draft.box_xyxy,
    draftField: draft.field,
    draftRings: draft.rings,
    selected: controls.selected,
    hasDraft: hasDraft(draft),
    objects,
    selection: controls.selection,
  };
}

/** The prompts that are being drawn or moved. */
export function promptsInHand(gesture: Gesture): {
  rubberBand: BoxXYXY | null;
  movedPoint: Extract<Gesture, { kind: "move_point" }> | null;
  stroke: Extract<Gesture, { kind: "scribble" }> | null;
} {
  return {
    rubberBand: gesture.kind === "box" ? boxBetween(gesture.anchor, gesture.corner) : null,
    movedPoint: gesture.kind === "move_point" ? gesture : null,
    stroke: gesture.kind === "scribble" ? gesture : null,
  };
}
