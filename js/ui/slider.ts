// A range input with its name and its value in words.

import { h, KEEP_KEYS, setAttribute, setText } from "./dom";

export interface SliderOptions {
  testId: string;
  name: string;
  title: string;
  least: number;
  most: number;
  step: number;
  /** The value as people read it. */
  say(value: number): string;
  onInput(value: number): void;
}

export interface Slider {
  readonly element: HTMLElement;
  set(value: number): void;
  setRange(least: number, most: number, step: number): void;
}

export function createSlider(options: SliderOptions, signal: AbortSignal): Slider {
  const { say } = options;
  const input = h("input", {
    type: "range",
    class: "samwidget-range",
    min: options.least,
    max: options.most,
    step: options.step,
    "data-testid": options.testId,
    ...KEEP_KEYS,
  });
  const output = h("span", { class: "samwidget-slider-value", "aria-hidden": "true" });
  const show = (value: number): void => {
    setText(output, say(value));
    setAttribute(input, "aria-valuetext", say(value));
  };
  input.addEventListener(
    "input",
    () => {
      show(Number(input.value));
      options.onInput(Number(input.value));
    },
    { signal },
  );
  const name = h("span", { class: "samwidget-slider-name" }, options.name);
  return {
    element: h("label", { class: "samwidget-slider", title: options.title }, name, input, output),
    set(value) {
      if (input.value !== String(value)) input.value = String(value);
      show(value);
    },
    setRange(least, most, step) {
      setAttribute(input, "min", String(least));
      setAttribute(input, "max", String(most));
      setAttribute(input, "step", String(step));
    },
  };
}
