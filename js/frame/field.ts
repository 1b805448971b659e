// Reading a LevelField: its samples, the level at a point.

import { ISO_LEVEL, type LevelField } from "../contract/protocol";

/** The field's bytes, `stride` a row. RangeError when there are fewer than its size says. */
export function fieldBytes(field: LevelField): Uint8Array {
  const { data, width, height, stride } = field;
  const needed = height > 0 ? stride * (height - 1) + width : 0;
  if (width < 0 || height < 0 || stride < width || data.byteLength < needed) {
    throw new RangeError(
      `mask of ${width} x ${height} cells, ${stride} bytes a row: ` +
        `expected at least ${needed} bytes, got ${data.byteLength}`,
    );
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Has it all the bytes that its size asks for? Drawing tells the person if not. */
export function isWhole(field: LevelField | null): boolean {
  try {
    if (field) fieldBytes(field);
    return true;
  } catch {
    return false;
  }
}

/** Is the image point inside the mask? Bilinear between samples, as the traced outline has it. */
export function fieldContains(field: LevelField, x: number, y: number): boolean {
  const [left, top, extentWidth, extentHeight] = field.extent_xywh;
  const { width, height, stride } = field;
  const u = ((x - left) / extentWidth) * width;
  const v = ((y - top) / extentHeight) * height;
  if (!(u >= 0 && v >= 0 && u <= width && v <= height) || width === 0 || height === 0) return false;
  const bytes = fieldBytes(field);
  const i = Math.min(Math.max(u - 0.5, 0), width - 1);
  const j = Math.min(Math.max(v - 0.5, 0), height - 1);
  const i0 = Math.floor(i);
  const j0 = Math.floor(j);
  const at = (column: number, row: number): number =>
    bytes[Math.min(row, height - 1) * stride + Math.min(column, width - 1)] ?? 0;
  const upper = mix(at(i0, j0), at(i0 + 1, j0), i - i0);
  const lower = mix(at(i0, j0 + 1), at(i0 + 1, j0 + 1), i - i0);
  return mix(upper, lower, j - j0) > ISO_LEVEL;
}

function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}
