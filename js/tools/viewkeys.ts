// The keys of the view: none of them changes anything but what this page shows.

import type { CursorCommand } from "./hands";
import type { Binding } from "./keys";

/** What a key asks of the view. */
export type ViewCommand =
  | { do: "zoom"; factor: number }
  | { do: "fit" }
  | { do: "actual_size" }
  | { do: "full_screen" }
  | { do: "toggle_outlines" }
  | { do: "toggle_cutout" }
  /** Until the key is let go. */
  | { do: "hide_masks" }
  | CursorCommand;

/** How much closer one press of + or of the toolbar's button brings the picture. */
export const ZOOM_STEP = 1.25;

/** The key that hides the masks while it is held. */
export const HIDE_KEY = "m";

/** Css pixels by which an arrow key moves the cursor, and with Shift. */
const STEP_PX = 1;
const LEAP_PX = 10;
const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] as const;

export const VIEW_KEYS = {
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
  actualSize: {
    keys: ["9"],
    alt: true,
    shown: "Alt+9",
    meaning: "100 %",
    run: () => ({ do: "actual_size" }),
  },
  fullScreen: { keys: ["f"], meaning: "full screen", run: () => ({ do: "full_screen" }) },
  outlines: { keys: ["o"], meaning: "outlines only", run: () => ({ do: "toggle_outlines" }) },
  cutout: { keys: ["c"], meaning: "cut-out", run: () => ({ do: "toggle_cutout" }) },
  hideMasks: {
    keys: [HIDE_KEY],
    meaning: "hide all masks while it is held",
    run: () => ({ do: "hide_masks" }),
  },
  move: {
    keys: ARROWS,
    shift: false,
    onCanvas: true,
    shown: "Arrows",
    meaning: "move the key cursor",
    run: (_, key) => moveCursor(key, STEP_PX),
  },
  leap: {
    keys: ARROWS,
    shift: true,
    onCanvas: true,
    shown: "Shift+arrows",
    meaning: "move it by ten pixels",
    run: (_, key) => moveCursor(key, LEAP_PX),
  },
  press: {
    keys: ["a"],
    shift: false,
    onCanvas: true,
    meaning: "click at the key cursor: a point, a corner, a selection",
    run: () => ({ do: "press_cursor", opposite: false, hold: false }),
  },
  hold: {
    keys: ["a"],
    shift: true,
    onCanvas: true,
    shown: "Shift+A",
    meaning: "take hold there, arrows drag (a box, a point, a corner), A lets go",
    run: () => ({ do: "press_cursor", opposite: false, hold: true }),
  },
  pressOpposite: {
    keys: ["n"],
    onCanvas: true,
    meaning: "negative point at the key cursor",
    run: () => ({ do: "press_cursor", opposite: true, hold: false }),
  },
} as const satisfies Record<string, Binding>;

function moveCursor(key: string, by: number): CursorCommand {
  const dx = key === "ArrowRight" ? by : key === "ArrowLeft" ? -by : 0;
  const dy = key === "ArrowDown" ? by : key === "ArrowUp" ? -by : 0;
  return { do: "move_cursor", dx, dy };
}
