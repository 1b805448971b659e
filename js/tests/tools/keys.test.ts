import { describe, expect, it } from "vitest";
import type { Controls, DraftState, FoundState, WireEdit } from "../../contract/protocol";
import { EMPTY_DRAFT } from "../../state/optimism";
import {
  ariaShortcuts,
  helpRows,
  KEYS,
  type KeyCommand,
  type KeyInput,
  type KeyName,
  type KeyState,
  keyCommand,
  tooltip,
} from "../../tools/keys";
import { makeFound, makeState } from "../helpers";

interface Situation {
  draft?: Partial<DraftState>;
  controls?: Partial<Controls>;
  found?: FoundState | null;
  hoveredPoint?: number;
  hasPolygon?: boolean;
  withoutCorner?: WireEdit;
  helpOpen?: boolean;
  dragging?: boolean;
  readOnly?: boolean;
  hasImages?: boolean;
}

function press(key: string, situation: Situation = {}, input: Partial<KeyInput> = {}) {
  const { controls } = makeState();
  const state: KeyState = {
    shown: {
      draft: { ...EMPTY_DRAFT, ...situation.draft },
      objects: [],
      found: situation.found ?? null,
      controls: { ...controls, ...situation.controls },
    },
    hoveredPoint: situation.hoveredPoint ?? null,
    hasPolygon: situation.hasPolygon ?? false,
    withoutCorner: situation.withoutCorner ?? null,
    helpOpen: situation.helpOpen ?? false,
    dragging: situation.dragging ?? false,
    readOnly: situation.readOnly ?? false,
    hasImages: situation.hasImages ?? false,
  };
  return keyCommand(
    { key, ctrl: false, shift: false, alt: false, target: "canvas", ...input },
    state,
  );
}

const send = (...requests: WireEdit[]): KeyCommand => ({ do: "send", requests });
const nothing: KeyCommand = { do: "nothing" };
const prompted: Situation = { draft: { points: [{ x: 1, y: 2, label: 1 }] } };
const reopened: Situation = { draft: { reopened: 3 } };
const candidates: Situation = { draft: { ...prompted.draft, scores: [0.5, 0.9, 0.7], choice: 0 } };
const searching: Situation = { found: makeFound([], { progress: 0.5 }) };
const brushing: Situation = { draft: { painted: true }, controls: { tool: "brush" } };
const drawing: Situation = { ...prompted, hasPolygon: true, controls: { tool: "polygon" } };
const outline: WireEdit = { kind: "set_outline", rings: [], id: 3 };
const classes: Situation = { controls: { classes: ["cell", "debris"] } };

