// The bar below the picture about the mask in the making: its candidates, its border, how sure it is.

import type { DraftState, ImageState, LevelField, WireEdit } from "../contract/protocol";
import { heatColor } from "../frame/heat";
import { sigmoid, stability } from "../frame/levels";
import type { DraftLook } from "../state/draft_look";
import { hasDraft, type Shown } from "../state/optimism";
import { THRESHOLD_REACH } from "../state/threshold";
import { ariaShortcuts, tooltip } from "../tools/keys";
import { type AfterPaint, createAfterPaint } from "./after_paint";
import { h, KEEP_KEYS, setAttribute, setText } from "./dom";
import { scorePercent } from "./format";
import { icon } from "./icons";
import { clearThumbnail, drawThumbnail, thumbnailRegion } from "./thumbnail";

export interface MaskBarActions {
  send(edit: WireEdit): void;
  /** How this view shows the draft: the bar changes it and shows it. */
  look: DraftLook;
}

export interface MaskBarState {
  shown: Shown;
  image: ImageState | null;
  picture: CanvasImageSource | null;
  readOnly: boolean;
}

export interface MaskBar {
  element: HTMLElement;
  update(state: MaskBarState): void;
}

/** SAM's decoder orders its three masks by how much they take in. */
const CANDIDATES = ["the smallest part", "a larger part", "the whole"];
const THUMBNAIL_PX = { width: 60, height: 45 };
const STEP = 0.0625;

export function createMaskBar(actions: MaskBarActions, signal: AbortSignal): MaskBar {
  const afterPaint = createAfterPaint(signal);
  const candidates = CANDIDATES.map((_, index) =>
    createCandidate(index, actions, afterPaint, signal),
  );
  const chooser = h(
    "div",
    {
      class: "samwidget-candidates",
      role: "group",
      "aria-label": "Candidate masks",
      "data-testid": "candidates",
    },
    ...candidates.map(({ element }) => element),
  );
  const scores = h("span", {
    class: "samwidget-mask-scores",
    title:
      "IoU: how well the model thinks the mask fits. Stability: how little it depends on the threshold.",
    "data-testid": "mask-scores",
  });
  const slider = createSlider(actions, signal);
  const refit = h(
    "button",
    {
      type: "button",
      class: "samwidget-button samwidget-labelled",
      title: "Let the model draw this mask anew, from the mask and a box around it",
      "aria-label": "Refit the mask",
      "data-testid": "refit",
      ...KEEP_KEYS,
    },
    icon("refit"),
    h("span", { class: "samwidget-wide" }, "Refit"),
  );
  refit.addEventListener("click", () => actions.send({ kind: "refit_mask" }), { signal });
  const heat = h(
    "button",
    {
      type: "button",
      class: "samwidget-button samwidget-labelled samwidget-heat",
      title: tooltip("Heat map: from dark, surely outside, to light, surely inside", "heat"),
      "aria-label": "Heat map",
      "aria-keyshortcuts": ariaShortcuts("heat"),
      "data-testid": "heat",
      ...KEEP_KEYS,
    },
    icon("heat"),
    h("span", { class: "samwidget-wide" }, "Heat map"),
  );
  heat.addEventListener("click", () => actions.look.toggleHeat(), { signal });
  const stops = [0, 0.25, 0.5, 0.75, 1].map(heatColor).join(", ");
  heat.style.setProperty("--sw-heat", `linear-gradient(to right, ${stops})`);
  const element = h(
    "div",
    {
      class: "samwidget-mask-bar",
      role: "group",
      "aria-label": "Mask in the making",
      "data-testid": "mask-bar",
    },
    chooser,
    scores,
    slider.element,
    h("div", { class: "samwidget-mask-actions" }, refit, heat),
  );

  const updateCandidates = ({ shown, image, picture, readOnly }: MaskBarState): void => {
    const { draft, controls } = shown;
    const isChoice = draft.scores.length > 1;
    chooser.classList.toggle("samwidget-quiet", !isChoice);
    const fields = isChoice ? draft.candidates : [];
    const region =
      image && fields.length > 0
        ? thumbnailRegion(
            fields,
            image.width,
            image.height,
            THUMBNAIL_PX.width / THUMBNAIL_PX.height,
          )
        : null;
    for (const [index, candidate] of candidates.entries()) {
      const field = fields[index];
      candidate.update(draft, index, isChoice, readOnly);
      candidate.draw(
        image && region && field
          ? {
              field,
              region,
              picture,
              imageWidth: image.width,
              imageHeight: image.height,
              color: controls.draft_color,
            }
          : null,
      );
    }
  };

  return {
    element,
    update(state) {
      const { shown, image, readOnly } = state;
      const { draft } = shown;
      element.hidden = image === null;
      updateCandidates(state);
      setText(scores, scoresText(draft));
      slider.update(draft, readOnly);
      refit.disabled = readOnly || !draft.field || !hasDraft(draft);
      setAttribute(heat, "aria-pressed", String(actions.look.heat));
    },
  };
}

