import { beforeEach, describe, expect, it } from "vitest";
import type { DraftState } from "../../contract/protocol";
import { EMPTY_DRAFT } from "../../state/optimism";
import { scoresText } from "../../ui/mask_bar";
import { thumbnailRegion } from "../../ui/thumbnail";
import { FakeModel, makeField } from "../helpers";
import { drawn, frame, openWidget, preparePage } from "../page";

beforeEach(preparePage);

/** A soft border in the middle of the image: 0 to the left, sure to the right. */
const field = makeField(8, 4, (column) => 30 * column + 20, [0, 0, 400, 300]);
const clicked: DraftState = {
  ...EMPTY_DRAFT,
  points: [{ x: 300, y: 100, label: 1 }],
  field,
  scores: [0.81, 0.93, 0.7],
  choice: 1,
  candidates: [field, field, field],
};

function slide(input: HTMLInputElement, value: string, ...events: string[]): void {
  input.value = value;
  for (const event of events) input.dispatchEvent(new Event(event, { bubbles: true }));
}

describe("the candidates", () => {
  it("are pictures with scores, of which one is pressed; a click takes another", async () => {
    const model = new FakeModel({ draft: clicked });
    const { page } = await openWidget(model);
    const pressed = [0, 1, 2].map((i) => page.find(`candidate-${i}`).getAttribute("aria-pressed"));
    expect(pressed).toEqual(["false", "true", "false"]);
    expect(page.find("candidate-0").textContent).toBe("181%");
    expect(page.find("candidate-1").getAttribute("aria-label")).toMatch(/2 of 3.*93%/);
    page.find("candidate-2").click();
    expect(model.lastSent().request).toEqual({ kind: "choose_mask", index: 2 });
    await frame();
    expect(page.find("candidate-2").getAttribute("aria-pressed")).toBe("true");
  });

  it.each([
    ["no draft", EMPTY_DRAFT],
    ["one mask", { ...clicked, scores: [0.9], choice: 0, candidates: [] }],
  ])("keep their room, with nothing to press, where there is %s", async (_, draft) => {
    const { page } = await openWidget(new FakeModel({ draft }));
    for (const index of [0, 1, 2]) {
      const button = page.find(`candidate-${index}`);
      expect(button.hasAttribute("disabled")).toBe(true);
      expect(button.getAttribute("aria-pressed")).toBe("false");
      expect(button.textContent).toBe(String(index + 1));
    }
    expect(page.find("candidates").className).toContain("samwidget-quiet");
  });

  it("are shown on the picture while the pointer is on their thumbnail", async () => {
    const candidates = [makeField(2, 2, () => 255, [0, 0, 400, 300]), field, field];
    const { page } = await openWidget(new FakeModel({ draft: { ...clicked, candidates } }));
    const fills = (): number => drawn.filter((name) => name === "fill").length;
    drawn.length = 0;
    const pointer = (type: string) => page.find("candidate-0").dispatchEvent(new Event(type));
    pointer("pointerenter");
    await frame();
    expect(fills()).toBeGreaterThan(0);
    expect(page.root.dataset.draft).toBe("mask");
    pointer("pointerleave");
    await frame();
  });

  it("are not drawn without an image", async () => {
    const { page } = await openWidget(new FakeModel({ image: null }));
    expect(page.find("mask-bar").hidden).toBe(true);
  });
});

