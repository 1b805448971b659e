// The one table of keys: the handler, the toolbar's tooltips and the help all read it.

import type { FinishImage, Tool, WireEdit } from "../contract/protocol";
import { isSearching } from "../state/found";
import { hasDraft, type Shown } from "../state/optimism";
import { refine } from "./select";

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
  /** There is no kernel to carry out an edit. */
  readOnly: boolean;
  /** There is a list of images. */
  hasImages: boolean;
}

export type KeyCommand =
  | { do: "send"; requests: readonly WireEdit[] }
  | { do: "zoom"; factor: number }
  | { do: "fit" }
  | { do: "toggle_help" }
  | { do: "cancel_drag" }
  | { do: "find" }
  | { do: "stop_finding" }
  | { do: "turn"; by: 1 | -1 }
  | { do: "finish"; mark: FinishImage["mark"] }
  /** One of our keys with nothing to act on just now: keep it from the notebook all the same. */
  | { do: "nothing" };

/** How much closer one press of + or of the toolbar's button brings the picture. */
export const ZOOM_STEP = 1.25;

interface Binding {
  /** KeyboardEvent.key of each key that does it; letters in lower case. */
  readonly keys: readonly string[];
  /** With Ctrl or Cmd; without when it is absent. */
  readonly ctrl?: true;
  /** With or without Shift; either when it is absent. */
  readonly shift?: boolean;
  /** How the key is written for people; the first key when it is absent. */
  readonly shown?: string;
  /** For the help; a binding without is told of elsewhere. */
  readonly meaning?: string;
  /** Null when it is not ours just now. */
  run(state: KeyState, key: string): KeyCommand | null;
}

const NOTHING: KeyCommand = { do: "nothing" };

export const KEYS = {
  submit: {
    keys: ["Enter"],
    shift: true,
    shown: "Shift+Enter",
    meaning: "submit the image of a list and go to the next one",
    run: (state) => (state.hasImages ? { do: "finish", mark: "submitted" } : commit(state)),
  },
  commit: { keys: ["Enter"], meaning: "commit the object", run: commit },
  clear: {
    keys: ["Escape"],
    shown: "Esc",
    meaning: "clear the prompts, a refined object goes back as it was; stop a search",
    run: escapeFrom,
  },
  candidates: {
    keys: ["[", "]"],
    shown: "[ ]",
    meaning: "previous, next candidate mask",
    run: ({ shown }, key) => candidate(shown, key === "[" ? -1 : 1),
  },
  point: {
    keys: ["t"],
    meaning: "positive or negative point",
    run: ({ shown }) => setTool(shown.controls.tool === "positive" ? "negative" : "positive"),
  },
  box: { keys: ["b"], meaning: "box", run: () => setTool("box") },
  select: { keys: ["v"], meaning: "select and move", run: () => setTool("select") },
  refine: {
    keys: ["r"],
    meaning: "refine the selected object with more clicks",
    run: ({ shown: { controls } }) =>
      controls.selected === null ? NOTHING : send(...refine(controls.selected, controls.tool)),
  },
  remove: {
    keys: ["Delete", "Backspace"],
    meaning: "remove the point under the pointer, or the selected object",
    run: removeHovered,
  },
  everything: {
    keys: ["e"],
    meaning: "find everything; a click on what was found makes it an object",
    run: () => ({ do: "find" }),
  },
  previousImage: {
    keys: ["PageUp"],
    shift: false,
    shown: "Page Up",
    meaning: "the image before, of a list",
    run: ({ hasImages }) => (hasImages ? { do: "turn", by: -1 } : null),
  },
  nextImage: {
    keys: ["PageDown"],
    shift: false,
    shown: "Page Down",
    meaning: "the next image",
    run: ({ hasImages }) => (hasImages ? { do: "turn", by: 1 } : null),
  },
  skip: {
    keys: ["PageDown"],
    shift: true,
    shown: "Shift+Page Down",
    meaning: "skip the image and go to the next one",
    run: ({ hasImages }) => (hasImages ? { do: "finish", mark: "skipped" } : null),
  },
  undo: {
    keys: ["z"],
    ctrl: true,
    shift: false,
    shown: "Ctrl+Z",
    meaning: "undo",
    run: ({ shown }) => (shown.controls.can_undo ? send({ kind: "undo" }) : NOTHING),
  },
  redo: {
    keys: ["z"],
    ctrl: true,
    shift: true,
    shown: "Ctrl+Shift+Z",
    meaning: "redo",
    run: redo,
  },
  redoToo: { keys: ["y"], ctrl: true, shift: false, run: redo },
  classes: {
    keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
    shown: "1–9",
    meaning: "class of the next object",
    run: ({ shown }, key) => {
      const label = shown.controls.classes[Number(key) - 1];
      return label === undefined ? NOTHING : send({ kind: "set_label", label });
    },
  },
  zoomIn: {
    keys: ["+", "="],
    meaning: "zoom in",
    run: () => ({ do: "zoom", factor: ZOOM_STEP }),
  },
  zoomOut: {
    keys: ["-"],
    shown: "−",
    meaning: "zoom out",
    run: () => ({ do: "zoom", factor: 1 / ZOOM_STEP }),
  },
  fit: { keys: ["0"], meaning: "whole picture", run: () => ({ do: "fit" }) },
  help: { keys: ["h", "?"], meaning: "this help", run: () => ({ do: "toggle_help" }) },
} as const satisfies Record<string, Binding>;

