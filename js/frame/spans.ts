// Brush strokes and polygons as rows of pixels, by the very sums of samwidget/values/strokes.py and
// polygons.py; tests/fixtures/strokes.json holds both sides to it.

/** Pixels of an image as spans: row, first column, column after the last, sorted, without overlap. */
export type Spans = Int32Array;

export type PointXY = readonly [x: number, y: number];

export interface SizeWH {
  readonly width: number;
  readonly height: number;
}

/** Where no image is known: its pixels are cut off when it is drawn. */
const EVERYWHERE: SizeWH = { width: 1 << 24, height: 1 << 24 };

/** Pixels whose centre is at most `radius` away from the path; one point alone is a dab. */
export function strokeSpans(
  path: readonly PointXY[],
  radius: number,
  { width, height }: SizeWH = EVERYWHERE,
): Spans {
  const rows = new Rows();
  const [first] = path;
  const segments = path.length > 1 ? path.length - 1 : path.length;
  for (let k = 0; k < segments; k++) {
    const start = path[k] ?? first;
    const end = path[k + 1] ?? start;
    if (start && end) addSegment(rows, start, end, radius, width, height);
  }
  return rows.merged();
}

/** Pixels whose centre is inside of rings by the even-odd rule, each closed by itself. */
export function polygonSpans(
  rings: readonly (readonly PointXY[])[],
  { width, height }: SizeWH = EVERYWHERE,
): Spans {
  const crossings = new Map<number, number[]>();
  for (const ring of rings) {
    for (const [k, one] of ring.entries()) {
      const other = ring[(k + 1) % ring.length] ?? one;
      // One direction only, so that an edge that two polygons share is cut equally.
      const [[x1, y1], [x2, y2]] = one[1] > other[1] ? [other, one] : [one, other];
      const from = clamp(Math.ceil(y1 - 0.5), 0, height);
      const to = clamp(Math.ceil(y2 - 0.5), 0, height);
      for (let row = from; row < to; row++) {
        const x = x1 + ((row + 0.5 - y1) * (x2 - x1)) / (y2 - y1);
        const known = crossings.get(row);
        if (known) known.push(x);
        else crossings.set(row, [x]);
      }
    }
  }
  const rows = new Rows();
  for (const [row, xs] of crossings) {
    xs.sort((a, b) => a - b);
    for (let k = 0; k + 1 < xs.length; k += 2) {
      const start = clamp(Math.ceil((xs[k] ?? 0) - 0.5), 0, width);
      const stop = clamp(Math.ceil((xs[k + 1] ?? 0) - 0.5), 0, width);
      rows.add(row, start, stop);
    }
  }
  return rows.merged();
}

/** What is covered by one or by both. */
export function unionSpans(one: Spans, other: Spans): Spans {
  const rows = new Rows();
  for (const spans of [one, other]) {
    for (let k = 0; k < spans.length; k += 3) {
      rows.add(spans[k] ?? 0, spans[k + 1] ?? 0, spans[k + 2] ?? 0);
    }
  }
  return rows.merged();
}

/** The smallest box of whole pixels around spans, XYXY; null when there are none. */
export function spansBox(spans: Spans): [number, number, number, number] | null {
  if (spans.length === 0) return null;
  let left = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < spans.length; k += 3) {
    left = Math.min(left, spans[k + 1] ?? 0);
    right = Math.max(right, spans[k + 2] ?? 0);
  }
  return [left, spans[0] ?? 0, right, (spans[spans.length - 3] ?? 0) + 1];
}

/** Around a segment everything within the radius is convex: one span in each row. */
function addSegment(
  rows: Rows,
  start: PointXY,
  end: PointXY,
  radius: number,
  width: number,
  height: number,
): void {
  const from = clamp(Math.ceil(Math.min(start[1], end[1]) - radius - 0.5), 0, height);
  const to = clamp(Math.floor(Math.max(start[1], end[1]) + radius - 0.5) + 1, from, height);
  const dx = end[0] - start[0];
  const dy = end[1] - start[1];
  const length = Math.sqrt(dx * dx + dy * dy); // Math.hypot rounds in its own way
  const toSide = radius / (length > 0 ? length : 1);
  const sideX = -dy * toSide;
  const sideY = dx * toSide;
  const corners: PointXY[] = [
    [start[0] + sideX, start[1] + sideY],
    [end[0] + sideX, end[1] + sideY],
    [end[0] - sideX, end[1] - sideY],
    [start[0] - sideX, start[1] - sideY],
  ];
  for (let row = from; row < to; row++) {
    const y = row + 0.5;
    let left = Number.POSITIVE_INFINITY;
    let right = Number.NEGATIVE_INFINITY;
    for (const [centreX, centreY] of [start, end]) {
      const down = y - centreY;
      const squared = radius * radius - down * down;
      if (squared < 0) continue;
      const half = Math.sqrt(squared);
      left = Math.min(left, centreX - half);
      right = Math.max(right, centreX + half);
    }
    for (let k = 0; k < 4; k++) {
      const [x1, y1] = corners[k] ?? start;
      const [x2, y2] = corners[(k + 1) % 4] ?? start;
      if (!(Math.min(y1, y2) <= y && y <= Math.max(y1, y2)) || y1 === y2) continue;
      const x = x1 + ((y - y1) * (x2 - x1)) / (y2 - y1);
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
    if (left > right) continue;
    const first = clamp(Math.ceil(left - 0.5), 0, width);
    rows.add(row, first, clamp(Math.floor(right - 0.5) + 1, 0, width));
  }
}

/** Spans by row, in any order, that may overlap. */
class Rows {
  readonly #rows = new Map<number, number[]>();
  #count = 0;

  add(row: number, start: number, stop: number): void {
    if (stop <= start) return;
    const known = this.#rows.get(row);
    if (known) known.push(start, stop);
    else this.#rows.set(row, [start, stop]);
    this.#count++;
  }

  merged(): Spans {
    const spans = new Int32Array(3 * this.#count);
    let used = 0;
    for (const row of [...this.#rows.keys()].sort((a, b) => a - b)) {
      const flat = this.#rows.get(row) ?? [];
      const pairs: PointXY[] = [];
      for (let k = 0; k < flat.length; k += 2) pairs.push([flat[k] ?? 0, flat[k + 1] ?? 0]);
      pairs.sort((a, b) => a[0] - b[0]);
      let open = false;
      for (const [start, stop] of pairs) {
        const last = spans[used - 1] ?? 0;
        if (open && start <= last) {
          spans[used - 1] = Math.max(last, stop);
          continue;
        }
        spans[used++] = row;
        spans[used++] = start;
        spans[used++] = stop;
        open = true;
      }
    }
    return spans.slice(0, used);
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
