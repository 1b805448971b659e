// A candidate mask as a small picture: the part of the image that all candidates are in.

import type { ExtentXYWH, LevelField } from "../contract/protocol";
import { fieldPath } from "../frame/contour";

/** What is around the masks, as a share of their size. */
const MARGIN = 0.18;

export interface ThumbnailOf {
  field: LevelField;
  /** See `thumbnailRegion`. */
  region: ExtentXYWH;
  picture: CanvasImageSource | null;
  imageWidth: number;
  imageHeight: number;
  color: string;
}

/** The part of the image, as wide to its height as `aspect`, that holds all fields with a margin. */
export function thumbnailRegion(
  fields: readonly LevelField[],
  imageWidth: number,
  imageHeight: number,
  aspect: number,
): ExtentXYWH {
  const boxes = fields.map(({ extent_xywh: [x, y, w, h] }) => [x, y, x + w, y + h] as const);
  const x1 = Math.max(Math.min(...boxes.map((box) => box[0])), 0);
  const y1 = Math.max(Math.min(...boxes.map((box) => box[1])), 0);
  const x2 = Math.min(Math.max(...boxes.map((box) => box[2])), imageWidth);
  const y2 = Math.min(Math.max(...boxes.map((box) => box[3])), imageHeight);
  const wanted = Math.max(y2 - y1, (x2 - x1) / aspect, 1) * (1 + 2 * MARGIN);
  const height = Math.min(wanted, Math.max(imageHeight, imageWidth / aspect));
  const width = height * aspect;
  // Within the image where it is large enough, else around its middle.
  const place = (centre: number, side: number, length: number): number =>
    side < length ? Math.min(Math.max(centre - side / 2, 0), length - side) : (length - side) / 2;
  return [
    place((x1 + x2) / 2, width, imageWidth),
    place((y1 + y2) / 2, height, imageHeight),
    width,
    height,
  ];
}

export function clearThumbnail(canvas: HTMLCanvasElement): void {
  const context = canvas.getContext("2d");
  context?.setTransform(1, 0, 0, 1, 0, 0);
  context?.clearRect(0, 0, canvas.width, canvas.height);
}

/** A large picture is scaled to this once, not for every small one. */
const SMALL_PX = 1024;
const small = new WeakMap<object, HTMLCanvasElement>();

/** The picture, or a small copy where that has the pixels for the image `shownWidth` pixels wide. */
function sourceFor(picture: CanvasImageSource, shownWidth: number): CanvasImageSource | null {
  const { width, height } = picture as { width: number; height: number };
  if (width === 0) return null; // closed meanwhile: another one is coming
  const factor = SMALL_PX / Math.max(width, height);
  if (!(factor < 0.75) || shownWidth > width * factor) return picture;
  const known = small.get(picture);
  if (known) return known;
  const copy = document.createElement("canvas");
  copy.width = Math.max(1, Math.round(width * factor));
  copy.height = Math.max(1, Math.round(height * factor));
  const context = copy.getContext("2d");
  if (!context) return picture;
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, copy.width, copy.height);
  small.set(picture, copy);
  return copy;
}

export function drawThumbnail(canvas: HTMLCanvasElement, of: ThumbnailOf): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const [x, y, width] = of.region;
  const scale = canvas.width / width;
  clearThumbnail(canvas);
  context.setTransform(scale, 0, 0, scale, -x * scale, -y * scale);
  context.imageSmoothingQuality = "high";
  const picture = of.picture && sourceFor(of.picture, of.imageWidth * scale);
  if (picture) context.drawImage(picture, 0, 0, of.imageWidth, of.imageHeight);
  const path = fieldPath(of.field);
  context.globalAlpha = 0.5;
  context.fillStyle = of.color;
  context.fill(path, "evenodd");
  context.globalAlpha = 1;
  for (const [color, line] of [
    ["rgba(255, 255, 255, 0.95)", 3.5],
    [of.color, 2],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = line / scale;
    context.stroke(path);
  }
}
