// The strip below the picture that says what a search has found, filters it and takes it.

import type { FilterFound, FoundState } from "../contract/protocol";
import { countsOf, isSearching } from "../state/found";
import { buttonMaker, h, KEEP_KEYS, setAttribute, setText } from "./dom";
import { icon } from "./icons";

export interface FoundActions {
  filter(thresholds: Omit<FilterFound, "kind">): void;
  takeAll(): void;
  drop(): void;
  stop(): void;
}

export interface FoundPanel {
  element: HTMLElement;
  /** `filtering`: what the sliders say is on its way to the kernel. */
  update(found: FoundState | null, filtering: boolean, readOnly: boolean): void;
}

const STEP = 0.01;

interface Slider {
  element: HTMLElement;
  readonly value: number;
  set(value: number, least: number): void;
  setReadOnly(readOnly: boolean): void;
}

export function createFoundPanel(actions: FoundActions, signal: AbortSignal): FoundPanel {
  const slider = (testId: string, name: string, title: string): Slider => {
    const input = h("input", {
      type: "range",
      class: "samwidget-range",
      min: 0,
      max: 1,
      step: STEP,
      "data-testid": testId,
      ...KEEP_KEYS,
    });
    const output = h("span", { class: "samwidget-slider-value", "aria-hidden": "true" });
    const show = (): void => {
      const percent = `${Math.round(Number(input.value) * 100)}%`;
      setText(output, percent);
      setAttribute(input, "aria-valuetext", percent);
    };
    input.addEventListener(
      "input",
      () => {
        show();
        actions.filter({
          pred_iou_thresh: score.value,
          stability_score_thresh: stability.value,
          detection_score_thresh: match.value,
        });
      },
      { signal },
    );
    const element = h("label", { class: "samwidget-slider", title }, name, input, output);
    let least = 0;
    return {
      element,
      // A slider knows hundredths only: at its left end it means all that was searched for.
      get value() {
        const value = Number(input.value);
        return value < least + STEP / 2 ? least : value;
      },
      set(value, from) {
        least = from;
        setAttribute(input, "min", String(from));
        setAttribute(input, "max", String(Math.max(1, value, from + STEP)));
        if (input.value !== String(value)) input.value = String(value);
        show();
      },
      setReadOnly(readOnly) {
        input.disabled = readOnly;
      },
    };
  };
  const score = slider("found-score", "Score", "Show masks whose predicted quality is above this");
  const stability = slider(
    "found-stability",
    "Stability",
    "Show masks whose border is as sure as this",
  );
  const match = slider("found-match", "Match", "Show what is as much like the words as this");

  const button = buttonMaker(signal);
  const count = h("span", { class: "samwidget-found-count", "data-testid": "found-count" });
  const phrases = h("span", { class: "samwidget-found-phrases", "data-testid": "found-phrases" });
  const takeAll = button(
    "take-all",
    "Make objects of all masks shown",
    actions.takeAll,
    icon("commit"),
    "Take all",
  );
  takeAll.classList.add("samwidget-outlined");
  const stop = button("stop-finding", "Stop the search (Esc)", actions.stop, icon("stop"), "Stop");
  stop.classList.add("samwidget-outlined");
  const drop = button("drop-found", "Leave the rest", actions.drop, icon("close"));
  const element = h(
    "div",
    {
      class: "samwidget-found",
      role: "group",
      "aria-label": "Found masks",
      "data-testid": "found",
      hidden: true,
    },
    count,
    phrases,
    match.element,
    score.element,
    stability.element,
    h("div", { class: "samwidget-found-actions" }, takeAll, stop, drop),
  );

  return {
    element,
    update(found, filtering, readOnly) {
      element.hidden = found === null;
      if (!found) return;
      const searching = isSearching(found);
      const shown = found.shown.length;
      const byText = found.text.length > 0;
      setText(count, shown > 0 || searching ? `${shown} found` : emptyText(found));
      setText(phrases, byText ? phrasesText(found) : "");
      phrases.hidden = !byText;
      match.element.hidden = !byText;
      stability.element.hidden = byText;
      if (!filtering) {
        score.set(found.pred_iou_thresh, found.least_pred_iou_thresh);
        stability.set(found.stability_score_thresh, found.least_stability_score_thresh);
        match.set(found.detection_score_thresh, found.least_detection_score_thresh);
      }
      for (const each of [match, score, stability]) each.setReadOnly(readOnly);
      takeAll.disabled = readOnly || shown === 0;
      stop.hidden = !searching;
      stop.disabled = readOnly;
      drop.hidden = searching;
      drop.disabled = readOnly;
    },
  };
}

function emptyText({ masks }: FoundState): string {
  return masks.length > 0 ? "None left" : "Nothing found";
}

/** How often each phrase was found: `2 a wheel · 0 a door`; one alone is only named. */
function phrasesText(found: FoundState): string {
  const [only, ...others] = found.text;
  if (only !== undefined && others.length === 0) return only;
  const counts = countsOf(found);
  return found.text.map((phrase) => `${counts.get(phrase) ?? 0} ${phrase}`).join(" · ");
}
