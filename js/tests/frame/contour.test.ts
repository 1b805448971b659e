import { describe, expect, it } from "vitest";
import { type Ring, traceRings } from "../../frame/contour";
import { makeField } from "../helpers";

/** Twice the signed area is summed over the ring's edges. */
function ringArea(ring: Ring): number {
  let sum = 0;
  for (let k = 0; k < ring.length; k += 2) {
    const next = (k + 2) % ring.length;
    sum += at(ring, k) * at(ring, next + 1) - at(ring, next) * at(ring, k + 1);
  }
  return Math.abs(sum) / 2;
}

function at(ring: Ring, index: number): number {
  return ring[index] ?? Number.NaN;
}

function range(ring: Ring, axis: 0 | 1): [number, number] {
  const values = [...ring].filter((_, index) => index % 2 === axis);
  return [Math.min(...values), Math.max(...values)];
}

/** Even-odd: does a ray to the right cross the rings an odd number of times? */
function contains(rings: Ring[], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let k = 0; k < ring.length; k += 2) {
      const next = (k + 2) % ring.length;
      const [x1, y1, x2, y2] = [at(ring, k), at(ring, k + 1), at(ring, next), at(ring, next + 1)];
      if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside;
    }
  }
  return inside;
}

/** A level that falls by 32 a cell away from the border: what a smooth logit field looks like. */
function slope(insideBy: number): number {
  return 127.5 + 32 * insideBy;
}

const disk = (radius: number, x: number, y: number) => (column: number, row: number) =>
  slope(radius - Math.hypot(column + 0.5 - x, row + 0.5 - y));

describe("traceRings", () => {
  it("traces a disk with its area, and agrees with it pixel by pixel", () => {
    const rings = traceRings(makeField(64, 64, disk(20.3, 31.7, 33.1)));
    expect(rings).toHaveLength(1);
    const [ring] = rings as [Ring];
    expect(ringArea(ring)).toBeCloseTo(Math.PI * 20.3 ** 2, -1);
    expect(Math.abs(ringArea(ring) / (Math.PI * 20.3 ** 2) - 1)).toBeLessThan(0.005);
    let union = 0;
    let both = 0;
    for (let y = 0; y < 64; y += 0.5) {
      for (let x = 0; x < 64; x += 0.5) {
        const truth = Math.hypot(x - 31.7, y - 33.1) < 20.3;
        const traced = contains(rings, x, y);
        if (truth || traced) union++;
        if (truth && traced) both++;
      }
    }
    expect(both / union).toBeGreaterThan(0.99);
  });

  it("keeps a hole as a ring of its own", () => {
    const ringShaped = (column: number, row: number): number => {
      const distance = Math.hypot(column + 0.5 - 16, row + 0.5 - 16);
      return slope(Math.min(12 - distance, distance - 6));
    };
    const rings = traceRings(makeField(32, 32, ringShaped));
    expect(rings).toHaveLength(2);
    expect(contains(rings, 16, 16)).toBe(false);
    expect(contains(rings, 16, 25)).toBe(true);
    const areas = rings.map(ringArea).sort((a, b) => a - b);
    expect(areas[0]).toBeCloseTo(Math.PI * 36, -1);
    expect(areas[1]).toBeCloseTo(Math.PI * 144, -1);
  });

  it("closes a mask that fills the field exactly on the field's border, corners included", () => {
    const [ring, ...rest] = traceRings(makeField(5, 3, () => 255, [10, 20, 50, 30]));
    expect(rest).toHaveLength(0);
    expect(range(ring as Ring, 0)).toEqual([10, 60]);
    expect(range(ring as Ring, 1)).toEqual([20, 50]);
    expect(ringArea(ring as Ring)).toBe(50 * 30);
  });

  it("closes on the border whatever the level there", () => {
    const [ring] = traceRings(makeField(8, 8, (column) => 140 + column));
    expect(range(ring as Ring, 0)).toEqual([0, 8]);
    expect(ringArea(ring as Ring)).toBe(64);
  });

  it("puts a vertical edge where the level crosses, between two samples", () => {
    // Levels 0 and 255 at x = 3.5 and 4.5: the border is halfway.
    const [ring] = traceRings(makeField(8, 8, (column) => (column >= 4 ? 255 : 0)));
    expect(range(ring as Ring, 0)).toEqual([4, 8]);
    // 102 and 204: a quarter of the way.
    const [shifted] = traceRings(makeField(8, 8, (column) => (column >= 4 ? 204 : 102)));
    expect(range(shifted as Ring, 0)[0]).toBeCloseTo(3.75, 5);
  });

  it.each([
    ["joined across the middle", 255, 1],
    ["apart", 130, 2],
  ])("decides a saddle by its middle: %s", (_, level, count) => {
    // Two inside samples at opposite corners of one square; the other two are just outside or far.
    const outside = level === 255 ? 100 : 0;
    const field = makeField(4, 4, (column, row) =>
      (column === 1 && row === 1) || (column === 2 && row === 2) ? level : outside,
    );
    const mirrored = makeField(4, 4, (column, row) =>
      (column === 2 && row === 1) || (column === 1 && row === 2) ? level : outside,
    );
    expect(traceRings(field)).toHaveLength(count);
    expect(traceRings(mirrored)).toHaveLength(count);
  });

  it.each([
    ["nothing inside", makeField(6, 6, () => 127)],
    ["no columns", makeField(0, 6, () => 255)],
    ["no rows", makeField(6, 0, () => 255)],
  ])("gives no ring: %s", (_, field) => {
    expect(traceRings(field)).toEqual([]);
  });

  it("traces a single sample", () => {
    const [ring] = traceRings(makeField(1, 1, () => 255, [5, 5, 2, 2]));
    expect(ringArea(ring as Ring)).toBe(4);
  });

  it("reads width of stride bytes a row, from the view's own offset", () => {
    const padded = makeField(4, 4, (column) => (column < 2 ? 255 : 0), [0, 0, 4, 4], 16);
    const bytes = new Uint8Array(7 + padded.data.byteLength).fill(255);
    bytes.set(new Uint8Array(padded.data.buffer), 7);
    const [ring] = traceRings({ ...padded, data: new DataView(bytes.buffer, 7) });
    expect(range(ring as Ring, 0)).toEqual([0, 2]);
  });

  it("says how many bytes are missing", () => {
    const field = makeField(4, 4, () => 255);
    expect(() => traceRings({ ...field, height: 9 })).toThrow(
      "mask of 4 x 9 cells, 4 bytes a row: expected at least 36 bytes, got 16",
    );
  });

  it("traces every ring of a noisy field once, each border edge in one ring", () => {
    let seed = 7;
    const noise = (): number => {
      seed = (seed * 16807) % 2147483647;
      return seed % 256;
    };
    const field = makeField(40, 30, noise);
    const levels = new Uint8Array(field.data.buffer);
    let wrong = 0;
    const rings = traceRings(field);
    for (let row = 0; row < 30; row++) {
      for (let column = 0; column < 40; column++) {
        const truth = (levels[row * 40 + column] ?? 0) > 127.5;
        if (contains(rings, column + 0.5, row + 0.5) !== truth) wrong++;
      }
    }
    expect(wrong).toBe(0);
  });
});
