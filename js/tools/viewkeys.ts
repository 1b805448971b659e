// The keys of the view: none of them changes anything but what this page shows.

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
  | { do: "hide_masks" };

/** How much closer one press of + or of the toolbar's button brings the picture. */
export const ZOOM_STEP = 1.25;

/** The key that hides the masks while it is held. */
export const HIDE_KEY = "m";

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
} as const satisfies Record<string, Binding>;
