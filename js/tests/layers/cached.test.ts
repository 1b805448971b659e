import { beforeEach, describe, expect, it } from "vitest";
import { fitView, panBy, toImage, toView, type Viewport, zoomAt } from "../../frame/viewport";
import { CachedLayer, moved } from "../../layers/cached";
import type { Scene } from "../../layers/scene";
import { preparePage } from "../page";

const FIT = fitView(4000, 3000, 400, 300);
const CLOSER = zoomAt(FIT, { x: 100, y: 80 }, 4);

beforeEach(preparePage);

describe("moved", () => {
  const cases: [string, Viewport, Viewport, number][] = [
    ["closer", FIT, CLOSER, 1],
    ["aside", CLOSER, panBy(CLOSER, -30, -20), 1],
    ["aside on a fine screen", CLOSER, panBy(CLOSER, -30, -20), 2],
    ["back to the whole", CLOSER, FIT, 1.5],
  ];
  it.each(cases)("%s: a drawn place lands where the image point is now", (_, from, to, ratio) => {
    const [a, , , d, e, f] = moved(from, to, ratio);
    for (const point of [
      { x: 0, y: 0 },
      { x: 1234, y: 777 },
    ]) {
      const before = toView(from, point);
      const now = toView(to, point);
      expect(a * before.x * ratio + e).toBeCloseTo(now.x * ratio, 6);
      expect(d * before.y * ratio + f).toBeCloseTo(now.y * ratio, 6);
    }
  });

  it("nothing moves where nothing has moved", () => {
    expect(moved(CLOSER, CLOSER, 2)).toEqual([1, 0, 0, 1, 0, 0]);
  });

  it("moves by whole pixels of the screen where the zoom is the same", () => {
    const [, , , , x, y] = moved(CLOSER, panBy(CLOSER, -1.3, -2.6), 1);
    expect([x, y]).toEqual([-1, -3]);
    expect(toImage(CLOSER, { x: 0, y: 0 }).x).toBeGreaterThan(0);
  });
});

describe("CachedLayer", () => {
  function layer() {
    const subject = new CachedLayer();
    const view = document.createElement("canvas");
    view.width = 400;
    view.height = 300;
    const ctx = view.getContext("2d") as CanvasRenderingContext2D;
    const draw = (viewport: Viewport, key: unknown[], isMoving = false): boolean => {
      let isDrawn = false;
      const scene = { pixelRatio: 1, isMoving } as Scene;
      subject.draw(ctx, scene, viewport, key, () => {
        isDrawn = true;
      });
      return isDrawn;
    };
    return { subject, view, draw };
  }

  it("draws once what stays the same", () => {
    const { draw } = layer();
    const key = [{}, "red"];
    expect([draw(FIT, key), draw(FIT, key), draw(FIT, [...key])]).toEqual([true, false, false]);
  });

  it("draws anew what has changed, become less or more", () => {
    const { draw } = layer();
    const mask = {};
    draw(FIT, [mask, "red"]);
    expect(draw(FIT, [mask, "blue"])).toBe(true);
    expect(draw(FIT, [mask])).toBe(true);
    expect(draw(FIT, [mask, "blue", {}])).toBe(true);
  });

  it("is moved along while the picture moves, and drawn anew when it rests", () => {
    const { draw } = layer();
    const key = ["red"];
    draw(FIT, key);
    expect([draw(CLOSER, key, true), draw(panBy(CLOSER, -5, -5), key, true)]).toEqual([
      false,
      false,
    ]);
    expect(draw(CLOSER, key, false)).toBe(true);
    expect(draw(CLOSER, key, false)).toBe(false);
  });

  it("what changes on the move is drawn at once", () => {
    const { draw } = layer();
    draw(FIT, ["red"]);
    expect(draw(CLOSER, ["blue"], true)).toBe(true);
  });

  it("a canvas of another size is drawn anew, also on the move", () => {
    const { draw, view } = layer();
    draw(FIT, ["red"]);
    view.width = 410;
    expect(draw(FIT, ["red"], true)).toBe(true);
  });

  it("forgets", () => {
    const { subject, draw, view } = layer();
    draw(FIT, ["red"]);
    subject.forget(view);
    expect(draw(FIT, ["red"], true)).toBe(true);
  });
});
