import { describe, expect, it } from "vitest";
import { fieldContains } from "../../frame/field";
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
