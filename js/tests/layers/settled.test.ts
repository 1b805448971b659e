import { beforeEach, describe, expect, it } from "vitest";
import { fitView, panBy, zoomAt } from "../../frame/viewport";
import type { Scene } from "../../layers/scene";
import { drawSettled } from "../../layers/settled";
import { drawn, preparePage } from "../page";

const PICTURE = { width: 4000, height: 3000 } as ImageBitmap;
const VIEW = fitView(4000, 3000, 400, 300);

beforeEach(preparePage);

function surface() {
  const canvas = document.createElement("canvas");
  canvas.width = 400;
  canvas.height = 300;
  const ctx = canvas.getContext("2d") as CanvasRenderingContext2D;
  let scaled = 0;
  const draw = (viewport = VIEW, changes: Partial<Scene> = {}): number => {
    scaled = 0;
    const scene = { picture: PICTURE, pixelRatio: 1, ...changes } as Scene;
    drawSettled(ctx, scene, viewport, () => {
      scaled++;
    });
    return scaled;
  };
  return { canvas, draw };
}

describe("drawSettled", () => {
  it("scales the picture of a view at rest no more than twice", () => {
    const { draw } = surface();
    expect([draw(), draw(), draw(), draw()]).toEqual([1, 1, 0, 0]);
  });

  it("shows what was scaled in each frame at rest", () => {
    const { draw } = surface();
    draw();
    draw();
    drawn.length = 0;
    draw();
    expect(drawn).toEqual(["setTransform", "drawImage"]);
  });

  it("a view that moves is scaled once a frame", () => {
    const { draw } = surface();
    const moves = [VIEW, zoomAt(VIEW, { x: 10, y: 10 }, 2)];
    moves.push(panBy(moves[1] ?? VIEW, -5, -5));
    expect(moves.map((viewport) => draw(viewport))).toEqual([1, 1, 1]);
  });

  it("another picture, screen or size of the canvas is drawn anew", () => {
    const { canvas, draw } = surface();
    const settle = (): void => {
      for (let frame = 0; frame < 3; frame++) draw();
      expect(draw()).toBe(0);
    };
    settle();
    expect(draw(VIEW, { picture: { ...PICTURE } })).toBe(1);
    settle();
    expect(draw(VIEW, { pixelRatio: 2 })).toBe(1);
    settle();
    canvas.width = 401;
    expect(draw()).toBe(1);
  });

  it("what a moving view leaves behind is not shown when it comes back", () => {
    const { draw } = surface();
    for (let frame = 0; frame < 3; frame++) draw();
    draw(panBy(zoomAt(VIEW, { x: 0, y: 0 }, 2), -5, -5));
    expect([draw(), draw(), draw()]).toEqual([1, 1, 0]);
  });
});
