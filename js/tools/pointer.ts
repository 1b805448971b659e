// From pointer events to gestures and commands: which tool has the say, click or drag.

import type { WireEdit } from "../contract/protocol";
import { clampToImage, toImage } from "../frame/viewport";
import { boxHandleAt, boxRequest } from "./box";
import { beginStroke, isPainting, paintOn } from "./brush";
import { takeRequest } from "./found";
import { pinchCommands } from "./pan";
import { clickRequest, pointAt } from "./point";
import { beginPolygonPress, dragCorner, dragEdge, placeCorner } from "./polygon";
import { scribbleDrag, scribbleRequest } from "./scribble";
import { selectRequest } from "./select";
import {
  type Drag,
  type Gesture,
  IDLE,
  type PointerInput,
  type Step,
  step,
  type ToolState,
} from "./types";

const MOUSE_SLOP_PX = 3;
const PEN_SLOP_PX = 6;
const TOUCH_SLOP_PX = 10;
/** A press that drags nothing may shake this much and still be a click. */
const CLICK_SLOP_PX = 14;

export function pressed(gesture: Gesture, input: PointerInput, state: ToolState): Step {
  if (gesture.kind === "idle") return beginPress(input, state);
  const first = lastOf(gesture);
  if (first && input.device === "touch" && first.device === "touch" && first.id !== input.id) {
    return step({ kind: "pinch", a: first, b: input });
  }
  return step(gesture);
}

function beginPress(input: PointerInput, state: ToolState): Step {
  const press = (click: WireEdit | null, drag: Drag): Step =>
    step({ kind: "press", start: input, click, drag, last: input });
  if (input.button === 1 || (input.button === 0 && (state.spaceHeld || state.readOnly))) {
    return press(null, { kind: "pan" });
  }
  if (state.readOnly) return press(null, { kind: "none" });
  if (isPainting(state.tool)) return beginStroke(input, state);
  if (state.tool === "polygon") return beginPolygonPress(input, state);
  const stroke = scribbleDrag(input, state);
  if (input.button !== 0) return press(clickRequest(input, state), stroke ?? { kind: "none" });

  const index = pointAt(input, state, input.device);
  if (index !== null) return press(null, { kind: "move_point", index });
  const handle = boxHandleAt(input, state);
  if (handle) return press(null, { kind: "box", anchor: handle.anchor, edge: handle.edge });
  const take = takeRequest(input, state);
  if (state.tool === "select") return press(take ?? selectRequest(input, state), { kind: "pan" });
  if (input.alt || input.ctrl) {
    return press(clickRequest(input, state), stroke ?? { kind: "none" });
  }
  const anchor = toImage(state.viewport, input);
  return press(take ?? clickRequest(input, state), stroke ?? { kind: "box", anchor });
}

export function moved(gesture: Gesture, input: PointerInput, state: ToolState): Step {
  switch (gesture.kind) {
    case "idle":
    case "spent":
      return step(gesture);
    case "press":
      if (input.id !== gesture.start.id) return step(gesture);
      return movedPress(gesture, input, state);
    case "move_point": {
      if (input.id !== gesture.id) return step(gesture);
      const at = clampToImage(state.viewport, toImage(state.viewport, input));
      return step({ ...gesture, at, last: input });
    }
    case "box": {
      if (input.id !== gesture.id) return step(gesture);
      const at = clampToImage(state.viewport, toImage(state.viewport, input));
      const { axis, corner } = gesture;
      if (axis === "x") at.y = corner.y;
      if (axis === "y") at.x = corner.x;
      return step({ ...gesture, corner: at, last: input });
    }
    case "scribble": {
      if (input.id !== gesture.id) return step(gesture);
      const path = [...gesture.path, toImage(state.viewport, input)];
      return step({ ...gesture, path, last: input });
    }
    case "stroke":
      return input.id === gesture.id ? paintOn(gesture, input, state) : step(gesture);
    case "corner":
      return step(input.id === gesture.id ? { ...gesture, last: input } : gesture);
    case "edge": {
      const { id, start } = gesture;
      if (input.id !== id || !isDragged(start, input)) return step(gesture);
      return dragEdge(gesture, input, state);
    }
    case "outline": {
      const isDrag = gesture.moved || isDragged(gesture.last, input);
      if (input.id !== gesture.id || !isDrag) return step(gesture);
      return dragCorner(gesture, input, state);
    }
    case "pan": {
      if (input.id !== gesture.id) return step(gesture);
      const { last } = gesture;
      return step(
        { ...gesture, last: input },
        { do: "pan", dx: input.x - last.x, dy: input.y - last.y },
      );
    }
    case "pinch": {
      const { a, b } = gesture;
      const next = {
        ...gesture,
        a: input.id === a.id ? input : a,
        b: input.id === b.id ? input : b,
      };
      return step(next, ...pinchCommands([a, b], [next.a, next.b]));
    }
    default:
      gesture satisfies never;
      return step(gesture);
  }
}

