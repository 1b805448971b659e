// The keyboard: one table of keys, read by the handler, the tooltips and the help.

import type { Request } from "../contract/protocol";
import { hasPrompts, type Shown } from "../state/optimism";

export interface KeyInput {
  /** KeyboardEvent.key. */
  key: string;
  /** Ctrl or Cmd. */
  ctrl: boolean;
  shift: boolean;
  alt: boolean;
  /** What has the focus: its own keys are left to it. */
  target: "canvas" | "button" | "text";
}

export interface KeyState {
  shown: Shown;
  /** The draft's point under the pointer. */
  hoveredPoint: number | null;
  helpOpen: boolean;
  /** A drag is under way. */
  dragging: boolean;
}

export type KeyCommand =
  | { do: "send"; request: Request }
  | { do: "zoom"; factor: number }
  | { do: "fit" }
  | { do: "toggle_help" }
  | { do: "cancel_drag" }
  /** One of our keys with nothing to act on just now: keep it from the notebook all the same. */
  | { do: "nothing" };

/** What the help lists: keys, meaning. */
export const KEY_HELP: readonly (readonly [keys: string, meaning: string])[] = [
  ["Click", "add a point to the object"],
  ["Right click, Alt+click", "take this part away"],
  ["Drag", "box around the object"],
  ["Enter", "commit the object"],
  ["Esc", "clear the prompts"],
  ["[, ]", "previous, next candidate mask"],
  ["T", "positive or negative point"],
  ["B", "box"],
  ["V", "select and move"],
  ["Delete", "remove the point under the pointer, or the selected object"],
  ["Ctrl+Z, Ctrl+Shift+Z", "undo, redo"],
  ["1–9", "class of the next object"],
  ["Ctrl+wheel, +, −", "zoom; after a click the wheel alone does, too"],
  ["Space+drag", "move the picture"],
  ["0", "whole picture"],
  ["H", "this help"],
];

/** How much closer one press of + or of the toolbar's button brings the picture. */
export const ZOOM_STEP = 1.25;

/** Null for a key that is not ours. */
export function keyCommand(input: KeyInput, state: KeyState): KeyCommand | null {
  if (input.target === "text" || input.alt) return null;
  if (input.ctrl) return historyCommand(input, state);
  if (input.target === "button" && (input.key === "Enter" || input.key === " ")) return null;
  const { draft, controls } = state.shown;
  switch (input.key) {
    case "Enter":
      return hasPrompts(draft) ? send({ kind: "commit" }) : { do: "nothing" };
    case "Escape":
      return escapeCommand(state);
    case "Delete":
    case "Backspace":
      if (state.hoveredPoint !== null) {
        return send({ kind: "remove_point", index: state.hoveredPoint });
      }
      if (controls.selected !== null) return send({ kind: "delete_object", id: controls.selected });
      return { do: "nothing" };
    case "[":
      return candidateCommand(state, -1);
    case "]":
      return candidateCommand(state, 1);
    case "t":
    case "T":
      return send({
        kind: "set_tool",
        tool: controls.tool === "positive" ? "negative" : "positive",
      });
    case "b":
    case "B":
      return send({ kind: "set_tool", tool: "box" });
    case "v":
    case "V":
      return send({ kind: "set_tool", tool: "select" });
    case "0":
      return { do: "fit" };
    case "+":
    case "=":
      return { do: "zoom", factor: ZOOM_STEP };
    case "-":
      return { do: "zoom", factor: 1 / ZOOM_STEP };
    case "h":
    case "H":
    case "?":
      return { do: "toggle_help" };
    default:
      return classCommand(input.key, controls.classes);
  }
}

function historyCommand(input: KeyInput, state: KeyState): KeyCommand | null {
  const { can_undo, can_redo } = state.shown.controls;
  const key = input.key.toLowerCase();
  if (key === "z" && !input.shift) return can_undo ? send({ kind: "undo" }) : { do: "nothing" };
  if (key === "z" || (key === "y" && !input.shift)) {
    return can_redo ? send({ kind: "redo" }) : { do: "nothing" };
  }
  return null;
}

function escapeCommand(state: KeyState): KeyCommand {
  const { draft, controls } = state.shown;
  if (state.helpOpen) return { do: "toggle_help" };
  if (state.dragging) return { do: "cancel_drag" };
  if (hasPrompts(draft)) return send({ kind: "clear_prompts" });
  if (controls.selected !== null) return send({ kind: "select_object", id: null });
  return { do: "nothing" };
}

function candidateCommand(state: KeyState, by: number): KeyCommand {
  const { scores, choice } = state.shown.draft;
  if (scores.length < 2) return { do: "nothing" };
  return send({ kind: "choose_mask", index: (choice + by + scores.length) % scores.length });
}

function classCommand(key: string, classes: readonly string[]): KeyCommand | null {
  if (!/^[1-9]$/.test(key)) return null;
  const label = classes[Number(key) - 1];
  return label === undefined ? { do: "nothing" } : send({ kind: "set_label", label });
}

function send(request: Request): KeyCommand {
  return { do: "send", request };
}
