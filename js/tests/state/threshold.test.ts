import { describe, expect, it } from "vitest";
import { EMPTY_DRAFT } from "../../state/optimism";
import { peeking, withThreshold } from "../../state/threshold";
import { makeField, makeState } from "../helpers";

const field = makeField(4, 4, (column) => 100 + column * 20, [0, 0, 4, 4]);
const draft = { ...EMPTY_DRAFT, field, scores: [0.5, 0.6], threshold: 0.5, candidates: [field] };

describe("withThreshold", () => {
  it("moves the mask and its candidates, and nothing else", () => {
    const { field: moved, candidates, threshold, ...rest } = withThreshold(draft, 2);
    expect(threshold).toBe(2);
    expect(moved).not.toBe(field);
    expect(candidates).toEqual([moved]);
    expect(rest).toMatchObject({ scores: [0.5, 0.6], choice: 0, points: [] });
  });

  it("gives the same field for the same border, so that its outline is traced once", () => {
    expect(withThreshold(draft, 2).field).toBe(withThreshold(draft, 2).field);
    expect(withThreshold(draft, 3).field).not.toBe(withThreshold(draft, 2).field);
  });

  it.each([
    ["at its own border", draft, 0.5],
    ["where the mask was drawn", { ...draft, threshold: null }, 2],
  ])("leaves a draft as it is %s", (_, one, threshold) => {
    expect(withThreshold(one, threshold)).toBe(one);
  });
});

describe("peeking", () => {
  const other = makeField(2, 2, () => 255);
  const shown = { ...makeState(), draft: { ...draft, candidates: [field, other] } };

  it("shows a candidate instead of the mask, and only one that there is", () => {
    expect(peeking(shown, other).draft).toEqual({ ...shown.draft, field: other });
    expect(peeking(shown, null)).toBe(shown);
    expect(peeking(shown, field)).toBe(shown); // the chosen one
    expect(
      peeking(
        shown,
        makeField(2, 2, () => 255),
      ),
    ).toBe(shown);
  });
});
