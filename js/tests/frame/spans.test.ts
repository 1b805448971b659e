// The fixtures of the rasteriser, which pytest reads, too: the browser paints what the kernel says.

import { describe, expect, it } from "vitest";
import golden from "../../../tests/fixtures/strokes.json";
import {
  type PointXY,
  polygonSpans,
  type SizeWH,
  type Spans,
  spansBox,
  strokeSpans,
  unionSpans,
} from "../../frame/spans";

function rows(spans: Spans, { width, height }: SizeWH): string[] {
  const pixels = Array.from({ length: height }, () => Array<string>(width).fill("."));
  for (let k = 0; k < spans.length; k += 3) {
    for (let x = spans[k + 1] ?? 0; x < (spans[k + 2] ?? 0); x++) {
      const row = pixels[spans[k] ?? -1];
      if (row?.[x] !== ".") throw new Error(`${x} is covered twice, or not in the image`);
      row[x] = "#";
    }
  }
  return pixels.map((row) => row.join(""));
}

const points = (path: number[][]): PointXY[] => path.map(([x = 0, y = 0]) => [x, y]);

describe("a stroke", () => {
  it.each(golden.strokes)("$name", (one) => {
    expect(rows(strokeSpans(points(one.points), one.radius, one), one)).toEqual(one.rows);
  });

  it.each(golden.strokes)("$name: grows point by point to the same", (one) => {
    const path = points(one.points);
    let spans = strokeSpans(path.slice(0, 1), one.radius, one);
    for (let k = 1; k < path.length; k++) {
      spans = unionSpans(spans, strokeSpans(path.slice(k - 1, k + 1), one.radius, one));
    }
    expect(rows(spans, one)).toEqual(one.rows);
  });

  it("without a point covers nothing", () => {
    expect(strokeSpans([], 4)).toHaveLength(0);
    expect(spansBox(strokeSpans([], 4))).toBeNull();
  });

  it("has a box", () => {
    expect(spansBox(strokeSpans([[5.5, 4.5]], 2))).toEqual([3, 2, 8, 7]);
  });
});

describe("a polygon", () => {
  it.each(golden.polygons)("$name", (one) => {
    expect(rows(polygonSpans(one.rings.map(points), one), one)).toEqual(one.rows);
  });
});
