import { describe, expect, it } from "vitest";
import type { Part } from "../../frame/detail";
import { fitView, panBy, type Viewport, zoomAt } from "../../frame/viewport";
import { drawDetail } from "../../layers/detail";
import type { Scene } from "../../layers/scene";

const WHOLE = fitView(10_000, 8_000, 1000, 800);
/** One pixel of the image is one of the screen, a little aside of whole ones. */
const CLOSE = panBy(zoomAt(WHOLE, { x: 500, y: 400 }, 10), 0.3, 0.4);

function part(x: number, y: number, reduce = 1): Part {
  return { x, y, width: 512 * reduce, height: 512 * reduce, reduce, exact: false };
}

/** What is drawn of these parts, as [index of the part, x, y, width, height]; and how. */
function draw(parts: Part[], viewport: Viewport, pictureWidth = 4000, pixelRatio = 1) {
  const calls: number[][] = [];
  const ctx = {
    canvas: { width: 1000 * pixelRatio, height: 800 * pixelRatio },
    imageSmoothingEnabled: true,
    imageSmoothingQuality: "low",
    setTransform() {},
    drawImage: (bitmap: { index: number }, ...place: number[]) =>
      calls.push([bitmap.index, ...place]),
  };
  const scene = {
    picture: { width: pictureWidth },
    pixelRatio,
    detail: { parts: parts.map((one, index) => ({ ...one, bitmap: { index } })), phase: "sharp" },
  };
  const drawOn = ctx as unknown as CanvasRenderingContext2D;
  drawDetail(drawOn, scene as unknown as Scene, viewport);
  return { calls, isSmooth: ctx.imageSmoothingEnabled };
}

describe("drawDetail", () => {
  it("draws parts side by side without a gap or a fraction of a pixel", () => {
    const { calls } = draw([part(4608, 3584), part(5120, 3584)], CLOSE);
    const [[, x = 0, y = 0, w = 0, h = 0] = [], [, next] = []] = calls;
    expect([x, y, w, h].every(Number.isInteger)).toBe(true);
    expect([w, h]).toEqual([512, 512]);
    expect(next).toBe(x + w);
  });

  it("fits them to the screen's pixels", () => {
    const { calls } = draw([part(4608, 3584)], zoomAt(WHOLE, { x: 500, y: 400 }, 10), 4000, 2);
    expect(calls[0]?.slice(3)).toEqual([1024, 1024]);
  });

  it("leaves out those that are not seen, and those far finer than the screen", () => {
    const aside = [part(0, 0), part(9728, 3584)];
    expect(draw(aside, CLOSE).calls).toEqual([]);
    const middle = zoomAt(WHOLE, { x: 500, y: 400 }, 4.3); // hardly closer than the picture
    expect(draw([part(4608, 3584)], middle).calls).toHaveLength(1);
    expect(draw([part(4608, 3584)], middle, 200).calls).toHaveLength(1);
    expect(draw([part(4608, 3584)], zoomAt(WHOLE, { x: 500, y: 400 }, 2), 400).calls).toEqual([]);
  });

  it("draws nothing where the picture is fine enough", () => {
    expect(draw([part(4608, 3584)], WHOLE).calls).toEqual([]);
    expect(draw([part(4608, 3584)], CLOSE, 10_000).calls).toEqual([]);
  });

  it("shows pixels as squares from four times on", () => {
    expect(draw([part(4608, 3584)], CLOSE).isSmooth).toBe(true);
    expect(draw([part(4608, 3584)], zoomAt(CLOSE, { x: 500, y: 400 }, 4.1)).isSmooth).toBe(false);
  });
});
