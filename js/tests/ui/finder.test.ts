// The strip that asks what to look for, from key and field to the request and what it brings.

import { beforeEach, describe, expect, it } from "vitest";
import { FakeModel, makeFound, makeFoundMask, makeState } from "../helpers";
import { frame, openWidget, preparePage } from "../page";

beforeEach(preparePage);

const wheel = makeFoundMask(1, [50, 50, 100, 100], { label: "a wheel", detection_score: 0.5 });
const spare = makeFoundMask(2, [150, 50, 200, 100], { label: "a wheel", detection_score: 0.4 });
const door = makeFoundMask(3, [200, 100, 300, 200], { label: "a door", detection_score: 0.3 });
const byText = {
  text: ["a wheel", "a door"],
  pred_iou_thresh: 0,
  least_pred_iou_thresh: 0,
  detection_score_thresh: 0.2,
  least_detection_score_thresh: 0.1,
  stability_score_thresh: 0,
  least_stability_score_thresh: 0,
};
const found = makeFound([wheel, spare, door], byText);

async function openFinder(state: ConstructorParameters<typeof FakeModel>[0] = {}) {
  const opened = await openWidget(new FakeModel(state));
  opened.page.key("/");
  await frame();
  const field = opened.page.find("find-text") as HTMLInputElement;
  const type = (text: string): void => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  return { ...opened, field, type };
}

describe("the strip that asks", () => {
  it.each(["key", "button"])("is opened by %s, with the cursor in its field", async (how) => {
    const { page } = await openWidget();
    expect(page.find("finder").hidden).toBe(true);
    expect(page.find("open-finder").getAttribute("aria-expanded")).toBe("false");
    if (how === "key") expect(page.key("/").defaultPrevented).toBe(true);
    else page.find("open-finder").click();
    await frame();
    expect(page.find("finder").hidden).toBe(false);
    expect(document.activeElement).toBe(page.find("find-text"));
    expect(page.find("open-finder").getAttribute("aria-expanded")).toBe("true");
  });

  it.each(["Escape", "button", "toolbar"])("is closed by %s and keeps its words", async (how) => {
    const { page, field, type, model } = await openFinder();
    type("a wheel");
    if (how === "Escape") page.key("Escape", {}, field);
    else page.find(how === "button" ? "find-close" : "open-finder").click();
    await frame();
    expect(page.find("finder").hidden).toBe(true);
    expect(document.activeElement).toBe(page.canvas);
    expect(model.sent).toEqual([]);
    page.key("/");
    expect(field.value).toBe("a wheel");
  });

  it.each(["Enter", "button"])("searches for the words by %s, once", async (how) => {
    const { page, field, type, model } = await openFinder();
    type("  a wheel, a door ");
    if (how === "Enter") page.key("Enter", {}, field);
    else page.find("find-text-go").click();
    const asked = [{ kind: "find_text", text: "a wheel, a door" }];
    expect(model.sent.map(({ request }) => request)).toEqual(asked);
    expect(document.activeElement).toBe(page.canvas);
    model.tell({ found: makeFound([], { ...byText, progress: 0.25 }) });
    await frame();
    page.key("Enter", {}, field);
    expect(page.find("find-text-go").hasAttribute("disabled")).toBe(true);
    expect(model.sent).toHaveLength(1);
    expect(page.find("status").textContent).toBe("Finding a wheel, a door… Esc stops");
  });

  it.each(["", "   "])("does not search for %j", async (text) => {
    const { page, field, type, model } = await openFinder();
    type(text);
    page.key("Enter", {}, field);
    expect(page.find("find-text-go").hasAttribute("disabled")).toBe(true);
    expect(model.sent).toEqual([]);
  });

  it("leaves Enter to whoever composes a word", async () => {
    const { page, field, type, model } = await openFinder();
    type("車");
    page.key("Enter", { isComposing: true }, field);
    expect(model.sent).toEqual([]);
  });

  it("keeps its keys from the notebook and from the picture", async () => {
    const { page, field, model } = await openFinder();
    let heard = 0;
    page.el.addEventListener("keydown", () => {
      heard += 1;
    });
    for (const key of ["e", "b", "Delete", "/"]) page.key(key, {}, field);
    expect(heard).toBe(0);
    expect(model.sent).toEqual([]);
    expect(field.getAttribute("data-lm-suppress-shortcuts")).toBe("true");
  });

  it("says in how much detail everything is searched for, by button and by key", async () => {
    const { page, model } = await openFinder();
    const preset = page.find("preset") as HTMLSelectElement;
    expect(preset.value).toBe("balanced");
    preset.value = "fine";
    preset.dispatchEvent(new Event("change"));
    expect(preset.title).toMatch(/small things/);
    const fine = { kind: "find_everything", preset: "fine" };
    page.find("find-everything-go").click();
    page.key("e");
    page.find("find-everything").click();
    expect(model.sent.map(({ request }) => request)).toEqual([fine, fine, fine]);
  });

  it("waits for the picture, and is off without a kernel", async () => {
    const embedding = makeState({
      status: { phase: "embedding", message: "", progress: 0.5, device: "" },
    });
    const { page, field, type, model } = await openFinder(embedding);
    type("a wheel");
    page.key("Enter", {}, field);
    expect(model.sent).toEqual([]);
    model.tell({ status: { phase: "ready", message: "ready", progress: null, device: "" } });
    await frame();
    expect(page.find("find-text-go").hasAttribute("disabled")).toBe(false);
    model.trigger("comm_live_update");
    await frame();
    for (const testId of ["find-text", "preset", "find-text-go", "find-everything-go"]) {
      expect(page.find(testId).hasAttribute("disabled"), testId).toBe(true);
    }
  });
});

