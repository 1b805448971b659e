// Image frame <-> css pixels of the canvas. Pure: every function gives a new viewport.

import type { BoxXYXY } from "../contract/protocol";

export interface Point {
  x: number;
  y: number;
}

export interface Viewport {
  /** Size of the image frame in image pixels. */
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** Size of the canvas in css pixels. */
  readonly viewWidth: number;
  readonly viewHeight: number;
  /** Css pixels per image pixel. */
  readonly scale: number;
  /** Where the image frame's origin lies, in css pixels of the canvas. */
  readonly x: number;
  readonly y: number;
}

/** From this zoom on a picture's pixels are shown as squares. */
export const PIXELATED_FROM = 4;

/** At least this many css pixels per image pixel can be reached by zooming. */
const MAX_SCALE = 48;

/** The largest scale at which the whole image is seen. */
function fitScale(imageWidth: number, imageHeight: number, width: number, height: number): number {
  const scale = Math.min(width / Math.max(imageWidth, 1), height / Math.max(imageHeight, 1));
  return scale > 0 ? scale : 1;
}

/** The whole image, centred. */
export function fitView(
  imageWidth: number,
  imageHeight: number,
  viewWidth: number,
  viewHeight: number,
): Viewport {
  const scale = fitScale(imageWidth, imageHeight, viewWidth, viewHeight);
  return clamped({ imageWidth, imageHeight, viewWidth, viewHeight, scale, x: 0, y: 0 });
}

export function isFitView(viewport: Viewport): boolean {
  return viewport.scale <= minScale(viewport) * 1.0001;
}

export function toImage(viewport: Viewport, view: Point): Point {
  return { x: (view.x - viewport.x) / viewport.scale, y: (view.y - viewport.y) / viewport.scale };
}

export function toView(viewport: Viewport, image: Point): Point {
  return { x: image.x * viewport.scale + viewport.x, y: image.y * viewport.scale + viewport.y };
}

export function insideImage(viewport: Viewport, image: Point): boolean {
  return (
    image.x >= 0 &&
    image.y >= 0 &&
    image.x <= viewport.imageWidth &&
    image.y <= viewport.imageHeight
  );
}

/** The image point under a place of the canvas; null beside the image. */
export function imagePointAt(viewport: Viewport, view: Point): Point | null {
  const at = toImage(viewport, view);
  return insideImage(viewport, at) ? at : null;
}

export function clampToImage(viewport: Viewport, image: Point): Point {
  return {
    x: Math.min(Math.max(image.x, 0), viewport.imageWidth),
    y: Math.min(Math.max(image.y, 0), viewport.imageHeight),
  };
}

/** The box with these opposite corners. */
export function boxBetween(a: Point, b: Point): BoxXYXY {
  return [Math.min(a.x, b.x), Math.min(a.y, b.y), Math.max(a.x, b.x), Math.max(a.y, b.y)];
}

/** Scale by `factor`; the image point under `view` stays under it as far as the borders allow. */
export function zoomAt(viewport: Viewport, view: Point, factor: number): Viewport {
  const least = minScale(viewport);
  const most = Math.max(MAX_SCALE, least * 4);
  const scale = Math.min(Math.max(viewport.scale * factor, least), most);
  const fixed = toImage(viewport, view);
  return clamped({
    ...viewport,
    scale,
    x: view.x - fixed.x * scale,
    y: view.y - fixed.y * scale,
  });
}

export function panBy(viewport: Viewport, dx: number, dy: number): Viewport {
  return clamped({ ...viewport, x: viewport.x + dx, y: viewport.y + dy });
}

/** A view of the same image in which all of a box is seen, as large as it can be. */
export function viewOfBox(viewport: Viewport, [x1, y1, x2, y2]: BoxXYXY): Viewport {
  const { imageWidth, imageHeight, viewWidth, viewHeight } = viewport;
  const least = fitScale(imageWidth, imageHeight, viewWidth, viewHeight);
  const most = Math.max(MAX_SCALE, least * 4);
  const wanted = fitScale(x2 - x1, y2 - y1, viewWidth, viewHeight);
  const scale = Math.min(Math.max(wanted, least), most);
  const x = viewWidth / 2 - ((x1 + x2) / 2) * scale;
  const y = viewHeight / 2 - ((y1 + y2) / 2) * scale;
  return clamped({ ...viewport, scale, x, y });
}

/** The same part of the image in a canvas of another size: zoom relative to fit and centre stay. */
export function resized(viewport: Viewport, viewWidth: number, viewHeight: number): Viewport {
  const fit = fitView(viewport.imageWidth, viewport.imageHeight, viewWidth, viewHeight);
  if (isFitView(viewport)) return fit;
  const centre = toImage(viewport, { x: viewport.viewWidth / 2, y: viewport.viewHeight / 2 });
  const scale = fit.scale * (viewport.scale / minScale(viewport));
  return clamped({
    ...fit,
    scale,
    x: viewWidth / 2 - centre.x * scale,
    y: viewHeight / 2 - centre.y * scale,
  });
}

function minScale(viewport: Viewport): number {
  return fitScale(
    viewport.imageWidth,
    viewport.imageHeight,
    viewport.viewWidth,
    viewport.viewHeight,
  );
}

/** No gap beside an image that is larger than the canvas; a smaller one is centred. */
function clamped(viewport: Viewport): Viewport {
  const width = viewport.imageWidth * viewport.scale;
  const height = viewport.imageHeight * viewport.scale;
  return {
    ...viewport,
    x: clampedOrigin(viewport.x, width, viewport.viewWidth),
    y: clampedOrigin(viewport.y, height, viewport.viewHeight),
  };
}

function clampedOrigin(origin: number, length: number, room: number): number {
  if (length <= room) return (room - length) / 2;
  return Math.min(Math.max(origin, room - length), 0);
}
