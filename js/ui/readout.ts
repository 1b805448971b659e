// What is under the pointer: where it is, and what the pixel there measures.

import type { Point } from "../frame/viewport";
import type { PixelValue } from "../state/pixelvalues";
import { h, setText } from "./dom";

/** Of more channels the first ones are written. */
const MOST_CHANNELS = 6;

export interface Readout {
  readonly element: HTMLElement;
  update(at: Point | null, value: PixelValue | null): void;
}

export function createReadout(): Readout {
  const place = h("span", { "data-testid": "pixel-place" });
  const values = h("span", { class: "samwidget-pixel-value", "data-testid": "pixel-value" });
  // Screen readers are told of the key cursor elsewhere, and would read every move of the pointer.
  const element = h(
    "span",
    { class: "samwidget-readout", "aria-hidden": "true", title: "Pixel, and its value" },
    place,
    values,
  );
  return {
    element,
    update(at, value) {
      setText(place, at ? `${Math.floor(at.x)}, ${Math.floor(at.y)}` : "");
      setText(values, at && value ? valueText(value) : "");
    },
  };
}

/** The values of a pixel; once where all channels have the same one. */
export function valueText({ values, isWhole }: PixelValue): string {
  const texts = values.map((value) => (isWhole ? String(Math.round(value)) : decimal(value)));
  if (texts.length === 3 && texts.every((text) => text === texts[0])) return texts[0] ?? "";
  const shown = texts.slice(0, MOST_CHANNELS).join(" ");
  return texts.length > MOST_CHANNELS ? `${shown} …` : shown;
}

function decimal(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}
