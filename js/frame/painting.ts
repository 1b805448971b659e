// A mask with pixels added to it or taken away, as a field to draw at once. The kernel's own field
// follows a moment later.

import { ISO_LEVEL, type LevelField } from "../contract/protocol";
import { fieldBytes } from "./field";
import { type Spans, spansBox } from "./spans";

/** Cells along a side, as samwidget/values/levels.py has them for masks without logits. */
const FINEST = 512;

type Box = readonly [x1: number, y1: number, x2: number, y2: number];

interface Axis {
  readonly from: number;
  readonly cell: number;
  readonly count: number;
}

/** The mask with these pixels added, or taken away; null when that leaves nothing. */
export function paintedField(
  base: LevelField | null,
  spans: Spans,
  add: boolean,
): LevelField | null {
  const before = base && insideBox(base);
  const painted = spansBox(spans);
  if (!painted || (!add && !before)) return before && base;
  const box = add && before ? around(before, painted) : (before ?? painted);
  const across = fineCells(box[0], box[2]);
  const down = fineCells(box[1], box[3]);
  const share = coverage(spans, across, down);
  const bytes = base ? resampled(base, across, down) : new Uint8Array(share.length);
  for (const [place, part] of share.entries()) {
    if (part === 0) continue;
    const level = part > 0.5 ? Math.max(Math.round(part * 255), 128) : Math.round(part * 254);
    const old = bytes[place] ?? 0;
    bytes[place] = add ? Math.max(old, level) : Math.min(old, 255 - level);
  }
  return {
    width: across.count,
    height: down.count,
    stride: across.count,
    extent_xywh: [across.from, down.from, across.count * across.cell, down.count * down.cell],
    data: new DataView(bytes.buffer),
  };
}

/** The box of all cells that are inside, in the image frame; null when none is. */
function insideBox(field: LevelField): Box | null {
  const { width, height, stride } = field;
  const [x, y, extentWidth, extentHeight] = field.extent_xywh;
  const bytes = fieldBytes(field);
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if ((bytes[row * stride + column] ?? 0) <= ISO_LEVEL) continue;
      left = Math.min(left, column);
      right = Math.max(right, column);
      top = Math.min(top, row);
      bottom = row;
    }
  }
  if (right < 0) return null;
  const cellWidth = extentWidth / width;
  const cellHeight = extentHeight / height;
  // Half a cell more: between two samples the border may lie anywhere.
  return [
    x + (left - 0.5) * cellWidth,
    y + (top - 0.5) * cellHeight,
    x + (right + 1.5) * cellWidth,
    y + (bottom + 1.5) * cellHeight,
  ];
}

function around(one: Box, other: Box): Box {
  return [
    Math.min(one[0], other[0]),
    Math.min(one[1], other[1]),
    Math.max(one[2], other[2]),
    Math.max(one[3], other[3]),
  ];
}

/** Whole pixels where the box is small enough; one cell margin. */
function fineCells(start: number, stop: number): Axis {
  const cell = Math.max(1, (stop - start) / (FINEST - 2));
  const from = cell === 1 ? Math.floor(start) - 1 : start - cell;
  const to = cell === 1 ? Math.ceil(stop) + 1 : stop + cell;
  return { from, cell, count: Math.max(1, Math.round((to - from) / cell)) };
}

/** Which part of each cell the pixels cover, 0 to 1. */
function coverage(spans: Spans, across: Axis, down: Axis): Float32Array {
  const share = new Float32Array(across.count * down.count);
  for (let k = 0; k < spans.length; k += 3) {
    const row = spans[k] ?? 0;
    const start = ((spans[k + 1] ?? 0) - across.from) / across.cell;
    const stop = ((spans[k + 2] ?? 0) - across.from) / across.cell;
    const first = Math.max(0, Math.floor(start));
    const last = Math.min(across.count, Math.ceil(stop));
    const top = (row - down.from) / down.cell;
    const bottom = (row + 1 - down.from) / down.cell;
    const lowest = Math.min(down.count, Math.ceil(bottom));
    for (let j = Math.max(0, Math.floor(top)); j < lowest; j++) {
      const high = Math.min(bottom, j + 1) - Math.max(top, j);
      for (let i = first; i < last; i++) {
        const wide = Math.min(stop, i + 1) - Math.max(start, i);
        const place = j * across.count + i;
        share[place] = (share[place] ?? 0) + high * wide;
      }
    }
  }
  return share;
}

/** The field's levels at the centres of other cells, bilinear; 0 beyond it. */
function resampled(field: LevelField, across: Axis, down: Axis): Uint8Array<ArrayBuffer> {
  const { width, height, stride } = field;
  const [x, y, extentWidth, extentHeight] = field.extent_xywh;
  const bytes = fieldBytes(field);
  const levels = new Uint8Array(across.count * down.count);
  const columns = samples(across, x, extentWidth, width);
  for (const [j, row] of samples(down, y, extentHeight, height).entries()) {
    if (!row) continue;
    const upper = row.low * stride;
    const lower = row.high * stride;
    for (const [i, column] of columns.entries()) {
      if (!column) continue;
      const { low, high, part } = column;
      const above = mix(bytes[upper + low] ?? 0, bytes[upper + high] ?? 0, part);
      const below = mix(bytes[lower + low] ?? 0, bytes[lower + high] ?? 0, part);
      const level = mix(above, below, row.part);
      levels[j * across.count + i] = level > ISO_LEVEL ? Math.ceil(level) : Math.floor(level);
    }
  }
  return levels;
}

interface Sample {
  readonly low: number;
  readonly high: number;
  readonly part: number;
}

/** Between which two of `length` samples over an extent each cell's centre lies; null beyond. */
function samples(axis: Axis, from: number, extent: number, length: number): (Sample | null)[] {
  return Array.from({ length: axis.count }, (_, index) => {
    const place = ((axis.from + (index + 0.5) * axis.cell - from) / extent) * length;
    if (!(place >= 0 && place <= length)) return null;
    const at = Math.min(Math.max(place - 0.5, 0), length - 1);
    const low = Math.floor(at);
    return { low, high: Math.min(low + 1, length - 1), part: at - low };
  });
}

function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}
