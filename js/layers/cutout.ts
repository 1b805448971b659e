// The cut-out view: a chequered veil over all of the picture that no mask covers.

import type { LevelField } from "../contract/protocol";
import { fieldPath } from "../frame/contour";
import { toView } from "../frame/viewport";
import { type Layer, type Scene, useImageFrame } from "./scene";

/** A trace of the picture stays, so that one finds the next object. */
const VEIL = 0.93;
const SQUARE_PX = 8;
const CHEQUERS = ["#ffffff", "#d5d7da"] as const;

/** By the view's canvas: its veil. */
const veils = new WeakMap<HTMLCanvasElement, HTMLCanvasElement>();

export const drawCutout: Layer = (ctx, scene, viewport) => {
  const fields = cutFields(scene);
  if (fields.length === 0) return;
  const veil = veils.get(ctx.canvas) ?? document.createElement("canvas");
  veils.set(ctx.canvas, veil);
  const context = veil.getContext("2d");
  if (!context) return;
  veil.width = ctx.canvas.width; // which clears it, too
  veil.height = ctx.canvas.height;

  const { pixelRatio } = scene;
  const { imageWidth, imageHeight } = viewport;
  const from = toView(viewport, { x: 0, y: 0 });
  const to = toView(viewport, { x: imageWidth, y: imageHeight });
  const rectangle = [from.x, from.y, to.x - from.x, to.y - from.y] as const;
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  context.fillStyle = chequered(context) ?? CHEQUERS[0];
  context.fillRect(...rectangle);

  useImageFrame(context, scene, viewport);
  context.globalCompositeOperation = "destination-out";
  context.fillStyle = "#000";
  for (const field of fields) context.fill(fieldPath(field), "evenodd");
  context.globalCompositeOperation = "source-over";

  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.globalAlpha = VEIL;
  ctx.drawImage(veil, 0, 0);
  ctx.globalAlpha = 1;
};

/** What shows through the veil; nothing while the picture is shown whole. */
export function cutFields({ look, shown }: Scene): LevelField[] {
  if (!look.cutout || look.masksHidden) return [];
  const drawn = shown.objects.filter(({ hidden }) => !hidden);
  const fields = [...drawn.map(({ field }) => field), shown.draft.field];
  return fields.filter((field) => field !== null);
}

function chequered(context: CanvasRenderingContext2D): CanvasPattern | null {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 2 * SQUARE_PX;
  const squares = tile.getContext("2d");
  if (!squares) return null;
  squares.fillStyle = CHEQUERS[0];
  squares.fillRect(0, 0, tile.width, tile.height);
  squares.fillStyle = CHEQUERS[1];
  squares.fillRect(0, 0, SQUARE_PX, SQUARE_PX);
  squares.fillRect(SQUARE_PX, SQUARE_PX, SQUARE_PX, SQUARE_PX);
  return context.createPattern(tile, "repeat");
}
