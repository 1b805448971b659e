// What the layers draw, and the two frames they draw it in.

import type { BoxXYXY, FoundMask, LevelField, PointPrompt } from "../contract/protocol";
import type { PointXY } from "../frame/spans";
import type { Point, Viewport } from "../frame/viewport";
import type { DetailShown } from "../state/detail";
import type { Look } from "../state/look";
import type { Shown } from "../state/optimism";

/** What is drawn of brush and polygon; places of `to` and `at` are css pixels. */
export interface HandDrawn {
  readonly brush: {
    readonly at: Point;
    readonly radius: number;
    readonly isErasing: boolean;
  } | null;
  readonly polygon: {
    readonly points: readonly PointXY[];
    readonly add: boolean;
    readonly to: Point | null;
    /** The next click ends it. */
    readonly closes: boolean;
  } | null;
  /** Corners to drag, and the one that is lit. */
  readonly outline: {
    readonly rings: readonly (readonly PointXY[])[];
    readonly lit: { readonly ring: number; readonly index: number } | null;
  } | null;
}

export interface Scene {
  shown: Shown;
  picture: CanvasImageSource | null;
  /** Mask under the pointer before any click; also kept after the click until the draft's comes. */
  preview: LevelField | null;
  /** The preview has been clicked: draw it as the draft it is going to be. */
  previewTaken: boolean;
  /** What a search has found, the smallest first. */
  found: readonly FoundMask[];
  /** The found mask that a click would take. */
  lit: FoundMask | null;
  overlays: readonly HTMLCanvasElement[];
  /** The box that is being drawn, in the image frame. */
  rubberBand: BoxXYXY | null;
  /** The draft's point that is being dragged, and where it is meanwhile. */
  movedPoint: { readonly index: number; readonly at: Point } | null;
  hoveredPoint: number | null;
  /** The scribble that is being drawn, in the image frame. */
  stroke: { readonly path: readonly Point[]; readonly label: PointPrompt["label"] } | null;
  /** Probabilities are shown as colours instead of masks. */
  heat: boolean;
  /** Brush, polygon and corners in the hand. */
  hand: HandDrawn;
  /** Device pixels per css pixel. */
  pixelRatio: number;
  /** How this view shows the masks. */
  look: Look;
  /** The picture's bytes are shown through this; null for as they are. */
  toneTable: Uint8ClampedArray | null;
  /** Where keys would click, on the image. */
  keyCursor: { readonly at: Point; readonly isHeld: boolean } | null;
  /** The picture is on the move: what takes long may be coarse until it rests. */
  isMoving: boolean;
  /** How large a pixel is, for the scale bar. */
  pixelScale: { readonly size: number | null; readonly unit: string };
  /** What is drawn over the picture where it is too coarse. */
  detail: DetailShown;
}

export type Layer = (ctx: CanvasRenderingContext2D, scene: Scene, viewport: Viewport) => void;

/** From here on 1 unit is 1 image pixel. */
export function useImageFrame(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  viewport: Viewport,
): void {
  const scale = scene.pixelRatio * viewport.scale;
  ctx.setTransform(
    scale,
    0,
    0,
    scale,
    scene.pixelRatio * viewport.x,
    scene.pixelRatio * viewport.y,
  );
}

/** From here on 1 unit is 1 css pixel. */
export function useViewFrame(ctx: CanvasRenderingContext2D, scene: Scene): void {
  ctx.setTransform(scene.pixelRatio, 0, 0, scene.pixelRatio, 0, 0);
}