function isDragged(start: PointerInput, input: PointerInput): boolean {
  const slop = input.device === "touch" ? TOUCH_SLOP_PX : MOUSE_SLOP_PX;
  return Math.hypot(input.x - start.x, input.y - start.y) >= slop;
}

function movedPress(
  gesture: Extract<Gesture, { kind: "press" }>,
  input: PointerInput,
  state: ToolState,
): Step {
  const { start, drag } = gesture;
  const distance = Math.hypot(input.x - start.x, input.y - start.y);
  const dragSlop = { mouse: MOUSE_SLOP_PX, pen: PEN_SLOP_PX, touch: TOUCH_SLOP_PX }[input.device];
  const slop = drag.kind === "none" ? CLICK_SLOP_PX : dragSlop;
  if (distance < slop) return step({ ...gesture, last: input });
  const { id } = start;
  switch (drag.kind) {
    case "none":
      return step({ kind: "spent", ids: [id] });
    case "pan":
      return moved({ kind: "pan", id, last: start }, input, state);
    case "box": {
      const anchor = clampToImage(state.viewport, drag.anchor);
      const { axis, corner } = { axis: undefined, corner: anchor, ...drag.edge };
      return moved({ kind: "box", id, anchor, corner, axis, last: start }, input, state);
    }
    case "scribble": {
      const path = [toImage(state.viewport, start)];
      return moved({ kind: "scribble", id, label: drag.label, path, last: start }, input, state);
    }
    case "move_point": {
      const at = toImage(state.viewport, start);
      return moved({ kind: "move_point", id, index: drag.index, at, last: start }, input, state);
    }
    default:
      drag satisfies never;
      return step(gesture);
  }
}

export function released(gesture: Gesture, input: PointerInput, state: ToolState): Step {
  const after = moved(gesture, input, state);
  const current = after.gesture;
  switch (current.kind) {
    case "idle":
      return step(current);
    case "spent": {
      const ids = current.ids.filter((id) => id !== input.id);
      return step(ids.length > 0 ? { kind: "spent", ids } : IDLE);
    }
    case "press": {
      if (input.id !== current.start.id) return step(current);
      return current.click ? step(IDLE, { do: "send", request: current.click }) : step(IDLE);
    }
    case "move_point": {
      if (input.id !== current.id) return step(current);
      const { index, at } = current;
      return step(IDLE, { do: "send", request: { kind: "move_point", index, x: at.x, y: at.y } });
    }
    case "box": {
      if (input.id !== current.id) return step(current);
      const request = boxRequest(current.anchor, current.corner, state.viewport);
      return request ? step(IDLE, { do: "send", request }) : step(IDLE);
    }
    case "scribble": {
      if (input.id !== current.id) return step(current);
      const request = scribbleRequest(current.path, current.label, state.viewport);
      return request ? step(IDLE, { do: "send", request }) : step(IDLE);
    }
    case "stroke":
      if (input.id !== current.id) return step(current);
      return step(IDLE, { do: "send", request: current.edit });
    case "corner":
    case "edge":
      if (input.id !== current.id) return step(current);
      return step(IDLE, ...placeCorner(input, current.start, state));
    case "outline":
      if (input.id !== current.id) return step(current);
      return current.moved ? step(IDLE, { do: "send", request: current.edit }) : step(IDLE);
    case "pan":
      return { gesture: input.id === current.id ? IDLE : current, commands: after.commands };
    case "pinch": {
      // The other finger alone starts nothing new.
      const rest = [current.a.id, current.b.id].filter((id) => id !== input.id);
      return step({ kind: "spent", ids: rest });
    }
    default:
      current satisfies never;
      return step(IDLE);
  }
}

/**
 * A finger or pen rests where it pressed: the opposite click, as of the right button, and nothing
 * more until it is lifted. It goes on as it was where there is no opposite.
 */
export function longPressed(gesture: Gesture, id: number, state: ToolState): Step {
  if (gesture.kind !== "press" || gesture.start.id !== id) return step(gesture);
  const input = { ...gesture.start, alt: true };
  const down = pressed(IDLE, input, state);
  const up = released(down.gesture, input, state);
  const commands = [...down.commands, ...up.commands];
  if (commands.length === 0) return step(gesture);
  return { gesture: { kind: "spent", ids: [id] }, commands };
}

/** The browser took the pointer away, or the person pressed Escape: nothing is sent. */
export function cancelled(gesture: Gesture, id: number | null): Step {
  if (gesture.kind === "idle") return step(gesture);
  if (gesture.kind === "pinch") {
    const rest = id === null ? [] : [gesture.a.id, gesture.b.id].filter((other) => other !== id);
    return step(rest.length > 0 ? { kind: "spent", ids: rest } : IDLE);
  }
  if (id !== null) return step(IDLE);
  const last = lastOf(gesture);
  return step(last ? { kind: "spent", ids: [last.id] } : gesture);
}

function lastOf(gesture: Gesture): PointerInput | null {
  return "last" in gesture ? gesture.last : null;
}