describe("what words have found", () => {
  it("is counted by phrase", async () => {
    const { page, model } = await openWidget(new FakeModel({ found }));
    expect(page.find("found-count").textContent).toBe("3 found");
    expect(page.find("found-phrases").textContent).toBe("2 a wheel · 1 a door");
    model.tell({ found: { ...found, shown: [3], masks: [] } });
    await frame();
    expect(page.find("found-phrases").textContent).toBe("0 a wheel · 1 a door");
    model.tell({ found: makeFound([wheel], { ...byText, search: 2, text: ["a wheel"] }) });
    await frame();
    expect(page.find("found-phrases").textContent).toBe("a wheel");
  });

  it("is filtered by match and score, not by stability", async () => {
    const { page, model } = await openWidget(new FakeModel({ found }));
    const match = page.find("found-match") as HTMLInputElement;
    expect(match.closest("label")?.hidden).toBe(false);
    expect(page.find("found-stability").closest("label")?.hidden).toBe(true);
    expect([match.min, match.value]).toEqual(["0.1", "0.2"]);
    match.value = "0.35";
    match.dispatchEvent(new Event("input", { bubbles: true }));
    expect(model.lastSent().request).toEqual({
      kind: "filter_found",
      pred_iou_thresh: 0,
      stability_score_thresh: 0,
      detection_score_thresh: 0.35,
    });
  });

  it("has no match where everything was searched for", async () => {
    const { page } = await openWidget(new FakeModel({ found: makeFound([wheel]) }));
    expect(page.find("found-match").closest("label")?.hidden).toBe(true);
    expect(page.find("found-phrases").hidden).toBe(true);
    expect(page.find("found-stability").closest("label")?.hidden).toBe(false);
  });

  it("is said when it is nothing", async () => {
    const { page } = await openWidget(new FakeModel({ found: makeFound([], byText) }));
    expect(page.find("found-count").textContent).toBe("Nothing found");
    expect(page.find("status").textContent).toMatch(/nothing like that was found/);
  });
});
