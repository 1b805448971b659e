import { describe, expect, it } from "vitest";
import type { DraftState, PointPrompt } from "../../contract/protocol";
import { EMPTY_DRAFT } from "../../state/optimism";
import { statusText } from "../../ui/status";
import { makeField, makeState } from "../helpers";

function textOf(draft: Partial<DraftState>): string {
  const { status, objects, controls, image, found } = makeState();
  const shown = { draft: { ...EMPTY_DRAFT, ...draft }, objects, controls, found };
  return statusText({ status, shown, image, notice: null, slow: false, readOnly: false });
}

const off: PointPrompt = { x: 10, y: 10, label: 0 };
const on: PointPrompt = { x: 20, y: 20, label: 1 };
const field = makeField(4, 4, () => 0);

describe("the status line", () => {
  it.each<[string, Partial<DraftState>, boolean]>([
    ["one background point", { points: [off], field }, true],
    ["two, no mask yet", { points: [off, off] }, true],
    ["a point on the object, too", { points: [off, on], field }, false],
    ["a box, too", { points: [off], box_xyxy: [1, 1, 30, 30], field }, false],
    ["on a mask that is refined", { points: [off], reopened: 3, field }, false],
    ["nothing", {}, false],
  ])("%s: says whether only background was clicked", (_, draft, isOnlyBackground) => {
    expect(textOf(draft).includes("only background so far")).toBe(isOnlyBackground);
  });
});
