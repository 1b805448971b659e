import { describe, expect, it } from "vitest";
import {
  clampToImage,
  fitView,
  insideImage,
  isFitView,
  panBy,
  resized,
  toImage,
  toView,
  viewOfBox,
  zoomAt,
} from "../../frame/viewport";

const wide = fitView(4000, 1000, 800, 600);

describe("fitView", () => {
  it("shows the whole image, centred", () => {
    expect(wide).toMatchObject({ scale: 0.2, x: 0, y: 200 });
    expect(isFitView(wide)).toBe(true);
  });

  it("scales a small image up", () => {
    expect(fitView(10, 10, 400, 300)).toMatchObject({ scale: 30, x: 50, y: 0 });
  });

  it.each([
    ["no image", 0, 0, 400, 300],
    ["no room", 400, 300, 0, 0],
  ])("stays finite: %s", (_, ...sizes) => {
    const view = fitView(...sizes);
    expect(view.scale).toBeGreaterThan(0);
    expect(Number.isFinite(view.x) && Number.isFinite(view.y)).toBe(true);
  });
});

describe("frames", () => {
  it.each([
    ["fit", wide],
    ["zoomed", zoomAt(wide, { x: 123, y: 321 }, 7.3)],
    ["panned", panBy(zoomAt(wide, { x: 400, y: 300 }, 20), -333, 41)],
  ])("go there and back: %s", (_, view) => {
    for (const point of [
      { x: 0, y: 0 },
      { x: 3999.25, y: 17.5 },
      { x: -40, y: 1200 },
    ]) {
      const back = toImage(view, toView(view, point));
      expect(back.x).toBeCloseTo(point.x, 6);
      expect(back.y).toBeCloseTo(point.y, 6);
    }
  });

  it("knows the image's border", () => {
    expect(insideImage(wide, { x: 0, y: 1000 })).toBe(true);
    expect(insideImage(wide, { x: -0.1, y: 5 })).toBe(false);
    expect(clampToImage(wide, { x: -7, y: 1234 })).toEqual({ x: 0, y: 1000 });
  });
});

describe("viewOfBox", () => {
  it.each([
    ["in the middle", [1900, 400, 2100, 550], 4, 2000, 475],
    ["wider than the canvas", [1900, 475, 2300, 525], 2, 2100, 500],
    ["all of it", [0, 0, 4000, 1000], 0.2, 2000, 500],
    ["more than all of it", [-4000, -900, 8000, 1900], 0.2, 2000, 500],
    ["in the corner", [-100, -100, 100, 50], 4, 100, 75],
    ["a point", [2000, 500, 2000, 500], 48, 2000, 500],
  ] as const)("%s", (_, box, scale, x, y) => {
    const view = viewOfBox(wide, [...box]);
    const centre = toImage(view, { x: view.viewWidth / 2, y: view.viewHeight / 2 });
    expect(view.scale).toBeCloseTo(scale, 6);
    expect([centre.x, centre.y]).toEqual([expect.closeTo(x, 6), expect.closeTo(y, 6)]);
  });

  it("comes back to what a view showed", () => {
    const before = zoomAt(wide, { x: 300, y: 200 }, 9);
    const first = toImage(before, { x: 0, y: 0 });
    const last = toImage(before, { x: 800, y: 600 });
    const after = viewOfBox(wide, [first.x, first.y, last.x, last.y]);
    expect(after.scale).toBeCloseTo(before.scale, 6);
    expect([after.x, after.y]).toEqual([expect.closeTo(before.x, 6), expect.closeTo(before.y, 6)]);
  });
});

describe("zoomAt", () => {
  it("keeps the point under the pointer", () => {
    const start = zoomAt(wide, { x: 400, y: 300 }, 10);
    const pointer = { x: 250, y: 333 };
    const before = toImage(start, pointer);
    const after = toImage(zoomAt(start, pointer, 1.7), pointer);
    expect(after.x).toBeCloseTo(before.x, 6);
    expect(after.y).toBeCloseTo(before.y, 6);
  });

  it("stops at the whole image and at single pixels", () => {
    expect(isFitView(zoomAt(wide, { x: 1, y: 1 }, 0.001))).toBe(true);
    expect(zoomAt(wide, { x: 1, y: 1 }, 1e9).scale).toBe(48);
  });
});

describe("panBy", () => {
  it("leaves no gap beside an image that is larger than the canvas", () => {
    const near = zoomAt(wide, { x: 400, y: 300 }, 10);
    expect(panBy(near, 1e6, 1e6)).toMatchObject({ x: 0, y: 0 });
    expect(panBy(near, -1e6, -1e6)).toMatchObject({ x: 800 - 8000, y: 600 - 2000 });
  });

  it("keeps a smaller image centred", () => {
    expect(panBy(wide, 55, 77)).toEqual(wide);
  });
});

describe("resized", () => {
  it("stays fit when it was", () => {
    expect(resized(wide, 400, 300)).toEqual(fitView(4000, 1000, 400, 300));
  });

  it("keeps centre and zoom relative to fit", () => {
    const near = panBy(zoomAt(wide, { x: 400, y: 300 }, 12), 40, -30);
    const centre = toImage(near, { x: 400, y: 300 });
    const small = resized(near, 400, 300);
    const after = toImage(small, { x: 200, y: 150 });
    expect(after.x).toBeCloseTo(centre.x, 6);
    expect(after.y).toBeCloseTo(centre.y, 6);
    expect(small.scale / fitView(4000, 1000, 400, 300).scale).toBeCloseTo(12, 6);
  });

  it("takes a canvas that had no size yet", () => {
    expect(resized(fitView(400, 300, 0, 0), 800, 600).scale).toBe(2);
  });
});
