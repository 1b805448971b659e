import { describe, expect, it } from "vitest";
import type { LevelField } from "../../contract/protocol";
import { fieldContains } from "../../frame/field";
import { paintedField } from "../../frame/painting";
import { cornersOf } from "../../frame/simplify";
import { polygonSpans, strokeSpans } from "../../frame/spans";
import { makeField } from "../helpers";

const square = (x1: number, y1: number, x2: number, y2: number) =>
  polygonSpans([
    [
      [x1, y1],
      [x2, y1],
      [x2, y2],
      [x1, y2],
    ],
  ]);

/** Whether the centres of pixels are inside. */
const inside = (field: LevelField | null, ...places: [number, number][]): boolean[] =>
  places.map(([x, y]) => field !== null && fieldContains(field, x + 0.5, y + 0.5));

/** How many pixels' centres are inside. */
function area(field: LevelField | null, width: number, height: number): number {
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (inside(field, [x, y])[0]) count++;
  }
  return count;
}

describe("paintedField", () => {
  it("begins a mask of exactly the pixels", () => {
    const field = paintedField(null, square(10, 20, 30, 25), true);
    expect(area(field, 60, 60)).toBe(100);
    expect(inside(field, [10, 20], [29, 24], [9, 20], [30, 24])).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("adds beyond the mask that is there", () => {
    const base = paintedField(null, square(10, 20, 30, 25), true);
    const field = paintedField(base, square(28, 5, 50, 40), true);
    expect(area(field, 60, 60)).toBe(100 + 22 * 35 - 2 * 5);
  });

  it("takes away, and what was taken comes back", () => {
    const base = paintedField(null, square(10, 20, 30, 25), true);
    const less = paintedField(base, square(15, 0, 20, 60), false);
    expect(area(less, 60, 60)).toBe(75);
    expect(area(paintedField(less, square(15, 20, 20, 25), true), 60, 60)).toBe(100);
  });

  it("done twice it changes nothing more", () => {
    const spans = strokeSpans([[12, 12], [40, 30]], 6); // biome-ignore format: a path in a line
    const once = paintedField(null, spans, true);
    const twice = paintedField(once, spans, true);
    for (let y = 0; y < 40; y++) {
      for (let x = 0; x < 50; x++) expect(inside(twice, [x, y])).toEqual(inside(once, [x, y]));
    }
  });

  it("taking everything leaves nothing inside", () => {
    const base = paintedField(null, square(10, 20, 30, 25), true);
    expect(area(paintedField(base, square(0, 0, 60, 60), false), 60, 60)).toBe(0);
    expect(paintedField(null, square(0, 0, 5, 5), false)).toBeNull();
  });

  it("no pixels leave the mask as it is", () => {
    const base = makeField(4, 4, () => 255);
    expect(paintedField(base, new Int32Array(0), true)).toBe(base);
    expect(paintedField(null, new Int32Array(0), true)).toBeNull();
  });

  it("keeps the border of a model's coarse mask where it was", () => {
    // Cells of 10 pixels, inside from x = 50 on by a smooth slope.
    const base = makeField(20, 20, (column) => 127.5 + (column - 4.5) * 20, [0, 0, 200, 200]);
    const field = paintedField(base, strokeSpans([[20, 100]], 5), true);
    expect(inside(field, [49, 30], [51, 30], [20, 100], [40, 100])).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("has at most 512 cells along a side, and a mask that is larger than that keeps its area", () => {
    const field = paintedField(null, square(100, 200, 3100, 1700), true);
    expect(field?.width).toBeLessThanOrEqual(512);
    expect(field?.height).toBeLessThanOrEqual(512);
    expect(inside(field, [110, 210], [3090, 1690], [90, 210], [110, 1711])).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("cornersOf", () => {
  it("finds the corners of a rectangle", () => {
    const field = paintedField(null, square(10, 20, 70, 50), true);
    if (!field) throw new Error("no field");
    const [ring = [], ...others] = cornersOf(field, 1.5);
    expect(others).toEqual([]);
    expect(ring).toHaveLength(4);
    for (const [x, y] of [
      [10, 20],
      [70, 20],
      [70, 50],
      [10, 50],
    ]) {
      const near = ring.some((at) => Math.hypot(at[0] - (x ?? 0), at[1] - (y ?? 0)) < 1.5);
      expect(near, `${x}, ${y}`).toBe(true);
    }
    expect(cornersOf(field, 1.5)).toBe(cornersOf(field, 1.6));
  });

  it("a hole is a ring of its own", () => {
    const whole = paintedField(null, square(10, 10, 70, 60), true);
    const field = paintedField(whole, square(30, 30, 50, 40), false);
    if (!field) throw new Error("no field");
    expect(cornersOf(field, 1.5).map((ring) => ring.length)).toEqual([4, 4]);
  });

  it("a round mask gets few corners near to its rim", () => {
    const field = paintedField(null, strokeSpans([[100, 100]], 60), true);
    if (!field) throw new Error("no field");
    const [ring = []] = cornersOf(field, 2);
    expect(ring.length).toBeGreaterThan(8);
    expect(ring.length).toBeLessThan(40);
    for (const [x, y] of ring) {
      expect(Math.abs(Math.hypot(x - 100, y - 100) - 60)).toBeLessThan(1.5);
    }
  });

  it("a mask of many specks has no more corners than can be held", () => {
    const field = makeField(200, 200, (i, j) => (i % 8 < 4 && j % 8 < 4 ? 255 : 0));
    const count = cornersOf(field, 0.6).reduce((sum, ring) => sum + ring.length, 0);
    expect(count).toBeLessThanOrEqual(300);
  });
});
