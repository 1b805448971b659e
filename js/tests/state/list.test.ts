import { describe, expect, it } from "vitest";
import { PALETTE } from "../../contract/protocol";
import { freeColor } from "../../state/list";

// tests/editing/test_free_colors.py has the same cases.
describe("the colour of a class that has none", () => {
  const cases: [string, string[], string | undefined][] = [
    ["the first of the palette", [], PALETTE[0]],
    ["the first that no class has", ["#559cff", "#f7e500"], PALETTE[1]],
    ["none that is like a class's own", ["#559cff", "#e4572e"], PALETTE[2]],
    ["classes without a colour do not matter", ["", ""], PALETTE[0]],
    ["an alike one where no other is left", [...PALETTE.slice(0, 9), "#c01070"], PALETTE[9]],
    ["one that goes with the index where all are taken", [...PALETTE], PALETTE[3]],
  ];
  it.each(cases)("%s", (_, used, wanted) => {
    expect(freeColor(used, 3)).toBe(wanted);
  });
});
