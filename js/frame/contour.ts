// Marching squares on a LevelField: the mask's border as closed rings in the image frame. Pure.

import { ISO_LEVEL, type LevelField } from "../contract/protocol";
import { fieldBytes } from "./field";

/** x0, y0, x1, y1, ... in image coordinates; closed (the first point is not repeated). */
export type Ring = Float32Array;

// Sides of a square between four samples, and the bits of the samples that are inside.
const TOP = 0;
const RIGHT = 1;
const BOTTOM = 2;
const LEFT = 3;
const TOP_LEFT = 1;
const TOP_RIGHT = 2;
const BOTTOM_RIGHT = 4;
const BOTTOM_LEFT = 8;

/** EXIT[case * 4 + entered side] is the side through which the border leaves the square. */
const EXIT = exits();
/** The saddles with their inside samples joined across the middle, as extra cases. */
const SADDLE_JOINED = new Map([
  [TOP_LEFT | BOTTOM_RIGHT, 16],
  [TOP_RIGHT | BOTTOM_LEFT, 17],
]);

function exits(): Int8Array {
  const table = new Int8Array(18 * 4).fill(-1);
  const join = (kase: number, a: number, b: number): void => {
    table[kase * 4 + a] = b;
    table[kase * 4 + b] = a;
  };
  for (let kase = 1; kase < 15; kase++) {
    const inside = [TOP_LEFT, TOP_RIGHT, BOTTOM_RIGHT, BOTTOM_LEFT].map((bit) => (kase & bit) > 0);
    // Side k lies between corners k and k + 1 in the order above.
    const crossed = [TOP, RIGHT, BOTTOM, LEFT].filter((k) => inside[k] !== inside[(k + 1) % 4]);
    const [a, b] = crossed;
    if (crossed.length === 2 && a !== undefined && b !== undefined) join(kase, a, b);
  }
  const cutTopLeftAndBottomRight = (kase: number): void => {
    join(kase, TOP, LEFT);
    join(kase, RIGHT, BOTTOM);
  };
  const cutTopRightAndBottomLeft = (kase: number): void => {
    join(kase, TOP, RIGHT);
    join(kase, LEFT, BOTTOM);
  };
  cutTopLeftAndBottomRight(TOP_LEFT | BOTTOM_RIGHT);
  cutTopRightAndBottomLeft(TOP_RIGHT | BOTTOM_LEFT);
  cutTopRightAndBottomLeft(16);
  cutTopLeftAndBottomRight(17);
  return table;
}

/**
 * Trace the iso-line at `ISO_LEVEL`.
 *
 * Outside the field the level is mirrored (2 * iso - level where that is inside), so a mask that
 * reaches the field's border closes exactly on it. Fill the rings with the even-odd rule.
 */
export function traceRings(field: LevelField): Ring[] {
  const { width, height } = field;
  if (width === 0 || height === 0) return [];
  const levels = padded(field);
  const columns = width + 2;
  const visited = new Uint8Array(columns * (height + 2));
  const toImage = imageMapping(field);
  const rings: Ring[] = [];
  // Every ring crosses a horizontal edge, between (i, j) and (i + 1, j); the padding is outside.
  for (let j = 1; j <= height; j++) {
    for (let i = 0; i <= width; i++) {
      const edge = j * columns + i;
      if (visited[edge]) continue;
      if (isInside(levels, edge) === isInside(levels, edge + 1)) continue;
      rings.push(followRing(levels, columns, visited, i, j, width, height, toImage));
    }
  }
  return rings;
}

