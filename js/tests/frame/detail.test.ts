import { describe, expect, it } from "vitest";
import { isStretched, MOST_PARTS, nameOf, PART_SIDE, partsFor } from "../../frame/detail";
import { fitView, panBy, toImage, type Viewport, zoomAt } from "../../frame/viewport";

const WHOLE = fitView(10_000, 8_000, 1000, 800);
const PICTURE = 4000; // of its 10,000 pixels

/** The middle of the image, at this many css pixels for each of its pixels. */
function at(scale: number): Viewport {
  return zoomAt(WHOLE, { x: 500, y: 400 }, scale / WHOLE.scale);
}

/** Does each of these pixels of the view lie in exactly one part? */
function covers(viewport: Viewport, parts: ReturnType<typeof partsFor>): boolean {
  const places = [0.5, 170, 333, 499, 666, 799.5];
  return places.every((x) =>
    places.every((y) => {
      const { x: column, y: row } = toImage(viewport, { x, y });
      const inside = parts.filter(
        (part) =>
          column >= part.x &&
          row >= part.y &&
          column < part.x + part.width &&
          row < part.y + part.height,
      );
      return inside.length === 1;
    }),
  );
}

describe("partsFor", () => {
  it.each([
    ["the whole picture", WHOLE, 1],
    ["no closer than the picture's own pixels", at(0.4), 1],
    ["nor on a screen with two pixels for each of css", at(0.2), 2],
  ])("wants nothing for %s", (_, viewport, ratio) => {
    expect(isStretched(viewport, ratio, PICTURE)).toBe(false);
    expect(partsFor(viewport, ratio, PICTURE)).toEqual([]);
  });

  it("wants nothing of an image whose picture has all of its pixels, however close", () => {
    expect(partsFor(at(8), 1, 10_000)).toEqual([]);
  });

  it.each([
    [0.45, 1, 2],
    [0.51, 1, 1],
    [1, 1, 1],
    [20, 1, 1],
    [0.25, 2, 2],
  ])("at a scale of %f on a screen of %f reduces by %i", (scale, ratio, reduce) => {
    const viewport = at(scale);
    const parts = partsFor(viewport, ratio, PICTURE);
    expect(new Set(parts.map((part) => part.reduce))).toEqual(new Set([reduce]));
    expect(covers(viewport, parts)).toBe(true);
  });

  it("cuts those at the end of the image, and names each differently", () => {
    const viewport = panBy(at(1), -1e6, -1e6);
    const parts = partsFor(viewport, 1, PICTURE);
    expect(Math.max(...parts.map((part) => part.x + part.width))).toBe(10_000);
    expect(Math.max(...parts.map((part) => part.y + part.height))).toBe(8_000);
    expect(parts.every((part) => part.x % PART_SIDE === 0 && part.y % PART_SIDE === 0)).toBe(true);
    expect(new Set(parts.map(nameOf)).size).toBe(parts.length);
  });

  it("asks for exact pixels where they are squares", () => {
    const isExact = (scale: number) => partsFor(at(scale), 1, PICTURE).map((part) => part.exact);
    expect(new Set(isExact(3.9))).toEqual(new Set([false]));
    expect(new Set(isExact(4.1))).toEqual(new Set([true]));
  });

  it("begins in the middle of the view", () => {
    const viewport = at(1);
    const [first] = partsFor(viewport, 1, PICTURE);
    const middle = toImage(viewport, { x: 500, y: 400 });
    expect(Math.floor(middle.x / PART_SIDE) * PART_SIDE).toBe(first?.x);
    expect(Math.floor(middle.y / PART_SIDE) * PART_SIDE).toBe(first?.y);
  });

  it("takes coarser parts for a screen of very many pixels, or none", () => {
    const wall = fitView(40_000, 40_000, 8000, 8000);
    const close = zoomAt(wall, { x: 4000, y: 4000 }, 3);
    const parts = partsFor(close, 1, 4000);
    expect(parts.length).toBeLessThanOrEqual(MOST_PARTS);
    expect(parts[0]?.reduce).toBeGreaterThan(1);
    expect(partsFor(close, 1, 20_000)).toEqual([]); // none would be finer than the picture
  });
});