export type KeyName = keyof typeof KEYS;

const BINDINGS: readonly Binding[] = Object.values(KEYS);

/** What the mouse does, for the help. */
const MOUSE: readonly (readonly [gesture: string, meaning: string])[] = [
  ["Click", "add a point to the object"],
  ["Shift+click", "add a point where a found mask would be taken"],
  ["Right click, Alt+click", "take this part away"],
  ["Drag", "box around the object"],
  ["Double-click", "with the select tool: refine this object"],
  ["Ctrl+wheel", "zoom; after a click the wheel alone does, too"],
  ["Space+drag", "move the picture"],
];

/** Rows of the help: what to press, and what it does. */
export function helpRows(): (readonly [keys: string, meaning: string])[] {
  const keys = BINDINGS.flatMap((binding) =>
    binding.meaning === undefined ? [] : [[written(binding), binding.meaning] as const],
  );
  return [...MOUSE, ...keys];
}

/** `Undo` as a tooltip: `Undo (Ctrl+Z)`. */
export function tooltip(text: string, name: KeyName): string {
  return `${text} (${written(KEYS[name])})`;
}

/** The value of aria-keyshortcuts: `Control+Z`. */
export function ariaShortcuts(name: KeyName): string {
  const { keys, ctrl, shift }: Binding = KEYS[name];
  const modifiers = `${ctrl ? "Control+" : ""}${shift ? "Shift+" : ""}`;
  return keys.map((key) => `${modifiers}${key === "+" ? "Plus" : capital(key)}`).join(" ");
}

/** Null for a key that is not ours. */
export function keyCommand(input: KeyInput, state: KeyState): KeyCommand | null {
  if (input.target === "text" || input.alt) return null;
  if (input.target === "button" && (input.key === "Enter" || input.key === " ")) return null;
  const key = input.key.length === 1 ? input.key.toLowerCase() : input.key;
  const found = BINDINGS.find(
    ({ keys, ctrl = false, shift = input.shift }) =>
      keys.includes(key) && ctrl === input.ctrl && shift === input.shift,
  );
  if (!found) return null;
  const command = found.run(state, key);
  if (!command) return null;
  const isForKernel = ["send", "find", "stop_finding", "turn", "finish"].includes(command.do);
  return state.readOnly && isForKernel ? NOTHING : command;
}

function commit({ shown }: KeyState): KeyCommand {
  return hasDraft(shown.draft) ? send({ kind: "commit", label: null }) : NOTHING;
}

function redo({ shown }: KeyState): KeyCommand {
  return shown.controls.can_redo ? send({ kind: "redo" }) : NOTHING;
}

function escapeFrom({ shown, helpOpen, dragging }: KeyState): KeyCommand {
  if (helpOpen) return { do: "toggle_help" };
  if (dragging) return { do: "cancel_drag" };
  if (hasDraft(shown.draft)) return send({ kind: "clear_prompts" });
  if (isSearching(shown.found)) return { do: "stop_finding" };
  return shown.controls.selected === null ? NOTHING : send({ kind: "select_object", id: null });
}

function removeHovered({ shown, hoveredPoint }: KeyState): KeyCommand {
  if (hoveredPoint !== null) return send({ kind: "remove_point", index: hoveredPoint });
  const { selected } = shown.controls;
  return selected === null ? NOTHING : send({ kind: "delete_object", id: selected });
}

function candidate({ draft }: Shown, by: number): KeyCommand {
  const { scores, choice } = draft;
  if (scores.length < 2) return NOTHING;
  return send({ kind: "choose_mask", index: (choice + by + scores.length) % scores.length });
}

function setTool(tool: Tool): KeyCommand {
  return send({ kind: "set_tool", tool });
}

function send(...requests: WireEdit[]): KeyCommand {
  return { do: "send", requests };
}

function written({ keys, shown }: Binding): string {
  return shown ?? capital(keys[0] ?? "");
}

function capital(key: string): string {
  return key.length === 1 ? key.toUpperCase() : key;
}