/** `IoU 93% · stability 97%`, as far as it is known. */
export function scoresText(draft: DraftState): string {
  const score = draft.scores[draft.choice] ?? draft.scores[0];
  if (!hasDraft(draft) || !draft.field || score === undefined) return "";
  const sure = draft.threshold === null ? null : stability(draft.field);
  const iou = `IoU ${scorePercent(score)}`;
  return sure === null ? iou : `${iou} · stability ${scorePercent(sure)}`;
}

function createCandidate(
  index: number,
  actions: MaskBarActions,
  afterPaint: AfterPaint,
  signal: AbortSignal,
) {
  const ratio = Math.min(Math.max(window.devicePixelRatio || 1, 1), 3);
  const canvas = h("canvas", {
    class: "samwidget-thumbnail",
    width: Math.round(THUMBNAIL_PX.width * ratio),
    height: Math.round(THUMBNAIL_PX.height * ratio),
    "aria-hidden": "true",
  });
  const score = h("span", { class: "samwidget-candidate-score" });
  const element = h(
    "button",
    {
      type: "button",
      class: "samwidget-candidate",
      "aria-keyshortcuts": ariaShortcuts("candidates"),
      "data-testid": `candidate-${index}`,
      ...KEEP_KEYS,
    },
    canvas,
    h("span", { class: "samwidget-candidate-number" }, String(index + 1)),
    score,
  );
  const choose = (): void => actions.send({ kind: "choose_mask", index });
  element.addEventListener("click", choose, { signal });
  let field: LevelField | null = null;
  element.addEventListener("pointerenter", () => actions.look.peek(field), { signal });
  for (const event of ["pointerleave", "click"] as const) {
    element.addEventListener(event, () => actions.look.peek(null), { signal });
  }
  let drawn = "";
  const ids = new WeakMap<object, number>();
  let next = 0;
  const idOf = (one: object | null): number => {
    if (!one) return -1;
    const id = ids.get(one) ?? next++;
    ids.set(one, id);
    return id;
  };
  return {
    element,
    update({ scores, choice }: DraftState, at: number, isChoice: boolean, readOnly: boolean): void {
      const value = isChoice ? scores[at] : undefined;
      element.disabled = readOnly || value === undefined;
      setAttribute(element, "aria-pressed", String(value !== undefined && at === choice));
      if (value === undefined) {
        setText(score, "");
        setAttribute(element, "aria-label", `Mask ${at + 1}`);
        setAttribute(
          element,
          "title",
          "A single click on an object gives three masks, of which one counts",
        );
        return;
      }
      const percent = scorePercent(value);
      const size = scores.length === CANDIDATES.length ? ` (usually ${CANDIDATES[at]})` : "";
      const text = `Mask ${at + 1} of ${scores.length}${size}, predicted quality ${percent}`;
      setAttribute(element, "title", tooltip(text, "candidates"));
      setAttribute(element, "aria-label", text);
      setText(score, percent);
    },
    /** Draw only what differs, and later than the mask itself. */
    draw(of: Parameters<typeof drawThumbnail>[1] | null): void {
      const key = of
        ? [idOf(of.field), idOf(of.picture as object | null), of.color, of.region].join()
        : "";
      field = of?.field ?? null;
      if (key === drawn) return;
      drawn = key;
      if (of) afterPaint(canvas, () => drawThumbnail(canvas, of));
      else afterPaint(canvas, () => clearThumbnail(canvas));
    },
  };
}

function createSlider(actions: MaskBarActions, signal: AbortSignal) {
  const input = h("input", {
    type: "range",
    class: "samwidget-range",
    min: -THRESHOLD_REACH,
    max: THRESHOLD_REACH,
    step: STEP,
    value: 0,
    "data-testid": "threshold",
    ...KEEP_KEYS,
  });
  const output = h("span", { class: "samwidget-slider-value", "aria-hidden": "true" });
  const element = h(
    "label",
    {
      class: "samwidget-slider",
      title: "Inside is what the model holds for more probable than this. Double-click: 50%",
    },
    "Threshold",
    input,
    output,
  );
  const show = (): void => {
    const percent = `${Math.round(sigmoid(Number(input.value)) * 100)}%`;
    setText(output, percent);
    setAttribute(input, "aria-valuetext", percent);
  };
  let isHeld = false;
  const settle = (): void => {
    isHeld = false;
    actions.send({ kind: "set_threshold", threshold: Number(input.value) });
    actions.look.hold(null);
  };
  input.addEventListener(
    "input",
    () => {
      isHeld = true;
      show();
      actions.look.hold(Number(input.value));
    },
    { signal },
  );
  input.addEventListener("change", settle, { signal });
  element.addEventListener(
    "dblclick",
    () => {
      if (input.disabled || Number(input.value) === 0) return;
      input.value = "0";
      show();
      settle();
    },
    { signal },
  );
  return {
    element,
    update(draft: DraftState, readOnly: boolean): void {
      const isThere = draft.field !== null && draft.threshold !== null && hasDraft(draft);
      input.disabled = readOnly || !isThere;
      element.classList.toggle("samwidget-quiet", !isThere);
      if (!isThere) isHeld = false;
      if (isHeld) return; // the hand is where the person wants it
      const value = String(draft.threshold ?? 0);
      if (input.value !== value) input.value = value;
      show();
    },
  };
}
