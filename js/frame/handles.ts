// The eight handles of a box: where they are on the screen, and what dragging one changes. Pure.

import type { BoxXYXY } from "../contract/protocol";
import { type Point, toView, type Viewport } from "./viewport";

export interface BoxHandle {
  /** In css pixels of the canvas. */
  readonly at: Point;
  /** The corner of the box, in the image frame, that stays where it is. */
  readonly anchor: Point;
  /** Of a side's handle: the axis that it moves along, and the corner that it takes along. */
  readonly edge?: { readonly axis: "x" | "y"; readonly corner: Point };
  /** The css cursor. */
  readonly cursor: string;
}

/** A side shorter than this on the screen has no handle of its own. */
const MIN_SIDE_PX = 44;

/** Corners first. */
export function boxHandles([x1, y1, x2, y2]: BoxXYXY, viewport: Viewport): BoxHandle[] {
  const view = (x: number, y: number): Point => toView(viewport, { x, y });
  const topLeft = { x: x1, y: y1 };
  const bottomRight = { x: x2, y: y2 };
  const handles: BoxHandle[] = [
    { at: view(x1, y1), anchor: bottomRight, cursor: "nwse-resize" },
    { at: view(x2, y1), anchor: { x: x1, y: y2 }, cursor: "nesw-resize" },
    { at: view(x2, y2), anchor: topLeft, cursor: "nwse-resize" },
    { at: view(x1, y2), anchor: { x: x2, y: y1 }, cursor: "nesw-resize" },
  ];
  const across = (x1 + x2) / 2;
  const down = (y1 + y2) / 2;
  if ((x2 - x1) * viewport.scale >= MIN_SIDE_PX) {
    const top = { axis: "y", corner: topLeft } as const;
    const bottom = { axis: "y", corner: bottomRight } as const;
    handles.push(
      { at: view(across, y1), anchor: bottomRight, edge: top, cursor: "ns-resize" },
      { at: view(across, y2), anchor: topLeft, edge: bottom, cursor: "ns-resize" },
    );
  }
  if ((y2 - y1) * viewport.scale >= MIN_SIDE_PX) {
    const left = { axis: "x", corner: topLeft } as const;
    const right = { axis: "x", corner: bottomRight } as const;
    handles.push(
      { at: view(x1, down), anchor: bottomRight, edge: left, cursor: "ew-resize" },
      { at: view(x2, down), anchor: topLeft, edge: right, cursor: "ew-resize" },
    );
  }
  return handles;
}
