import { describe, expect, it } from "vitest";
import { fieldContains, sameField } from "../../frame/field";
import { makeField } from "../helpers";

describe("fieldContains", () => {
  const half = makeField(4, 4, (column) => (column >= 2 ? 255 : 0), [100, 200, 40, 40]);

  it.each([
    ["well inside", 135, 220, true],
    ["well outside the mask", 105, 220, false],
    ["just right of the border between samples", 120.1, 220, true],
    ["just left of it", 119.9, 220, false],
    ["at the field's own border", 140, 240, true],
    ["beyond the field", 141, 220, false],
    ["not a number", Number.NaN, 220, false],
  ])("%s", (_, x, y, expected) => {
    expect(fieldContains(half, x, y)).toBe(expected);
  });

  it("is false for a field without cells", () => {
    expect(
      fieldContains(
        makeField(0, 0, () => 255, [0, 0, 10, 10]),
        5,
        5,
      ),
    ).toBe(false);
  });
});

describe("sameField", () => {
  const field = makeField(4, 4, (column) => column * 50);
  it.each([
    ["a copy", makeField(4, 4, (column) => column * 50), true],
    ["another level", makeField(4, 4, (column) => column * 51), false],
    ["another place", makeField(4, 4, (column) => column * 50, [1, 0, 4, 4]), false],
    ["another size", makeField(4, 3, (column) => column * 50, [0, 0, 4, 4]), false],
  ])("%s", (_, other, expected) => {
    expect(sameField(field, other)).toBe(expected);
  });
});
