// The view panel's part about the picture: channels, black, white, gamma.

import type { ChannelsReply } from "../contract/protocol";
import type { Tone } from "../state/toning";
import { h, KEEP_KEYS, setAttribute, setText } from "./dom";
import { createSlider } from "./slider";

export interface ToneActions {
  set(changes: Partial<Tone>): void;
  reset(): void;
}

export interface ToneSection {
  readonly element: HTMLElement;
  update(tone: Tone, channels: ChannelsReply | null, isUsual: boolean): void;
}

const MODEL = "model";
const COMPOSITE = "composite";
const COLORS = ["Red", "Green", "Blue"] as const;
const MOST_GAMMA = 4;

export function createToneSection(actions: ToneActions, signal: AbortSignal): ToneSection {
  let tone: Tone = { black: 0, white: 255, gamma: 1, bands: null };
  const select = (testId: string, name: string, onChange: (value: string) => void) => {
    const element = h("select", {
      class: "samwidget-input",
      "aria-label": name,
      "data-testid": testId,
      ...KEEP_KEYS,
    });
    element.addEventListener("change", () => onChange(element.value), { signal });
    return element;
  };
  const mode = select("bands", "Channels", (value) => {
    if (value === MODEL) actions.set({ bands: null });
    else if (value === COMPOSITE) actions.set({ bands: composite() });
    else actions.set({ bands: [Number(value)] });
  });
  const colors = COLORS.map((name, index) =>
    select(`band-${index}`, name, () =>
      actions.set({ bands: colors.map(({ value }) => Number(value)) }),
    ),
  );
  let shown: readonly number[] = [];
  const composite = (): number[] => COLORS.map((_, index) => shown[index] ?? shown[0] ?? 0);

  const slider = (testId: string, name: string, title: string, onInput: (value: number) => void) =>
    createSlider(
      { testId, name, title, least: 0, most: 255, step: 1, say: written, onInput },
      signal,
    );
  // One pushes the other along: black stays below white.
  const black = slider("black", "Black", "The value that is shown black", (value) => {
    actions.set({ black: value, white: Math.max(tone.white, value + gap) });
  });
  const white = slider("white", "White", "The value that is shown white", (value) => {
    actions.set({ white: value, black: Math.min(tone.black, value - gap) });
  });
  let gap = 1;
  const gamma = createSlider(
    {
      testId: "gamma",
      name: "Gamma",
      title: "Above 1 the middle is brighter",
      least: -1,
      most: 1,
      step: 0.01,
      say: (value) => (MOST_GAMMA ** value).toFixed(2),
      onInput: (value) => actions.set({ gamma: MOST_GAMMA ** value }),
    },
    signal,
  );
  const reset = h(
    "button",
    {
      type: "button",
      class: "samwidget-button samwidget-chip",
      "data-testid": "reset-tone",
      ...KEEP_KEYS,
    },
    "As the model sees it",
  );
  reset.addEventListener("click", actions.reset, { signal });
  const note = h("div", { class: "samwidget-viewnote", "data-testid": "model-sees" });
  const field = (name: string, control: HTMLElement): HTMLElement =>
    h(
      "label",
      { class: "samwidget-viewfield" },
      h("span", { class: "samwidget-slider-name" }, name),
      control,
    );
  const channelRow = field("Show", mode);
  const colorRows = colors.map((color, index) => field(COLORS[index] ?? "", color));
  const element = h(
    "div",
    { class: "samwidget-viewsection", role: "group", "aria-label": "Picture" },
    h("div", { class: "samwidget-viewtitle", "aria-hidden": "true" }, "Picture"),
    channelRow,
    ...colorRows,
    black.element,
    white.element,
    gamma.element,
    h("div", { class: "samwidget-chips" }, reset),
    note,
  );

  let known: ChannelsReply | null | undefined;
  const learn = (channels: ChannelsReply | null): void => {
    known = channels;
    shown = channels?.shown ?? [];
    const count = channels?.lowest.length ?? 0;
    channelRow.hidden = count < 2;
    const bands = Array.from({ length: count }, (_, band) => [
      String(band),
      bandName(band, channels),
    ]);
    const options = (entries: string[][]) =>
      entries.map(([value = "", text = ""]) => h("option", { value }, text));
    mode.replaceChildren(
      ...options([
        [MODEL, "what the model sees"],
        [COMPOSITE, "three bands as colours"],
        ...bands.map(([value = "", text = ""]) => [value, `${text} alone`]),
      ]),
    );
    for (const color of colors) color.replaceChildren(...options(bands));
    setText(note, channels ? modelSees(channels) : "");
  };

  return {
    element,
    update(now, channels, isUsual) {
      tone = now;
      if (channels !== known) learn(channels);
      const isComposite = now.bands?.length === 3;
      const { bands } = now;
      mode.value = bands === null ? MODEL : isComposite ? COMPOSITE : String(bands[0]);
      for (const [index, color] of colors.entries()) {
        const row = colorRows[index];
        if (row) row.hidden = !isComposite;
        if (isComposite) color.value = String(bands?.[index]);
      }
      const [least, most] = rangeOf(now, channels);
      const step = stepOf(most - least, channels?.dtype ?? "uint8");
      gap = step;
      for (const one of [black, white]) one.setRange(least, most, step);
      black.set(now.black);
      white.set(now.white);
      gamma.set(Math.log(now.gamma) / Math.log(MOST_GAMMA));
      reset.disabled = isUsual;
      setAttribute(element, "data-usual", String(isUsual));
    },
  };
}

/** The ends of the sliders: those of the values, and what the model sees as black and white. */
function rangeOf({ bands }: Tone, channels: ChannelsReply | null): [number, number] {
  if (!channels) return [0, 255];
  if (channels.dtype === "uint8") return [0, 255];
  const of = (list: readonly number[]): number[] =>
    (bands ?? channels.shown).map((band) => list[band] ?? 0);
  return [
    Math.min(...of(channels.lowest), channels.shown_black),
    Math.max(...of(channels.highest), channels.shown_white),
  ];
}

function stepOf(range: number, dtype: string): number {
  return dtype.startsWith("float") ? range / 1000 || 1 : Math.max(1, Math.round(range / 1000));
}

function bandName(band: number, channels: ChannelsReply | null): string {
  const isPhoto = channels?.dtype === "uint8" && channels.lowest.length === 3;
  return (isPhoto && COLORS[band]?.toLowerCase()) || `band ${band}`;
}

/** What the model was given, in words. */
export function modelSees({ dtype, shown, lowest, ...window }: ChannelsReply): string {
  const values = `${written(window.shown_black)} to ${written(window.shown_white)}`;
  if (dtype === "uint8" && lowest.length === 3) return "The model sees the colours as they are.";
  const bands = shown.length === 1 ? `band ${shown[0]}` : `bands ${shown.join(", ")}`;
  const of = lowest.length === 1 ? "" : `${bands}, `;
  return `The model sees ${of}${dtype} values ${values}, whatever is chosen here.`;
}

function written(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(3)));
}
