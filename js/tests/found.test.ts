// What a view does about a search for everything, from the kernel's word to the screen and back.

import { beforeEach, describe, expect, it } from "vitest";
import type { WireEdit } from "../contract/protocol";
import { FakeModel, makeField, makeFound, makeFoundMask, makeObject } from "./helpers";
import { drawn, frame, openWidget, preparePage, rest } from "./page";

beforeEach(preparePage);

const cup = makeFoundMask(2, [50, 50, 100, 100]);
const table = makeFoundMask(1, [0, 0, 300, 200]);
const found = makeFound([cup, table]);

describe("searching", () => {
  it("begins by button or key when the picture is ready, once", async () => {
    const { model, page } = await openWidget();
    expect(page.find("found").hidden).toBe(true);
    page.find("find-everything").click();
    expect(model.lastSent().request).toEqual({
      kind: "find_everything",
      preset: "balanced",
    });
    model.tell({ found: makeFound([], { progress: 0 }) });
    await frame();
    expect(page.find("find-everything").hasAttribute("disabled")).toBe(true);
    page.key("e");
    expect(model.sent).toHaveLength(1);
    model.tell({ found });
    await frame();
    page.key("e");
    expect(model.sent).toHaveLength(2);
  });

  it("does not begin while the image is being embedded", async () => {
    const status = { phase: "embedding", message: "embedding", progress: 0.5, device: "" } as const;
    const { model, page } = await openWidget(new FakeModel({ status }));
    expect(page.find("find-everything").hasAttribute("disabled")).toBe(true);
    page.key("e");
    expect(model.sent).toEqual([]);
  });

  it("shows how far it is and what there is so far", async () => {
    const { model, page } = await openWidget();
    model.tell({ found: makeFound([cup], { progress: 0.25 }) });
    await frame();
    expect(page.root.dataset).toMatchObject({ search: "on", found: "1" });
    expect(page.find("found-count").textContent).toBe("1 found");
    expect(page.find("status").textContent).toBe("Finding everything… Esc stops");
    const bar = page.el.querySelector<HTMLElement>('[role="progressbar"]');
    expect(bar?.hidden).toBe(false);
    expect(bar?.getAttribute("aria-valuenow")).toBe("25");
    expect([page.find("stop-finding").hidden, page.find("drop-found").hidden]).toEqual([
      false,
      true,
    ]);
    model.tell({ found: { ...found, masks: [table] } });
    await frame();
    expect(page.root.dataset).toMatchObject({ search: "over", found: "2" });
    expect(bar?.hidden).toBe(true);
    expect(page.find("stop-finding").hidden).toBe(true);
  });

  it.each(["button", "Escape"])("is stopped by %s", async (how) => {
    const model = new FakeModel({ found: makeFound([cup], { progress: 0.5 }) });
    const { page } = await openWidget(model);
    if (how === "button") page.find("stop-finding").click();
    else page.key("Escape");
    expect(model.lastSent().request).toEqual({ kind: "stop_finding" });
    model.tell({ found: null });
    await frame();
    expect(page.find("found").hidden).toBe(true);
    expect(page.root.dataset).toMatchObject({ search: "none", found: "0" });
  });

  it("Escape stops it also when a slider or a button has the focus", async () => {
    const model = new FakeModel({ found: makeFound([cup], { progress: 0.5 }) });
    const { page } = await openWidget(model);
    for (const testId of ["found-score", "take-all"]) {
      page.key("Escape", {}, page.find(testId));
      expect(model.lastSent().request).toEqual({ kind: "stop_finding" });
    }
    expect(page.key("ArrowLeft", {}, page.find("found-score")).defaultPrevented).toBe(false);
  });

  it("tells why it failed", async () => {
    const { model, page } = await openWidget();
    page.find("find-everything").click();
    model.reply({ kind: "error", message: "out of memory" });
    await frame();
    expect(page.find("error").textContent).toBe("out of memory");
  });
});

describe("what was found", () => {
  it("is lit under the pointer and taken by a click, once", async () => {
    const { model, page } = await openWidget(new FakeModel({ found }));
    page.pointer("pointermove", 150, 150);
    await frame();
    expect(page.root.dataset.lit).toBe("2");
    expect(model.sent).toEqual([]);
    page.click(150, 150);
    page.click(151, 150);
    expect(model.sent.map(({ request }) => request)).toEqual([{ kind: "take_found", ids: [2] }]);
    const object = makeObject(1, { field: cup.field, area: cup.area });
    model.tell({ found: { ...found, shown: [1], masks: [] }, objects: [object] });
    model.reply({ kind: "done" });
    await frame();
    expect(page.root.dataset).toMatchObject({ found: "1", objects: "1", lit: "none" });
    page.pointer("pointerleave", 0, 0);
    page.pointer("pointermove", 400, 300);
    await frame();
    expect(page.root.dataset.lit).toBe("1");
  });

  it("stays on the screen until the kernel has made an object of it", async () => {
    const { page } = await openWidget(new FakeModel({ found }));
    page.click(150, 150);
    await frame();
    expect(page.root.dataset.found).toBe("2");
    expect(page.find("undo").hasAttribute("disabled")).toBe(false);
  });

  it("is taken all at once, or left", async () => {
    const { model, page } = await openWidget(new FakeModel({ found }));
    page.find("take-all").click();
    expect(model.lastSent().request).toEqual({ kind: "take_found", ids: null });
    model.tell({ found: { ...found, shown: [], masks: [] } });
    model.reply({ kind: "done" });
    await frame();
    expect(page.find("take-all").hasAttribute("disabled")).toBe(true);
    expect(page.find("found-count").textContent).toBe("None left");
    page.find("drop-found").click();
    expect(model.lastSent().request).toEqual({ kind: "drop_found" });
    await frame();
    expect(page.find("found").hidden).toBe(true);
  });

  it("is drawn anew when it changes, not when the pointer moves over it", async () => {
    const { model, page } = await openWidget(new FakeModel({ found }));
    const fills = async (act: () => void): Promise<number> => {
      drawn.length = 0;
      act();
      await frame();
      return drawn.filter((name) => name === "fill").length;
    };
    page.pointer("pointermove", 700, 10);
    await rest();
    expect(await fills(() => page.pointer("pointermove", 710, 10))).toBe(0);
    expect(await fills(() => page.pointer("pointermove", 150, 150))).toBe(1);
    drawn.length = 0;
    page.key("+");
    await rest(); // moved along at first: the lit one; drawn anew at rest: two of them, and that one
    expect(drawn.filter((name) => name === "fill").length).toBeGreaterThanOrEqual(3);
    page.pointer("pointermove", 790, 590);
    await frame();
    expect(await fills(() => model.tell({ found: { ...found, shown: [2], masks: [] } }))).toBe(1);
  });

  it("says what a click does", async () => {
    const { page } = await openWidget(new FakeModel({ found }));
    expect(page.find("status").textContent).toMatch(/click a mask to make it an object/);
  });

  it("can be looked at without a kernel", async () => {
    const { page, model } = await openWidget(new FakeModel({ found }));
    model.trigger("comm_live_update");
    await frame();
    expect(page.root.dataset.found).toBe("2");
    for (const testId of ["take-all", "drop-found", "found-score", "found-stability"]) {
      expect(page.find(testId).hasAttribute("disabled"), testId).toBe(true);
    }
    page.click(150, 150);
    expect(model.sent).toEqual([]);
  });
});