describe("the part of the image in a thumbnail", () => {
  const at = (...extent: [number, number, number, number]) => makeField(1, 1, () => 255, extent);

  it.each([
    ["the masks", [at(100, 100, 40, 30), at(120, 110, 40, 30)], [100, 100, 160, 140]],
    ["a tall mask", [at(190, 50, 10, 200)], [190, 50, 200, 250]],
    ["masks at the border", [at(0, 0, 60, 60)], [0, 0, 60, 60]],
  ])("holds %s", (_, fields, [x1 = 0, y1 = 0, x2 = 0, y2 = 0]) => {
    const [x, y, width, height] = thumbnailRegion(fields, 400, 300, 4 / 3);
    expect(width / height).toBeCloseTo(4 / 3);
    expect([x <= x1, y <= y1, x + width >= x2, y + height >= y2]).toEqual([true, true, true, true]);
    expect(x).toBeGreaterThanOrEqual(0);
    expect(y).toBeGreaterThanOrEqual(0);
  });

  it("of a mask as large as the image has the image in the middle", () => {
    const [x, y, width, height] = thumbnailRegion([at(0, 0, 400, 300)], 400, 300, 4 / 3);
    expect(x + width / 2).toBeCloseTo(200);
    expect(y + height / 2).toBeCloseTo(150);
  });
});

describe("the threshold", () => {
  it("moves the border at once and tells the kernel when it is let go", async () => {
    const model = new FakeModel({ draft: clicked });
    const { page } = await openWidget(model);
    const slider = page.find("threshold") as HTMLInputElement;
    slide(slider, "1", "input");
    slide(slider, "2", "input");
    await frame();
    expect(page.root.dataset.threshold).toBe("2");
    expect(model.sent).toEqual([]);
    expect(page.find("mask-bar").textContent).toContain("88%");
    slide(slider, "2", "change");
    expect(model.sent.map(({ request }) => request)).toEqual([
      { kind: "set_threshold", threshold: 2 },
    ]);
    await frame();
    expect(page.root.dataset.threshold).toBe("2"); // before the kernel has answered, too
    model.reply({ kind: "error", message: "no" });
    await frame();
    expect(page.root.dataset.threshold).toBe("0");
    expect(slider.value).toBe("0");
  });

  it("goes back to the middle by a double click", async () => {
    const model = new FakeModel({ draft: { ...clicked, threshold: 1 } });
    const { page } = await openWidget(model);
    const slider = page.find("threshold");
    slider.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    expect(model.lastSent().request).toEqual({ kind: "set_threshold", threshold: 0 });
  });

  it.each([
    ["nothing drafted", EMPTY_DRAFT],
    ["a mask that was drawn", { ...clicked, threshold: null }],
  ])("cannot be moved with %s", async (_, draft) => {
    const { page } = await openWidget(new FakeModel({ draft }));
    expect(page.find("threshold").hasAttribute("disabled")).toBe(true);
  });
});

describe("the scores", () => {
  it.each([
    ["nothing", EMPTY_DRAFT, ""],
    ["the chosen mask", clicked, "IoU 93% · stability 75%"],
    ["one mask", { ...clicked, scores: [0.5], choice: 0 }, "IoU 50% · stability 75%"],
    ["a mask that was drawn", { ...clicked, scores: [1], choice: 0, threshold: null }, "IoU 100%"],
    ["a mask that is on its way", { ...clicked, field: null }, ""],
  ])("of %s", (_, draft, expected) => {
    expect(scoresText(draft)).toBe(expected);
  });
});

describe("the heat map and refitting", () => {
  it("is switched by its key and its button, in this view alone", async () => {
    const { page, model } = await openWidget(new FakeModel({ draft: { ...clicked, field: null } }));
    expect(page.root.dataset.heat).toBe("false");
    page.key("u");
    await frame();
    expect(page.root.dataset.heat).toBe("true");
    expect(page.find("heat").getAttribute("aria-pressed")).toBe("true");
    page.find("heat").click();
    await frame();
    expect(page.root.dataset.heat).toBe("false");
    expect(model.sent).toEqual([]);
  });

  it("refits the mask there is", async () => {
    const model = new FakeModel({ draft: clicked });
    const { page } = await openWidget(model);
    page.find("refit").click();
    expect(model.lastSent().request).toEqual({ kind: "refit_mask" });
    model.tell({ draft: EMPTY_DRAFT });
    await frame();
    expect(page.find("refit").hasAttribute("disabled")).toBe(true);
  });
});
