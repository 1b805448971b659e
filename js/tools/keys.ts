// The one table of keys: the handler, the toolbar's tooltips and the help all read it.

import type { FinishImage, Tool, WireEdit } from "../contract/protocol";
import { isSearching } from "../state/found";
import { hasDraft, type Shown } from "../state/optimism";
import { BRUSH_STEP, isPainting } from "./brush";
import { deleteRequest, relabelRequest } from "./list";
import { refine } from "./select";
import { VIEW_KEYS, type ViewCommand } from "./viewkeys";

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
  /** A polygon is being drawn. */
  hasPolygon: boolean;
  /** The edit that takes the corner under the pointer away. */
  withoutCorner: WireEdit | null;
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
  | ViewCommand
  | { do: "toggle_help" }
  | { do: "toggle_heat" }
  | { do: "cancel_drag" }
  | { do: "find" }
  | { do: "find_text" }
  | { do: "stop_finding" }
  | { do: "brush_size"; factor: number }
  | { do: "polygon"; action: "close" | "undo" | "cancel" }
  | { do: "turn"; by: 1 | -1 }
  | { do: "finish"; mark: FinishImage["mark"] }
  /** One of our keys with nothing to act on just now: keep it from the notebook all the same. */
  | { do: "nothing" };

export interface Binding {
  /** KeyboardEvent.key of each key that does it; letters in lower case. */
  readonly keys: readonly string[];
  /** With Ctrl or Cmd; without when it is absent. */
  readonly ctrl?: true;
  /** With or without Shift; either when it is absent. */
  readonly shift?: boolean;
  /** With Alt; without when it is absent. */
  readonly alt?: true;
  /** Only while the picture itself has the focus. */
  readonly onCanvas?: true;
  /** How the key is written for people; the first key when it is absent. */
  readonly shown?: string;
  /** For the help; a binding without is told of elsewhere. */
  readonly meaning?: string;
  /** Null when it is not ours just now. */
  run(state: KeyState, key: string): KeyCommand | null;
}

const NOTHING: KeyCommand = { do: "nothing" };

/** Commands that only a kernel can carry out. */
const FOR_KERNEL: readonly KeyCommand["do"][] = [
  "send",
  "find",
  "find_text",
  "stop_finding",
  "turn",
  "finish",
];

export const KEYS = {
  submit: {
    keys: ["Enter"],
    shift: true,
    shown: "Shift+Enter",
    meaning: "submit the image of a list and go to the next one",
    run: (state) => (state.hasImages ? { do: "finish", mark: "submitted" } : keep(state)),
  },
  commit: { keys: ["Enter"], meaning: "commit the object", run: keep },
  clear: {
    keys: ["Escape"],
    shown: "Esc",
    meaning: "clear the prompts, a refined object goes back as it was; stop a search",
    run: escapeFrom,
  },
  candidates: {
    keys: ["[", "]"],
    shown: "[ ]",
    meaning: "previous, next candidate mask; with brush or eraser the size",
    run: ({ shown }, key) =>
      isPainting(shown.controls.tool)
        ? { do: "brush_size", factor: key === "[" ? 1 / BRUSH_STEP : BRUSH_STEP }
        : candidate(shown, key === "[" ? -1 : 1),
  },
  point: {
    keys: ["t"],
    meaning: "positive or negative point",
    run: ({ shown }) => setTool(shown.controls.tool === "positive" ? "negative" : "positive"),
  },
  scribble: {
    keys: ["s"],
    meaning: "scribble: a stroke over the object",
    run: () => setTool("scribble"),
  },
  box: { keys: ["b"], meaning: "box", run: () => setTool("box") },
  brush: { keys: ["d"], meaning: "brush", run: () => setTool("brush") },
  eraser: { keys: ["x"], meaning: "eraser", run: () => setTool("eraser") },
  polygon: { keys: ["g"], meaning: "polygon", run: () => setTool("polygon") },
  select: { keys: ["v"], meaning: "select and move", run: () => setTool("select") },
  refine: {
    keys: ["r"],
    meaning: "refine the selected object with more clicks",
    run: ({ shown: { controls } }) =>
      controls.selected === null ? NOTHING : send(...refine(controls.selected, controls.tool)),
  },
  remove: {
    keys: ["Delete", "Backspace"],
    meaning: "remove the point or corner under the pointer, else the selected objects",
    run: removeHovered,
  },
  everything: {
    keys: ["e"],
    meaning: "find everything; a click on what was found makes it an object",
    run: () => ({ do: "find" }),
  },
  findText: {
    keys: ["/"],
    meaning: "find what words name, or everything in more detail",
    run: () => ({ do: "find_text" }),
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
    run: undo,
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
    meaning: "class of the selected objects, else of the next one",
    run: ({ shown: { controls } }, key) => {
      const label = controls.classes[Number(key) - 1];
      if (label === undefined) return NOTHING;
      const { selection } = controls;
      if (selection.length > 0) return send(relabelRequest(selection, label));
      return send({ kind: "set_label", label });
    },
  },
  heat: {
    keys: ["u"],
    meaning: "heat map: how sure the model is, everywhere",
    run: () => ({ do: "toggle_heat" }),
  },
  ...VIEW_KEYS,
  help: { keys: ["h", "?"], meaning: "this help", run: () => ({ do: "toggle_help" }) },
} as const satisfies Record<string, Binding>;