export function ringsToPath(rings: readonly Ring[]): Path2D {
  const path = new Path2D();
  for (const ring of rings) {
    for (let k = 0; k < ring.length; k += 2) {
      const x = ring[k] ?? 0;
      const y = ring[k + 1] ?? 0;
      if (k === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
    }
    path.closePath();
  }
  return path;
}

const paths = new WeakMap<LevelField, Path2D>();

/** The mask's outline in image coordinates, traced once for each field. */
export function fieldPath(field: LevelField): Path2D {
  let path = paths.get(field);
  if (!path) {
    path = ringsToPath(traceRings(field));
    paths.set(field, path);
  }
  return path;
}

/** The field's samples with one mirrored sample around them: (height + 2) rows of width + 2. */
function padded(field: LevelField): Uint8Array {
  const { width, height, stride } = field;
  const bytes = fieldBytes(field);
  const columns = width + 2;
  const levels = new Uint8Array(columns * (height + 2));
  for (let j = 0; j < height; j++) {
    levels.set(bytes.subarray(j * stride, j * stride + width), (j + 1) * columns + 1);
  }
  const mirror = (target: number, source: number): void => {
    const level = levels[source] ?? 0;
    levels[target] = level <= ISO_LEVEL ? level : 2 * ISO_LEVEL - level;
  };
  for (let j = 1; j <= height; j++) {
    mirror(j * columns, j * columns + 1);
    mirror(j * columns + width + 1, j * columns + width);
  }
  for (let i = 1; i <= width; i++) {
    mirror(i, columns + i);
    mirror((height + 1) * columns + i, height * columns + i);
  }
  return levels; // the four corners stay 0: outside
}

function isInside(levels: Uint8Array, node: number): boolean {
  return (levels[node] ?? 0) > ISO_LEVEL;
}

type ToImage = (column: number, row: number) => [number, number];

/** Node (1, 1) of the padded grid is the field's first sample, the centre of its first cell. */
function imageMapping(field: LevelField): ToImage {
  const [x, y, extentWidth, extentHeight] = field.extent_xywh;
  const cellWidth = extentWidth / field.width;
  const cellHeight = extentHeight / field.height;
  return (column, row) => [x + (column - 0.5) * cellWidth, y + (row - 0.5) * cellHeight];
}

function followRing(
  levels: Uint8Array,
  columns: number,
  visited: Uint8Array,
  startColumn: number,
  startRow: number,
  width: number,
  height: number,
  toImage: ToImage,
): Ring {
  const ring: number[] = [];
  let column = startColumn;
  let row = startRow;
  let side = TOP;
  do {
    // Mark the edge and give its crossing; an entered BOTTOM is the TOP edge of the row below.
    const edgeRow = side === BOTTOM ? row + 1 : row;
    const edgeColumn = side === RIGHT ? column + 1 : column;
    const node = edgeRow * columns + edgeColumn;
    const horizontal = side === TOP || side === BOTTOM;
    if (horizontal) visited[node] = 1;
    const from = levels[node] ?? 0;
    const to = levels[horizontal ? node + 1 : node + columns] ?? 0;
    const t = (ISO_LEVEL - from) / (to - from);
    ring.push(...toImage(edgeColumn + (horizontal ? t : 0), edgeRow + (horizontal ? 0 : t)));

    const exit = EXIT[squareCase(levels, columns, column, row) * 4 + side] ?? -1;
    // The square in the field's own corner: the border runs through that corner, not across it.
    if ((column === 0 || column === width) && (row === 0 || row === height)) {
      ring.push(...toImage(column + 0.5, row + 0.5));
    }
    if (exit === TOP) row--;
    else if (exit === BOTTOM) row++;
    else if (exit === LEFT) column--;
    else column++;
    side = (exit + 2) % 4;
  } while (!(column === startColumn && row === startRow && side === TOP));
  return Float32Array.from(ring);
}

function squareCase(levels: Uint8Array, columns: number, column: number, row: number): number {
  const node = row * columns + column;
  const topLeft = levels[node] ?? 0;
  const topRight = levels[node + 1] ?? 0;
  const bottomLeft = levels[node + columns] ?? 0;
  const bottomRight = levels[node + columns + 1] ?? 0;
  const kase =
    (topLeft > ISO_LEVEL ? TOP_LEFT : 0) |
    (topRight > ISO_LEVEL ? TOP_RIGHT : 0) |
    (bottomRight > ISO_LEVEL ? BOTTOM_RIGHT : 0) |
    (bottomLeft > ISO_LEVEL ? BOTTOM_LEFT : 0);
  const joined = SADDLE_JOINED.get(kase);
  if (joined === undefined) return kase;
  const middle = (topLeft + topRight + bottomLeft + bottomRight) / 4;
  return middle > ISO_LEVEL ? joined : kase;
}
