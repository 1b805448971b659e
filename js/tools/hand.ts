// What a view's hand holds while it paints: the size of the brush, the polygon that is being drawn.

import type { Tool, WireEdit } from "../contract/protocol";
import { applyEdit, type Shown } from "../state/optimism";
import { BRUSH_PX, brushSize, hasTarget, isOpposite, isPainting } from "./brush";
import {
  closePolygon,
  cornerAt,
  isOnFirst,
  type OpenPolygon,
  outlineOf,
  unplaceCorner,
} from "./polygon";
import type { Command, Gesture, PointerInput, ToolState } from "./types";

export class Hand {
  brushPx: number = BRUSH_PX.first;
  polygon: OpenPolygon | null = null;

  resize(factor: number): void {
    this.brushPx = brushSize(this.brushPx, factor);
  }

  /** Another tool, or nobody who could carry it out: what was begun is given up. */
  follow(tool: Tool, readOnly: boolean): void {
    if (tool !== "polygon" || readOnly) this.polygon = null;
  }

  /** What a key does to the polygon that is being drawn. */
  keyed(action: "close" | "undo" | "cancel", state: ToolState): Command[] {
    if (action === "close") return closePolygon(state);
    return action === "undo" ? unplaceCorner(state) : [{ do: "polygon", polygon: null }];
  }

  /** What the layers draw of it: `HandDrawn` of layers/scene.ts. */
  scene(gesture: Gesture, pointer: PointerInput | null, state: ToolState) {
    const isFree = gesture.kind === "idle" || gesture.kind === "stroke";
    const hasBrush = pointer && isFree && isPainting(state.tool) && !state.spaceHeld;
    const { polygon } = state;
    const held = gesture.kind === "outline" ? gesture : null;
    const rings = held ? held.edit.rings : outlineOf(state);
    return {
      brush:
        hasBrush && !state.readOnly
          ? { at: pointer, radius: state.brushPx, isErasing: isErasing(gesture, pointer, state) }
          : null,
      polygon: polygon && {
        ...polygon,
        to: pointer,
        closes: pointer !== null && isOnFirst(pointer, state),
      },
      outline: rings && { rings, lit: held ?? (pointer && cornerAt(pointer, state)) },
    };
  }
}

function isErasing(gesture: Gesture, pointer: PointerInput, state: ToolState): boolean {
  if (gesture.kind === "stroke") return !gesture.edit.add;
  return (state.tool === "eraser") !== isOpposite(pointer);
}

/** The edit that a gesture would send if it ended now. */
export function liveEdit(gesture: Gesture): WireEdit | null {
  if (gesture.kind === "stroke") return gesture.edit;
  return gesture.kind === "outline" && gesture.moved ? gesture.edit : null;
}

/** The state with what the hand is in the middle of. */
export function withLive(shown: Shown, gesture: Gesture): Shown {
  const edit = liveEdit(gesture);
  return edit ? applyEdit(shown, edit).shown : shown;
}

/** The css cursor of brush, eraser and polygon; null for other tools. */
export function handCursor(pointer: PointerInput | null, state: ToolState): string | null {
  if (isPainting(state.tool)) {
    const canPaint = state.tool === "brush" || hasTarget(state);
    return canPaint ? "none" : "not-allowed";
  }
  if (state.tool !== "polygon") return null;
  return pointer && cornerAt(pointer, state) ? "grab" : "crosshair";
}
