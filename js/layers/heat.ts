import type { LevelField } from "../contract/protocol";
import { heatPixels } from "../frame/heat";
import { useImageClip } from "./masks";
import type { Layer } from "./scene";

/** A cell each pixel; made once for a field, threshold and view. */
const made = new WeakMap<LevelField, { threshold: number; canvas: HTMLCanvasElement }>();

/** How sure the model is of each place: of the mask in the making, else of the one under the pointer. */
export const drawHeat: Layer = (ctx, scene, viewport) => {
  const { draft } = scene.shown;
  const field = draft.field ?? scene.preview;
  if (!scene.heat || !field || field.width === 0 || field.height === 0) return;
  const canvas = colored(field, draft.field ? (draft.threshold ?? 0) : 0);
  if (!canvas) return;
  const [x, y, width, height] = field.extent_xywh;
  ctx.save();
  useImageClip(ctx, scene, viewport);
  ctx.imageSmoothingEnabled = true;
  ctx.drawImage(canvas, x, y, width, height);
  ctx.restore();
};

function colored(field: LevelField, threshold: number): HTMLCanvasElement | null {
  const known = made.get(field);
  if (known?.threshold === threshold) return known.canvas;
  const canvas = document.createElement("canvas");
  canvas.width = field.width;
  canvas.height = field.height;
  const pixels = new ImageData(heatPixels(field, threshold), field.width, field.height);
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  made.set(field, { threshold, canvas });
  return canvas;
}
