// Probabilities as colours. Pure.

import type { LevelField } from "../contract/protocol";
import { fieldBytes } from "./field";
import { probabilities } from "./levels";

/** From 0 to 1, evenly spaced, red, green, blue: dark to light, so that it reads without colour. */
const COLORS = [
  [13, 8, 60],
  [66, 10, 104],
  [120, 28, 109],
  [174, 48, 92],
  [220, 80, 57],
  [245, 125, 21],
  [251, 180, 30],
  [247, 226, 100],
] as const;
const OPACITY = 0.72;

/** The colour of a probability, as css. */
export function heatColor(probability: number): string {
  return `rgb(${rgb(probability).map(Math.round).join(", ")})`;
}

/** The field's cells as `width * height` pixels RGBA; its border is at `threshold` logits. */
export function heatPixels(field: LevelField, threshold: number): Uint8ClampedArray<ArrayBuffer> {
  const { width, height, stride } = field;
  const bytes = fieldBytes(field);
  const table = [...probabilities(threshold)].map(rgb);
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const color = table[bytes[row * stride + column] ?? 0] ?? COLORS[0];
      pixels.set([...color, 255 * OPACITY], (row * width + column) * 4);
    }
  }
  return pixels;
}

function rgb(probability: number): [number, number, number] {
  const at = Math.min(Math.max(probability, 0), 1) * (COLORS.length - 1);
  const from = COLORS[Math.floor(at)] ?? COLORS[0];
  const to = COLORS[Math.ceil(at)] ?? from;
  const t = at - Math.floor(at);
  const mix = (a: number, b: number): number => a + (b - a) * t;
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
}
