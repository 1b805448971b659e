// What a layer has drawn of many masks, for the next frames: their outlines take longer than a frame.

import { toImage, toView, type Viewport } from "../frame/viewport";
import { areSame, clearedContext } from "./offscreen";
import type { Scene } from "./scene";

interface Drawn {
  readonly canvas: HTMLCanvasElement;
  /** What it was drawn from, but for the viewport. */
  key: readonly unknown[];
  viewport: Viewport | null;
}

export class CachedLayer {
  /** By the view's canvas. */
  readonly #drawn = new WeakMap<HTMLCanvasElement, Drawn>();

  /**
   * Draw by `draw`, in the pixels of the canvas, or what that has drawn before where `key` is the
   * same. While the picture moves that is moved along; it is drawn anew when it rests.
   */
  draw(
    ctx: CanvasRenderingContext2D,
    scene: Scene,
    viewport: Viewport,
    key: readonly unknown[],
    draw: (context: CanvasRenderingContext2D) => void,
  ): void {
    const { width, height } = ctx.canvas;
    const drawn = this.#drawn.get(ctx.canvas) ?? {
      canvas: document.createElement("canvas"),
      key: [],
      viewport: null,
    };
    this.#drawn.set(ctx.canvas, drawn);
    const { canvas } = drawn;
    const all = [...key, scene.pixelRatio, width, height];
    if (
      !(
        areSame(all, drawn.key) &&
        drawn.viewport &&
        (scene.isMoving || drawn.viewport === viewport)
      )
    ) {
      const context = clearedContext(canvas, width, height);
      if (!context) {
        draw(ctx);
        return;
      }
      draw(context);
      drawn.key = all;
      drawn.viewport = viewport;
    }
    ctx.save();
    ctx.setTransform(...moved(drawn.viewport ?? viewport, viewport, scene.pixelRatio));
    ctx.drawImage(canvas, 0, 0);
    ctx.restore();
  }

  /** Nothing is drawn any more: free the memory. */
  forget(view: HTMLCanvasElement): void {
    this.#drawn.delete(view);
  }
}

/** The transform of what was drawn in one viewport to where it is in another, in device pixels. */
export function moved(
  from: Viewport,
  to: Viewport,
  pixelRatio: number,
): [number, number, number, number, number, number] {
  if (from === to) return [1, 0, 0, 1, 0, 0];
  const factor = to.scale / from.scale;
  const origin = toView(to, toImage(from, { x: 0, y: 0 }));
  const x = origin.x * pixelRatio;
  const y = origin.y * pixelRatio;
  // Whole pixels are copied, which is faster than to mix neighbours.
  if (Math.abs(factor - 1) < 1e-9) return [1, 0, 0, 1, Math.round(x), Math.round(y)];
  return [factor, 0, 0, factor, x, y];
}