describe("keyCommand", () => {
  it.each([
    ["PageUp", {}, { do: "turn", by: -1 }],
    ["PageDown", {}, { do: "turn", by: 1 }],
    ["PageDown", { shift: true }, { do: "finish", mark: "skipped" }],
    ["Enter", { shift: true }, { do: "finish", mark: "submitted" }],
  ] as const)("%s %o belongs to a list of images, where there is one", (key, input, command) => {
    expect(press(key, { hasImages: true }, input)).toEqual(command);
    expect(press(key, { hasImages: true, readOnly: true }, input)).toEqual(nothing);
    if (key !== "Enter") expect(press(key, {}, input)).toBeNull();
    else expect(press(key, prompted, input)).toEqual(send({ kind: "commit", label: null }));
  });

  it.each([
    ["Enter commits", "Enter", prompted, send({ kind: "commit", label: null })],
    ["Enter without prompts stays ours", "Enter", {}, nothing],
    ["Escape clears the prompts", "Escape", prompted, send({ kind: "clear_prompts" })],
    [
      "Escape closes the help first",
      "Escape",
      { ...prompted, helpOpen: true },
      { do: "toggle_help" },
    ],
    ["Escape ends a drag first", "Escape", { ...prompted, dragging: true }, { do: "cancel_drag" }],
    [
      "Escape deselects",
      "Escape",
      { controls: { selected: 3 } },
      send({ kind: "select_object", id: null }),
    ],
    ["E finds everything", "e", {}, { do: "find" }],
    ["Escape stops a search", "Escape", searching, { do: "stop_finding" }],
    [
      "Escape clears the prompts before it stops a search",
      "Escape",
      { ...searching, ...prompted },
      send({ kind: "clear_prompts" }),
    ],
    [
      "Escape leaves what was found",
      "Escape",
      { found: makeFound([]), controls: { selected: 3 } },
      send({ kind: "select_object", id: null }),
    ],
    ["E without a kernel", "e", { readOnly: true }, nothing],
    ["Escape without a kernel", "Escape", { ...searching, readOnly: true }, nothing],
    [
      "Delete takes the hovered point first",
      "Delete",
      { ...prompted, hoveredPoint: 0, controls: { selected: 3 } },
      send({ kind: "remove_point", index: 0 }),
    ],
    [
      "Backspace deletes the selected object",
      "Backspace",
      { controls: { selected: 3, selection: [3] } },
      send({ kind: "delete_object", id: 3 }),
    ],
    [
      "Delete deletes all selected objects in one step",
      "Delete",
      { controls: { selected: 3, selection: [1, 3] } },
      send({ kind: "delete_objects", ids: [1, 3] }),
    ],
    ["Delete with nothing to delete stays ours", "Delete", {}, nothing],
    ["] takes the next candidate", "]", candidates, send({ kind: "choose_mask", index: 1 })],
    ["[ goes round", "[", candidates, send({ kind: "choose_mask", index: 2 })],
    ["] with one candidate", "]", { draft: { scores: [0.9] } }, nothing],
    ["T to negative", "t", {}, send({ kind: "set_tool", tool: "negative" })],
    [
      "T back",
      "T",
      { controls: { tool: "negative" } },
      send({ kind: "set_tool", tool: "positive" }),
    ],
    ["B", "b", {}, send({ kind: "set_tool", tool: "box" })],
    ["V", "v", {}, send({ kind: "set_tool", tool: "select" })],
    ["D", "d", {}, send({ kind: "set_tool", tool: "brush" })],
    ["X", "x", {}, send({ kind: "set_tool", tool: "eraser" })],
    ["G", "g", {}, send({ kind: "set_tool", tool: "polygon" })],
    ["] with the brush", "]", brushing, { do: "brush_size", factor: 1.25 }],
    ["[ with the brush", "[", brushing, { do: "brush_size", factor: 0.8 }],
    [
      "Enter with the brush leaves the object alone",
      "Enter",
      brushing,
      send({ kind: "commit", label: null }, { kind: "select_object", id: null }),
    ],
    ["Enter closes a polygon", "Enter", drawing, { do: "polygon", action: "close" }],
    ["Escape gives a polygon up", "Escape", drawing, { do: "polygon", action: "cancel" }],
    [
      "Backspace takes its last corner back",
      "Backspace",
      drawing,
      { do: "polygon", action: "undo" },
    ],
    [
      "Delete takes the corner under the pointer",
      "Delete",
      { withoutCorner: outline, controls: { selected: 3 } },
      send(outline),
    ],
    ["0 fits", "0", {}, { do: "fit" }],
    ["O shows outlines only", "o", {}, { do: "toggle_outlines" }],
    ["C cuts out", "C", {}, { do: "toggle_cutout" }],
    ["M hides the masks", "m", {}, { do: "hide_masks" }],
    ["F fills the screen, also without a kernel", "f", { readOnly: true }, { do: "full_screen" }],
    ["9 alone is a class", "9", {}, nothing],
    ["H helps", "h", {}, { do: "toggle_help" }],
    ["2 takes the second class", "2", classes, send({ kind: "set_label", label: "debris" })],
    ["3 of two classes", "3", classes, nothing],
    [
      "2 calls the selected objects so, not the next one",
      "2",
      { controls: { ...classes.controls, selected: 4, selection: [3, 4] } },
      send({ kind: "relabel_objects", ids: [3, 4], label: "debris" }),
    ],
    [
      "R refines the selected object",
      "r",
      { controls: { selected: 3 } },
      send({ kind: "reopen_object", id: 3 }),
    ],
    [
      "R leaves the select tool, which could not refine it",
      "R",
      { controls: { selected: 3, tool: "select" } },
      send({ kind: "reopen_object", id: 3 }, { kind: "set_tool", tool: "positive" }),
    ],
    ["R without a selection", "r", {}, nothing],
    ["Enter commits a reopened object", "Enter", reopened, send({ kind: "commit", label: null })],
    ["Escape gives a reopened object up", "Escape", reopened, send({ kind: "clear_prompts" })],
    ["an edit without a kernel stays ours", "t", { readOnly: true }, nothing],
    ["zoom needs no kernel", "0", { readOnly: true }, { do: "fit" }],
    ["Tab is not ours", "Tab", prompted, null],
    ["nor is J", "j", prompted, null],
    ["an arrow moves the key cursor", "ArrowDown", {}, { do: "move_cursor", dx: 0, dy: 1 }],
    ["A clicks there", "a", {}, { do: "press_cursor", opposite: false, hold: false }],
    ["N the other way", "N", {}, { do: "press_cursor", opposite: true, hold: false }],
  ] as [string, string, Situation, KeyCommand | null][])("%s", (_, key, situation, expected) => {
    expect(press(key, situation)).toEqual(expected);
  });

  it.each([
    ["Ctrl+Z undoes", "z", { ctrl: true }, send({ kind: "undo" })],
    ["Ctrl+Shift+Z redoes", "Z", { ctrl: true, shift: true }, send({ kind: "redo" })],
    ["Ctrl+Y redoes", "y", { ctrl: true }, send({ kind: "redo" })],
    ["Ctrl+S is the notebook's", "s", { ctrl: true }, null],
    ["Ctrl+B is not our B", "b", { ctrl: true }, null],
    ["Alt+V is not our V", "v", { alt: true }, null],
    ["Shift leaps", "ArrowLeft", { shift: true }, { do: "move_cursor", dx: -10, dy: 0 }],
    ["Shift+A holds", "A", { shift: true }, { do: "press_cursor", opposite: false, hold: true }],
    ["a list keeps its arrows", "ArrowDown", { target: "button" }, null],
    ["a button is not pressed by our A", "a", { target: "button" }, null],
    ["Alt+9 is 100 %", "9", { alt: true }, { do: "actual_size" }],
    ["Alt+0 is not our 0", "0", { alt: true }, null],
    ["z alone is nothing", "z", {}, null],
  ] as [string, string, Partial<KeyInput>, KeyCommand | null][])(
    "%s",
    (_, key, input, expected) => {
      const history = { controls: { can_undo: true, can_redo: true } };
      expect(press(key, history, input)).toEqual(expected);
    },
  );

  it("undo and redo with nothing to take back send nothing, and stay ours", () => {
    expect(press("z", {}, { ctrl: true })).toEqual(nothing);
    expect(press("y", {}, { ctrl: true })).toEqual(nothing);
  });

  it("leaves Enter and Space to a focused button, and all keys to a text field", () => {
    expect(press("Enter", prompted, { target: "button" })).toBeNull();
    expect(press("v", prompted, { target: "button" })).not.toBeNull();
    expect(press("v", prompted, { target: "text" })).toBeNull();
    expect(press("z", prompted, { target: "text", ctrl: true })).toBeNull();
  });
});

