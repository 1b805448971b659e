// How long a scale bar is, and what stands on it. Pure.

export interface ScaleBar {
  /** Css pixels. */
  readonly length: number;
  readonly text: string;
}

const STEPS = [5, 2, 1];

/** The longest bar of 1, 2 or 5 times a power of ten that has at most `most` css pixels. */
export function scaleBar(pixelsPerUnit: number, unit: string, most: number): ScaleBar | null {
  const room = most / pixelsPerUnit;
  if (!(room > 0) || !Number.isFinite(room)) return null;
  const power = 10 ** Math.floor(Math.log10(room) + 1e-9);
  const step = STEPS.find((one) => one * power <= room * (1 + 1e-9)) ?? 1;
  const value = step * power;
  const text = `${written(value)} ${unit}`.trim();
  return { length: value * pixelsPerUnit, text };
}

function written(value: number): string {
  if (value >= 1e6 || value < 1e-4) return value.toExponential(0).replace("e+", "e");
  return String(Number(value.toPrecision(1)));
}