export type KeyName = keyof typeof KEYS;

const BINDINGS: readonly Binding[] = Object.values(KEYS);

/** What the mouse does, for the help. */
const MOUSE: readonly (readonly [gesture: string, meaning: string])[] = [
  ["Click", "add a point to the object"],
  ["Shift+click", "add a point where a found mask would be taken"],
  ["Right click, Alt+click", "take this part away"],
  ["Drag", "box around the object; with the scribble tool a stroke over it"],
  ["Drag a point or handle", "move the point, resize the box, with every tool"],
  ["Shift+click (select)", "select this object, too"],
  ["Double-click", "with the select tool: refine this object"],
  ["Paint, right button", "with the brush: add to the mask, take away"],
  ["Click corners", "with the polygon tool: a new one; drag the corners of a mask"],
  ["Ctrl+wheel", "zoom; after a click the wheel alone does, too"],
  ["Space+drag", "move the picture"],
  ["Finger or pen", "tap: a point; rest: take this part away; two fingers: zoom and move"],
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
  const { keys, ctrl, shift, alt }: Binding = KEYS[name];
  const modifiers = `${ctrl ? "Control+" : ""}${alt ? "Alt+" : ""}${shift ? "Shift+" : ""}`;
  return keys.map((key) => `${modifiers}${key === "+" ? "Plus" : capital(key)}`).join(" ");
}

/** Null for a key that is not ours. */
export function keyCommand(input: KeyInput, state: KeyState): KeyCommand | null {
  if (input.target === "text") return null;
  if (input.target === "button" && (input.key === "Enter" || input.key === " ")) return null;
  const key = input.key.length === 1 ? input.key.toLowerCase() : input.key;
  const found = BINDINGS.find(
    ({ keys, ctrl = false, alt = false, shift = input.shift, onCanvas }) =>
      keys.includes(key) &&
      ctrl === input.ctrl &&
      alt === input.alt &&
      shift === input.shift &&
      (!onCanvas || input.target === "canvas"),
  );
  if (!found) return null;
  const command = found.run(state, key);
  if (!command) return null;
  return state.readOnly && FOR_KERNEL.includes(command.do) ? NOTHING : command;
}

/** Make the draft an object. One that was painted is left alone, so that the next stroke begins anew. */
export function commit({ draft, controls }: Shown): KeyCommand {
  if (!hasDraft(draft)) return NOTHING;
  const keep: WireEdit = { kind: "commit", label: null };
  const paints = isPainting(controls.tool) || controls.tool === "polygon";
  return paints ? send(keep, { kind: "select_object", id: null }) : send(keep);
}

function undo({ shown, hasPolygon }: KeyState): KeyCommand {
  if (hasPolygon) return { do: "polygon", action: "undo" };
  return shown.controls.can_undo ? send({ kind: "undo" }) : NOTHING;
}

/** Close the polygon that is open, else commit. */
function keep({ shown, hasPolygon }: KeyState): KeyCommand {
  return hasPolygon ? { do: "polygon", action: "close" } : commit(shown);
}

function redo({ shown }: KeyState): KeyCommand {
  return shown.controls.can_redo ? send({ kind: "redo" }) : NOTHING;
}

function escapeFrom({ shown, helpOpen, dragging, hasPolygon }: KeyState): KeyCommand {
  if (helpOpen) return { do: "toggle_help" };
  if (dragging) return { do: "cancel_drag" };
  if (hasPolygon) return { do: "polygon", action: "cancel" };
  if (hasDraft(shown.draft)) return send({ kind: "clear_prompts" });
  if (isSearching(shown.found)) return { do: "stop_finding" };
  return shown.controls.selected === null ? NOTHING : send({ kind: "select_object", id: null });
}

function removeHovered({ shown, hoveredPoint, hasPolygon, withoutCorner }: KeyState): KeyCommand {
  if (hasPolygon) return { do: "polygon", action: "undo" };
  if (withoutCorner) return send(withoutCorner);
  if (hoveredPoint !== null) return send({ kind: "remove_point", index: hoveredPoint });
  const { selection } = shown.controls;
  return selection.length === 0 ? NOTHING : send(deleteRequest(selection, shown.objects));
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
