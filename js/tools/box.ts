// Boxes: rubber band, corners to drag.

import type { WireEdit } from "../contract/protocol";
import { boxBetween, clampToImage, type Point, toView, type Viewport } from "../frame/viewport";
import type { ToolState } from "./types";

/** A box thinner than this on the screen is a slip of the hand. */
const MIN_SIDE_PX = 3;
const CORNER_REACH_PX = 8;

/** The request of a finished drag from `anchor` to `corner`, both in the image frame. */
export function boxRequest(anchor: Point, corner: Point, viewport: Viewport): WireEdit | null {
  const from = clampToImage(viewport, anchor);
  const to = clampToImage(viewport, corner);
  const leastSide = MIN_SIDE_PX / viewport.scale;
  if (Math.abs(from.x - to.x) < leastSide || Math.abs(from.y - to.y) < leastSide) return null;
  return { kind: "set_box", box_xyxy: boxBetween(from, to) };
}

export interface BoxCorner {
  /** The corner that stays where it is while this one is dragged. */
  opposite: Point;
  /** True for the top left and bottom right corner: the cursor's slant. */
  falling: boolean;
}

/** The corner of the draft's box under the pointer. */
export function boxCornerAt(input: Point, state: ToolState): BoxCorner | null {
  if (!state.box_xyxy) return null;
  const [x1, y1, x2, y2] = state.box_xyxy;
  const corners = [
    { x: x1, y: y1, opposite: { x: x2, y: y2 }, falling: true },
    { x: x2, y: y1, opposite: { x: x1, y: y2 }, falling: false },
    { x: x2, y: y2, opposite: { x: x1, y: y1 }, falling: true },
    { x: x1, y: y2, opposite: { x: x2, y: y1 }, falling: false },
  ];
  for (const { x, y, opposite, falling } of corners) {
    const at = toView(state.viewport, { x, y });
    if (Math.hypot(at.x - input.x, at.y - input.y) <= CORNER_REACH_PX) return { opposite, falling };
  }
  return null;
}
