import { describe, expect, it } from "vitest";
import { createReadout, valueText } from "../../ui/readout";

describe("valueText", () => {
  it.each([
    ["integers", [103, 3990, 0], true, "103 3990 0"],
    ["a gray photo once", [7, 7, 7], true, "7"],
    ["two equal bands twice", [7, 7], true, "7 7"],
    ["fractions", [0.12345, 12.5, 0], false, "0.1235 12.5 0"],
    ["very small and very large ones", [1.5e-7, 2.5e9], false, "1.50e-7 2.50e+9"],
    ["what is missing", [Number.NaN, Number.NEGATIVE_INFINITY], false, "NaN −∞"],
    ["no more than six bands", [1, 2, 3, 4, 5, 6, 7, 8], true, "1 2 3 4 5 6 …"],
  ])("%s", (_, values, isWhole, expected) => {
    expect(valueText({ values, isWhole })).toBe(expected);
  });
});

describe("the readout", () => {
  it("names the pixel, not the place in it, and nothing beside the image", () => {
    const { element, update } = createReadout();
    update({ x: 3.99, y: 0.5 }, { values: [5], isWhole: true });
    expect(element.textContent).toBe("3, 05");
    update(null, null);
    expect(element.textContent).toBe("");
  });
});
