// The status line, the progress bar and the error banner.

import type { BoxXYXY, FoundState, ImageState, Status } from "../contract/protocol";
import { isSearching } from "../state/found";
import { hasDraft, type Shown } from "../state/optimism";
import type { Notice } from "../state/store";
import { h, KEEP_KEYS, setAttribute, setText } from "./dom";
import { icon } from "./icons";

export interface StatusState {
  status: Status;
  shown: Shown;
  image: ImageState | null;
  notice: Notice | null;
  slow: boolean;
  /** There is no kernel to carry out an edit. */
  readOnly: boolean;
}

export interface StatusArea {
  /** The line below everything. */
  line: HTMLElement;
  /** The thin bar at the picture's upper edge. */
  progress: HTMLElement;
  /** The banner over the picture. */
  banner: HTMLElement;
  update(state: StatusState): void;
}

export function createStatusArea(dismiss: () => void, signal: AbortSignal): StatusArea {
  const dot = h("span", { class: "samwidget-dot", "aria-hidden": "true" });
  const text = h("span", {
    class: "samwidget-status-text",
    role: "status",
    "aria-live": "polite",
    "data-testid": "status",
  });
  const size = h("span");
  // Not in the live text: a screen reader would read every step.
  const percent = h("span", { class: "samwidget-size", "aria-hidden": "true" });
  const device = h("span", { "data-testid": "device" });
  const facts = h("span", { class: "samwidget-size" }, size, device);
  const line = h("div", { class: "samwidget-status" }, dot, text, percent, facts);

  const bar = h("div", { class: "samwidget-progress-bar" });
  const progress = h(
    "div",
    { class: "samwidget-progress", role: "progressbar", "aria-label": "Progress", hidden: true },
    bar,
  );

  const message = h("div", { class: "samwidget-banner-text" });
  const close = h(
    "button",
    {
      type: "button",
      class: "samwidget-button",
      title: "Dismiss",
      "aria-label": "Dismiss this message",
      "data-testid": "dismiss-error",
      ...KEEP_KEYS,
    },
    icon("close"),
  );
  close.addEventListener("click", dismiss, { signal });
  const banner = h(
    "div",
    { class: "samwidget-banner", role: "alert", "data-testid": "error", hidden: true },
    icon("warning"),
    message,
    close,
  );

  return {
    line,
    progress,
    banner,
    update(state) {
      const { status, image, notice } = state;
      const isAtWork = status.phase === "loading" || status.phase === "embedding";
      const { found } = state.shown;
      const searching = isSearching(found) && !isAtWork;
      const busy = (isAtWork || searching) && !state.readOnly;
      const fraction = searching ? (found?.progress ?? null) : status.progress;
      const isPulsing = state.slow || searching;
      dot.dataset.state = state.readOnly ? "gone" : isPulsing ? "busy" : status.phase;
      setText(text, statusText(state));
      // The line is cut where it is narrow, and tells of the image only until the work begins.
      setAttribute(text, "title", status.message);
      setText(size, image ? sizeText(image, state.shown.controls.region_xyxy) : "");
      const isThere = status.device !== "" && !state.readOnly;
      setText(device, isThere ? ` · ${deviceText(status.device)}` : "");
      setAttribute(device, "title", isThere ? `The model runs on: ${status.device}` : "");
      progress.hidden = !busy;
      const known = fraction !== null;
      const done = Math.round((fraction ?? 0) * 100);
      setText(percent, busy && known ? `${done}%` : "");
      bar.classList.toggle("samwidget-indeterminate", !known);
      bar.style.width = known ? `${Math.round((fraction ?? 0) * 1000) / 10}%` : "";
      if (known) {
        setAttribute(progress, "aria-valuenow", String(done));
      } else {
        progress.removeAttribute("aria-valuenow");
      }
      banner.hidden = notice === null;
      setText(message, notice?.text ?? "");
    },
  };
}