describe("sliders", () => {
  const slide = (element: HTMLElement, value: string): void => {
    (element as HTMLInputElement).value = value;
    element.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const sent = (model: FakeModel): WireEdit[] =>
    model.sent.map(({ request }) => request as WireEdit);
  const asks = (pred_iou_thresh: number, stability_score_thresh: number): WireEdit => ({
    kind: "filter_found",
    pred_iou_thresh,
    stability_score_thresh,
    detection_score_thresh: 0,
  });

  it("start where the search has them and go as far as it has looked", async () => {
    const { page } = await openWidget(new FakeModel({ found }));
    const score = page.find("found-score") as HTMLInputElement;
    expect([score.min, score.value, score.max]).toEqual(["0.65", "0.75", "1"]);
    expect(score.getAttribute("aria-valuetext")).toBe("75%");
    expect((page.find("found-stability") as HTMLInputElement).value).toBe("0.8");
  });

  it("never queue: one request is on its way, the newest waits", async () => {
    const { model, page } = await openWidget(new FakeModel({ found }));
    const score = page.find("found-score") as HTMLInputElement;
    for (const value of ["0.76", "0.8", "0.85", "0.9"]) slide(score, value);
    expect(sent(model)).toEqual([asks(0.76, 0.8)]);
    model.tell({ found: { ...found, pred_iou_thresh: 0.76, masks: [] } });
    await frame();
    expect(score.value, "the kernel's word comes while the hand is further").toBe("0.9");
    model.reply({ kind: "done" });
    await frame();
    expect(sent(model)).toEqual([asks(0.76, 0.8), asks(0.9, 0.8)]);
    model.tell({ found: { ...found, pred_iou_thresh: 0.9, shown: [2], masks: [] } });
    model.reply({ kind: "done" });
    await frame();
    expect(score.value).toBe("0.9");
    expect(page.find("found-count").textContent).toBe("1 found");
  });

  it("follow another view's", async () => {
    const { model, page } = await openWidget(new FakeModel({ found }));
    model.tell({ found: { ...found, stability_score_thresh: 0.95, shown: [], masks: [] } });
    await frame();
    expect((page.find("found-stability") as HTMLInputElement).value).toBe("0.95");
  });

  it("mean all that was searched for at their left end", async () => {
    const least = { least_pred_iou_thresh: 0.6543, pred_iou_thresh: 0.7543 };
    const { model, page } = await openWidget(new FakeModel({ found: { ...found, ...least } }));
    slide(page.find("found-score"), "0.6543");
    expect(sent(model)).toEqual([asks(0.6543, 0.8)]);
  });

  it("bring masks back that were told before", async () => {
    const { model, page } = await openWidget(new FakeModel({ found }));
    model.tell({ found: { ...found, shown: [2], masks: [] } });
    await frame();
    expect(page.root.dataset.found).toBe("1");
    model.tell({ found: { ...found, shown: [2, 1], masks: [] } });
    await frame();
    expect(page.root.dataset.found).toBe("2");
  });

  it("what was never told here is asked for", async () => {
    const { model, page } = await openWidget(new FakeModel({ found }));
    model.reply({ kind: "done" }, model.request("refresh"));
    const before = model.all.filter(({ request }) => request.kind === "refresh").length;
    model.tell({ found: { ...found, shown: [2, 9], masks: [] } });
    await frame();
    expect(model.all.filter(({ request }) => request.kind === "refresh")).toHaveLength(before + 1);
    expect(page.root.dataset.found).toBe("2");
  });

  it("masks of another search are none of this one", async () => {
    const { model, page } = await openWidget(new FakeModel({ found }));
    const other = makeFoundMask(7, [10, 10, 20, 20], { field: makeField(2, 2, () => 255) });
    model.tell({ found: makeFound([other], { search: 2 }) });
    await frame();
    expect(page.root.dataset.found).toBe("1");
    model.tell({ found: null });
    await frame();
    expect(page.find("found").hidden).toBe(true);
  });
});