describe("the table of keys", () => {
  it("has no key twice", () => {
    const all = Object.entries(KEYS).flatMap(([, binding]) => {
      const {
        keys,
        ctrl = false,
        alt = false,
        shift = "any",
      } = binding as {
        keys: readonly string[];
        ctrl?: boolean;
        alt?: boolean;
        shift?: boolean;
      };
      return keys.map((key) => `${ctrl} ${alt} ${shift} ${key}`);
    });
    expect(new Set(all).size).toBe(all.length);
  });

  it("writes the same key in tooltips, for screen readers and in the help", () => {
    expect(tooltip("Undo", "undo")).toBe("Undo (Ctrl+Z)");
    expect(ariaShortcuts("undo")).toBe("Control+Z");
    expect(ariaShortcuts("redo")).toBe("Control+Shift+Z");
    expect(ariaShortcuts("zoomIn")).toBe("Plus =");
    expect(ariaShortcuts("actualSize")).toBe("Alt+9");
    const rows = new Map(helpRows());
    expect(rows.get("Ctrl+Z")).toBe("undo");
    expect(rows.get("Click")).toBe("add a point to the object");
    for (const [keys, meaning] of rows) expect(`${keys}: ${meaning}`).not.toContain("undefined");
  });

  it("every key of the help does something", () => {
    for (const name of Object.keys(KEYS) as KeyName[]) {
      const {
        keys,
        ctrl = false,
        alt = false,
        shift = false,
      } = KEYS[name] as {
        keys: readonly string[];
        ctrl?: boolean;
        alt?: boolean;
        shift?: boolean;
      };
      for (const key of keys) {
        expect(press(key, { hasImages: true }, { ctrl, alt, shift }), key).not.toBeNull();
      }
    }
  });
});