/** The picture's size, and how much of it the model sees when that is a part. */
function sizeText({ width, height }: ImageState, region: BoxXYXY | null): string {
  const size = `${width} × ${height} px`;
  if (!region) return size;
  const [x1, y1, x2, y2] = region;
  return `${size} · model sees ${x2 - x1} × ${y2 - y1}`;
}

/** Where the model runs: `CPU`, `GPU 1`, or as it is where it is something else. */
export function deviceText(device: string): string {
  const [kind = "", number = ""] = device.split(":", 2);
  if (kind === "cpu") return "CPU";
  if (kind === "mps") return "GPU";
  if (kind === "cuda") return number === "" || number === "0" ? "GPU" : `GPU ${number}`;
  return device.replace("tcp://", "");
}

/** One sentence: what is going on, and what the person can do next. */
export function statusText(state: StatusState): string {
  const text = sentence(state);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sentence({ status, shown, slow, readOnly }: StatusState): string {
  const { message } = status;
  if (readOnly) return "no kernel is behind this picture: run the cell again to go on";
  if (slow && status.phase === "ready") return "Waiting for the kernel…";
  switch (status.phase) {
    case "empty":
      return message || "No image yet";
    case "loading":
      return message || "Loading the model…";
    case "embedding":
      return message || "Embedding image…";
    case "error":
      return "Something failed: see the message above";
    case "ready":
      if (isSearching(shown.found) && !hasDraft(shown.draft))
        return `finding ${searchedFor(shown.found)}… Esc stops`;
      return `${readyText(message, shown)} · ${hint(shown)}`;
    default:
      status.phase satisfies never;
      return "";
  }
}

/** The kernel says how long the embedding took: worth reading until the work begins. */
function readyText(message: string, { draft, objects }: Shown): string {
  const isFresh = objects.length === 0 && !hasDraft(draft);
  return (isFresh && message) || "ready";
}

/** Nothing says what the object is: the kernel gives an empty mask instead of a guess. */
function isOnlyBackground(draft: Shown["draft"]): boolean {
  const { points, box_xyxy, reopened, painted, scores } = draft;
  const hasPoints = points.length > 0 && points.every((point) => point.label === 0);
  // What was painted and is refined has a score.
  const isUnnamed = !painted && scores.every((score) => score === 0);
  return hasPoints && box_xyxy === null && reopened === null && isUnnamed;
}

function hint({ draft, controls, objects, found }: Shown): string {
  if (draft.reopened !== null && draft.field) {
    return "click to refine the object, Enter keeps it, Esc leaves it as it was";
  }
  if (hasDraft(draft)) {
    if (isOnlyBackground(draft)) {
      return "only background so far, so the mask is empty: click on the object, too";
    }
    if (draft.field && controls.tool === "polygon") {
      return "Enter commits the object; drag its corners, or add a polygon to it";
    }
    return draft.field
      ? "Enter commits the object, more clicks refine it, a right click takes away"
      : "predicting…";
  }
  if (found && found.text.length > 0 && found.masks.length === 0) {
    return "nothing like that was found: other words may do, or a lower match";
  }
  if (found && found.shown.length > 0 && controls.tool !== "negative") {
    return "click a mask to make it an object, Shift+click to add a point there";
  }
  switch (controls.tool) {
    case "positive":
      return "click an object, or drag a box around it";
    case "negative":
      return "click what does not belong to the object";
    case "scribble":
      return "draw a stroke over an object, with the right button over what does not belong to it";
    case "box":
      return "drag a box around an object";
    case "brush":
      return "paint a mask, a right click takes away; [ and ] change the size";
    case "eraser":
      return controls.selected === null
        ? "select an object to take something away from it"
        : "paint over what does not belong to the object";
    case "polygon":
      return controls.selected === null
        ? "click corner by corner, Enter or the first corner closes"
        : "drag the corners of the object, or click corner by corner to add to it";
    case "select":
      return objects.length > 0
        ? "click an object to select it, double-click to refine it"
        : "drag to move the picture";
    default:
      controls.tool satisfies never;
      return "";
  }
}

function searchedFor(found: FoundState | null): string {
  return found && found.text.length > 0 ? found.text.join(", ") : "everything";
}
