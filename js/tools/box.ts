// Boxes: rubber band, handles to drag.

import type { WireEdit } from "../contract/protocol";
import { type BoxHandle, boxHandles } from "../frame/handles";
import { boxBetween, clampToImage, type Point, type Viewport } from "../frame/viewport";
import type { ToolState } from "./types";

/** A box thinner than this on the screen is a slip of the hand. */
const MIN_SIDE_PX = 3;
const HANDLE_REACH_PX = 8;

/** The request of a finished drag from `anchor` to `corner`, both in the image frame. */
export function boxRequest(anchor: Point, corner: Point, viewport: Viewport): WireEdit | null {
  const from = clampToImage(viewport, anchor);
  const to = clampToImage(viewport, corner);
  const leastSide = MIN_SIDE_PX / viewport.scale;
  if (Math.abs(from.x - to.x) < leastSide || Math.abs(from.y - to.y) < leastSide) return null;
  return { kind: "set_box", box_xyxy: boxBetween(from, to) };
}

/** The handle of the draft's box under the pointer. */
export function boxHandleAt(input: Point, state: ToolState): BoxHandle | null {
  if (!state.box_xyxy) return null;
  const isNear = ({ at }: BoxHandle): boolean =>
    Math.hypot(at.x - input.x, at.y - input.y) <= HANDLE_REACH_PX;
  return boxHandles(state.box_xyxy, state.viewport).find(isNear) ?? null;
}
