import { describe, expect, it } from "vitest";
import type { DraftState, PointPrompt } from "../../contract/protocol";
import { EMPTY_DRAFT } from "../../state/optimism";
import { createStatusArea, deviceText, statusText } from "../../ui/status";
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

describe("where the model runs", () => {
  it.each([
    ["cpu", "CPU"],
    ["mps", "GPU"],
    ["cuda", "GPU"],
    ["cuda:0", "GPU"],
    ["cuda:1", "GPU 1"],
    ["worker tcp://10.0.0.7:4321", "worker 10.0.0.7:4321"],
  ])("%s is called %s", (device, text) => {
    expect(deviceText(device)).toBe(text);
  });

  function deviceShown(device: string, readOnly: boolean): string {
    const { status, objects, controls, image, found } = makeState();
    const shown = { draft: EMPTY_DRAFT, objects, controls, found };
    const area = createStatusArea(() => {}, new AbortController().signal);
    const told = { ...status, device };
    area.update({ status: told, shown, image, notice: null, slow: false, readOnly });
    return area.line.querySelector('[data-testid="device"]')?.textContent ?? "";
  }

  it("is told once it is known, while there is a kernel", () => {
    expect(deviceShown("cpu", false)).toBe(" · CPU");
    expect(deviceShown("", false)).toBe("");
    expect(deviceShown("cpu", true)).toBe("");
  });
});
