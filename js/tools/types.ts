// What tools see and what they decide. Pure data: no DOM, no canvas.

import type {
  BoxXYXY,
  DraftState,
  FoundMask,
  LevelField,
  ObjectState,
  PaintStroke,
  PointPrompt,
  SetOutline,
  Tool,
  WireEdit,
} from "../contract/protocol";
import type { BoxHandle } from "../frame/handles";
import type { Point, Viewport } from "../frame/viewport";
import type { OpenPolygon } from "./polygon";

/** A pointer event in css pixels of the canvas. */
export interface PointerInput extends Point {
  id: number;
  device: "mouse" | "touch" | "pen";
  /** 0 left or touch, 1 middle, 2 right; -1 for a move. */
  button: number;
  alt: boolean;
  ctrl: boolean;
  shift: boolean;
}

/** What a decision rests on. */
export interface ToolState {
  tool: Tool;
  viewport: Viewport;
  points: readonly PointPrompt[];
  box_xyxy: BoxXYXY | null;
  /** There is an object in the making. */
  hasDraft: boolean;
  objects: readonly ObjectState[];
  /** Ids, the last selected one at the end. */
  selection: readonly number[];
  /** What a search has found and is not taken, the smallest first. */
  found: readonly FoundMask[];
  /** The space bar is down: drag pans. */
  spaceHeld: boolean;
  /** The draft's mask and the corners of its polygons, if that is what it is. */
  draftField: LevelField | null;
  draftRings: DraftState["rings"];
  selected: number | null;
  /** Radius of brush and eraser in css pixels. */
  brushPx: number;
  /** The polygon that is being drawn. */
  polygon: OpenPolygon | null;
  /** There is no kernel to carry out an edit: the pointer only moves the picture. */
  readOnly: boolean;
}

export type Command =
  | { do: "send"; request: WireEdit }
  | { do: "brush_size"; factor: number }
  | { do: "polygon"; polygon: OpenPolygon | null }
  | { do: "pan"; dx: number; dy: number }
  | { do: "zoom"; at: Point; factor: number };

/** What the pointer is in the middle of. */
export type Gesture =
  | { kind: "idle" }
  /** Over until every finger is lifted. */
  | { kind: "spent"; ids: readonly number[] }
  /** Down, and not yet moved far enough to be a drag. */
  | { kind: "press"; start: PointerInput; click: WireEdit | null; drag: Drag; last: PointerInput }
  | { kind: "move_point"; id: number; index: number; at: Point; last: PointerInput }
  | {
      kind: "box";
      id: number;
      anchor: Point;
      corner: Point;
      /** A side is dragged: the corner moves along this axis alone. */
      axis?: "x" | "y" | undefined;
      last: PointerInput;
    }
  /** A stroke in the image frame. */
  | { kind: "scribble"; id: number; label: 0 | 1; path: readonly Point[]; last: PointerInput }
  /** Painting: what would be sent now. */
  | { kind: "stroke"; id: number; edit: PaintStroke; last: PointerInput }
  /** A corner of the polygon is being placed. */
  | { kind: "corner"; id: number; start: PointerInput; last: PointerInput }
  /** Down on an edge of an outline, before the corner that is put in at `index` of `ring`. */
  | {
      kind: "edge";
      id: number;
      start: PointerInput;
      ring: number;
      index: number;
      last: PointerInput;
    }
  /** A corner of an outline is being dragged. */
  | {
      kind: "outline";
      id: number;
      ring: number;
      index: number;
      edit: SetOutline;
      moved: boolean;
      last: PointerInput;
    }
  | { kind: "pan"; id: number; last: PointerInput }
  | { kind: "pinch"; a: PointerInput; b: PointerInput };

/** What a press turns into when it becomes a drag. */
export type Drag =
  | { kind: "none" }
  | { kind: "pan" }
  | { kind: "box"; anchor: Point; edge?: BoxHandle["edge"] }
  | { kind: "scribble"; label: 0 | 1 }
  | { kind: "move_point"; index: number };

export interface Step {
  gesture: Gesture;
  commands: readonly Command[];
}

export const IDLE: Gesture = { kind: "idle" };

export function step(gesture: Gesture, ...commands: Command[]): Step {
  return { gesture, commands };
}
