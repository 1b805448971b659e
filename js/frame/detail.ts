// Which parts of a large image a view wants finer than the picture of all of it has them.

import { PIXELATED_FROM, toImage, type Viewport } from "./viewport";

/** Pixels along a side of a part as it comes; those at the image's end are smaller. */
export const PART_SIDE = 512;
/** A view wants no more parts; a screen with more pixels gets them somewhat coarser. */
export const MOST_PARTS = 56;
/** The picture may be stretched so far before parts are worth their way. */
const STRETCHED = 1.05;

/** A part of the image, in its pixels; `reduce` of them along each side become one, or none is changed. */
export interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly reduce: number;
  readonly exact: boolean;
}

/** Is a picture of this width stretched in the view, while the image has finer pixels? */
export function isStretched(viewport: Viewport, pixelRatio: number, pictureWidth: number): boolean {
  const pictureScale = pictureWidth / viewport.imageWidth;
  return pictureScale < 1 && viewport.scale * pixelRatio > pictureScale * STRETCHED;
}

/**
 * The parts that show the view as finely as the screen can, those in its middle first; none where
 * the picture of all of the image does.
 */
export function partsFor(viewport: Viewport, pixelRatio: number, pictureWidth: number): Part[] {
  if (!isStretched(viewport, pixelRatio, pictureWidth)) return [];
  const finest = Math.max(1, 1 / (viewport.scale * pixelRatio));
  for (let reduce = 2 ** Math.floor(Math.log2(finest)); ; reduce *= 2) {
    if (reduce > 1 && 1 / reduce <= pictureWidth / viewport.imageWidth) return [];
    const parts = partsAt(viewport, reduce);
    if (parts.length <= MOST_PARTS) return parts;
  }
}

function partsAt(viewport: Viewport, reduce: number): Part[] {
  const { imageWidth, imageHeight, viewWidth, viewHeight } = viewport;
  const side = PART_SIDE * reduce;
  const exact = viewport.scale >= PIXELATED_FROM;
  const first = toImage(viewport, { x: 0, y: 0 });
  const last = toImage(viewport, { x: viewWidth, y: viewHeight });
  const parts: Part[] = [];
  const begin = (place: number): number => Math.max(0, Math.floor(place / side)) * side;
  for (let y = begin(first.y); y < Math.min(last.y, imageHeight); y += side) {
    for (let x = begin(first.x); x < Math.min(last.x, imageWidth); x += side) {
      const width = Math.min(side, imageWidth - x);
      const height = Math.min(side, imageHeight - y);
      parts.push({ x, y, width, height, reduce, exact });
    }
  }
  const middle = { x: (first.x + last.x) / 2, y: (first.y + last.y) / 2 };
  const distance = ({ x, y, width, height }: Part): number =>
    Math.hypot(x + width / 2 - middle.x, y + height / 2 - middle.y);
  return parts.sort((a, b) => distance(a) - distance(b));
}

/** Two parts with the same name are the same. */
export function nameOf({ x, y, reduce, exact }: Part): string {
  return `${x} ${y} ${reduce} ${exact}`;
}
