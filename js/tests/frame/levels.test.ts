import { describe, expect, it } from "vitest";
import { fieldBytes, fieldContains } from "../../frame/field";
import { heatColor, heatPixels } from "../../frame/heat";
import { probabilities, raised, stability } from "../../frame/levels";
import { makeField } from "../helpers";

/** Logits from -8 in the first column by one a column, as the kernel writes them. */
const ramp = makeField(17, 2, (column) => 127.5 + ((column - 8) * 127.5) / 8, [0, 0, 17, 2]);

/** The columns inside, where the border is `logits` above the ramp's. */
function inside(logits: number): number {
  const { width } = ramp;
  const bytes = fieldBytes(raised(ramp, logits));
  return [...bytes.subarray(0, width)].filter((level) => level > 127.5).length;
}

describe("raised", () => {
  it.each([
    [0.5, 8],
    [1.5, 7],
    [3.5, 5],
    [-0.5, 9],
    [-3.5, 12],
  ])("%d logits leave %d columns inside", (logits, columns) => {
    expect(inside(logits)).toBe(columns);
  });

  it("leaves the field that it came from, size and place as they are", () => {
    const before = [...fieldBytes(ramp)];
    const { data: _, ...rest } = raised(ramp, 2);
    expect([...fieldBytes(ramp)]).toEqual(before);
    expect(rest).toEqual({ width: 17, height: 2, stride: 17, extent_xywh: [0, 0, 17, 2] });
  });

  it("moves the border that is drawn", () => {
    expect(fieldContains(ramp, 10.5, 1)).toBe(true);
    expect(fieldContains(raised(ramp, 3), 10.5, 1)).toBe(false);
  });
});

describe("stability", () => {
  it.each([
    ["a sharp border", makeField(8, 4, (column) => (column < 4 ? 255 : 0)), 1],
    ["one that is soft", makeField(8, 1, (i) => [0, 0, 120, 135][i] ?? 255), 4 / 6],
    ["one that nobody is sure of", makeField(4, 4, () => 130), 0],
  ])("of %s", (_, field, expected) => {
    expect(stability(field)).toBeCloseTo(expected);
  });

  it("of nothing is unknown, and cells beyond the width do not count", () => {
    expect(stability(makeField(4, 4, () => 0))).toBeNull();
    const field = makeField(2, 2, () => 255, [0, 0, 2, 2], 4);
    expect(stability(field)).toBe(1);
  });
});

describe("the heat map", () => {
  it("gives each level the probability that the model gave it", () => {
    const table = probabilities(0);
    expect(table[0]).toBeCloseTo(1 / (1 + Math.exp(8)), 5);
    expect(((table[127] ?? 0) + (table[128] ?? 0)) / 2).toBeCloseTo(0.5, 5);
    expect(probabilities(2)[128]).toBeCloseTo(1 / (1 + Math.exp(-2)), 1);
  });

  it("gets lighter with the probability", () => {
    const light = (probability: number): number =>
      (heatColor(probability).match(/\d+/g) ?? []).reduce((sum, part) => sum + Number(part), 0);
    const steps = [0, 0.2, 0.4, 0.6, 0.8, 1].map(light);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(new Set(steps).size).toBe(steps.length);
  });

  it("has a pixel for each cell that counts", () => {
    const field = makeField(2, 2, (column) => (column === 0 ? 0 : 255), [0, 0, 2, 2], 5);
    const pixels = heatPixels(field, 0);
    expect(pixels).toHaveLength(2 * 2 * 4);
    expect([...pixels.subarray(0, 8)]).toEqual([...pixels.subarray(8, 16)]);
    expect(pixels[0]).toBeLessThan(pixels[4] ?? 0);
  });
});
