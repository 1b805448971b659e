// The canvas of one view: its size in device pixels, its viewport, its frames.

import type { BoxXYXY } from "./contract/protocol";
import { fitView, resized, type Viewport, viewOfBox, zoomAt } from "./frame/viewport";
import { drawCursor } from "./layers/cursor";
import { drawCutout } from "./layers/cutout";
import { drawFound } from "./layers/found";
import { drawHand } from "./layers/hand";
import { drawHeat } from "./layers/heat";
import { drawImage } from "./layers/image";
import { drawKeyCursor } from "./layers/keycursor";
import { drawMasks } from "./layers/masks";
import { drawOverlay } from "./layers/overlay";
import { drawPrompts } from "./layers/prompts";
import { drawScaleBar } from "./layers/scalebar";
import type { Layer, Scene } from "./layers/scene";
import { drawStroke } from "./layers/stroke";
import { h, KEEP_KEYS, setAttribute } from "./ui/dom";

const LAYERS: readonly Layer[] = [
  drawImage,
  drawCutout,
  drawHeat,
  drawFound,
  drawMasks,
  drawOverlay,
  drawPrompts,
  drawStroke,
  drawCursor,
  drawKeyCursor,
  drawScaleBar,
  drawHand,
];

/** A picture that has not moved for so long rests. */
export const REST_MS = 120;

export interface SurfaceActions {
  /** What to draw now. */
  scene(pixelRatio: number, isMoving: boolean): Scene;
  /** The viewport has changed. */
  onViewport(): void;
  /** A frame with this scene is on the canvas. */
  onPainted(scene: Scene): void;
  onError(text: string): void;
}

export class Surface {
  readonly canvas = h("canvas", {
    class: "samwidget-canvas",
    tabindex: 0,
    role: "application",
    "aria-label": "Image to segment. Press H for the list of keys.",
    "data-testid": "samwidget-canvas",
    ...KEEP_KEYS,
  });
  readonly #context = this.canvas.getContext("2d");
  readonly #actions: SurfaceActions;
  #viewport: Viewport = fitView(1, 1, 1, 1);
  #place = 0;
  #hasSize = false;
  /** What is to be shown once the canvas has a size. */
  #unseen: BoxXYXY | null = null;
  #pixelRatio = 1;
  #frame: number | null = null;
  #closed = false;
  #errorTold = "";
  #isMoving = false;
  #restTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(actions: SurfaceActions, signal: AbortSignal) {
    this.#actions = actions;
    const observer = new ResizeObserver((entries) => this.#resize(entries.at(-1)));
    try {
      observer.observe(this.canvas, { box: "device-pixel-content-box" });
    } catch {
      observer.observe(this.canvas); // Safari knows css pixels only
    }
    signal.addEventListener("abort", () => {
      this.#closed = true;
      observer.disconnect();
      if (this.#frame !== null) cancelAnimationFrame(this.#frame);
      if (this.#restTimer !== null) clearTimeout(this.#restTimer);
    });
  }

  get viewport(): Viewport {
    return this.#viewport;
  }

  /** Device pixels per css pixel. */
  get pixelRatio(): number {
    return this.#pixelRatio;
  }

  set viewport(viewport: Viewport) {
    this.#viewport = viewport;
    this.#move();
    this.#actions.onViewport();
    this.requestPaint();
  }

  /**
   * Show an image frame of this size, unless it is the present one: `place` is in a list. Shown is
   * `box` of it, null for all.
   */
  setImage(width: number, height: number, place: number, box: BoxXYXY | null): void {
    const { imageWidth, imageHeight, viewWidth, viewHeight } = this.#viewport;
    if (width === imageWidth && height === imageHeight && place === this.#place) return;
    this.#place = place;
    const whole = fitView(width, height, viewWidth, viewHeight);
    this.#unseen = this.#hasSize ? null : box;
    this.viewport = box ? viewOfBox(whole, box) : whole;
  }

  /** Come closer to the middle of what is seen. */
  readonly zoomBy = (factor: number): void => {
    const { viewWidth, viewHeight } = this.#viewport;
    const centre = { x: viewWidth / 2, y: viewHeight / 2 };
    this.viewport = zoomAt(this.#viewport, centre, factor);
  };

  /** Show the whole picture. */
  readonly fit = (): void => {
    const { imageWidth, imageHeight, viewWidth, viewHeight } = this.#viewport;
    this.viewport = fitView(imageWidth, imageHeight, viewWidth, viewHeight);
  };

  readonly requestPaint = (): void => {
    if (this.#frame !== null || this.#closed) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = null;
      this.#paint();
    });
  };

  /** The picture moves from now on, and rests when nothing more comes. */
  #move(): void {
    if (this.#closed) return;
    this.#isMoving = true;
    if (this.#restTimer !== null) clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => {
      this.#restTimer = null;
      this.#isMoving = false;
      this.requestPaint();
    }, REST_MS);
  }

  #resize(entry: ResizeObserverEntry | undefined): void {
    const { width = 0, height = 0 } = entry?.contentRect ?? {};
    if (width <= 0 || height <= 0) return;
    this.#hasSize = true;
    const device = entry?.devicePixelContentBoxSize?.[0];
    const ratio = window.devicePixelRatio || 1;
    const pixelWidth = exactPixels(width * ratio, device?.inlineSize);
    const pixelHeight = exactPixels(height * ratio, device?.blockSize);
    this.#pixelRatio = pixelWidth / width;
    if (this.canvas.width !== pixelWidth) this.canvas.width = pixelWidth;
    if (this.canvas.height !== pixelHeight) this.canvas.height = pixelHeight;
    const { imageWidth, imageHeight } = this.#viewport;
    const box = this.#unseen;
    this.#unseen = null;
    this.viewport = box
      ? viewOfBox(fitView(imageWidth, imageHeight, width, height), box)
      : resized(this.#viewport, width, height);
    this.#paint(); // now, in the same frame: a resized canvas is blank
  }

  #paint(): void {
    const scene = this.#actions.scene(this.#pixelRatio, this.#isMoving);
    const context = this.#context;
    if (context) {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, this.canvas.width, this.canvas.height);
      try {
        for (const layer of LAYERS) layer(context, scene, this.#viewport);
      } catch (error) {
        this.#tellError(error);
      }
    }
    const { scale, x, y } = this.#viewport;
    setAttribute(this.canvas, "data-viewport", `${scale} ${x} ${y}`);
    this.#actions.onPainted(scene);
  }

  /** Said once: the next frame would fail in the same way. */
  #tellError(error: unknown): void {
    const text = `Drawing failed: ${error instanceof Error ? error.message : String(error)}`;
    if (text === this.#errorTold) return;
    this.#errorTold = text;
    this.#actions.onError(text);
  }
}

/**
 * Device pixels: what the browser has measured, which knows how it rounds, but only when that agrees
 * with the pixel ratio (emulated screens measure css pixels).
 */
function exactPixels(computed: number, measured: number | undefined): number {
  if (measured !== undefined && Math.abs(measured - computed) < 2) return measured;
  return Math.round(computed);
}
