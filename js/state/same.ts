// When values of the browser and of the kernel are the same.

import type { BoxXYXY, PointPrompt } from "../contract/protocol";

export function samePoint(a: PointPrompt, b: PointPrompt): boolean {
  return sameNumber(a.x, b.x) && sameNumber(a.y, b.y) && a.label === b.label;
}

export function sameBox(a: BoxXYXY | null, b: BoxXYXY | null): boolean {
  return (
    a === b ||
    (a !== null &&
      b !== null &&
      a.every((value, index) => sameNumber(value, b[index] ?? Number.NaN)))
  );
}

/** The kernel keeps coordinates in single precision. */
function sameNumber(a: number, b: number): boolean {
  return Math.fround(a) === Math.fround(b);
}

export function equalLists<T>(
  a: readonly T[],
  b: readonly T[],
  equal: (one: T, other: T) => boolean,
): boolean {
  return (
    a === b ||
    (a.length === b.length &&
      a.every((one, index) => {
        const other = b[index];
        return other !== undefined && (one === other || equal(one, other));
      }))
  );
}
