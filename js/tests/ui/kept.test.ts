// The strip that offers earlier work, alone and in a view.

import { beforeEach, describe, expect, it } from "vitest";
import { keptText } from "../../ui/kept";
import { FakeModel, makeState } from "../helpers";
import { frame, openWidget, preparePage } from "../page";

beforeEach(preparePage);

const kept = { count: 3, saved_at: "2026-11-25T18:52:09+00:00", images: 0 };
const { controls } = makeState();

describe("what it says", () => {
  const saved = new Date(kept.saved_at);
  const sameDay = new Date(saved.getTime() + 1000);
  const later = new Date(saved.getTime() + 3 * 24 * 3600 * 1000);

  it.each([
    ["an hour ago", kept, sameDay, /^Earlier work: 3 objects, today \d\d:52$/],
    ["days ago", kept, later, /^Earlier work: 3 objects, 2\d Nov 2026, \d\d:52$/],
    ["a list", { ...kept, images: 2 }, sameDay, /: 3 objects on 2 images, today/],
    ["one of a list", { ...kept, images: 1 }, sameDay, /: 3 objects on 1 image, today/],
    ["one", { ...kept, count: 1 }, sameDay, /^Earlier work: 1 object, today/],
    ["no time", { count: 2, saved_at: "", images: 0 }, sameDay, /^Earlier work: 2 objects$/],
  ])("%s", (_, state, now, expected) => {
    expect(keptText(state, now)).toMatch(expected);
  });
});

describe("in a view", () => {
  it("is there while there is earlier work, and asks for it", async () => {
    const { model, page } = await openWidget();
    expect(page.find("kept").hidden).toBe(true);
    model.tell({ controls: { ...controls, kept } });
    await frame();
    expect(page.find("kept").hidden).toBe(false);
    expect(page.find("kept-text").textContent).toContain("3 objects");
    page.find("restore-work").click();
    expect(model.lastSent().request).toEqual({ kind: "restore_work" });
    await frame();
    expect(page.find("kept").hidden).toBe(true);
  });

  it("goes when the person leaves the work where it is", async () => {
    const state = { controls: { ...controls, kept } };
    const { model, page } = await openWidget(new FakeModel(state));
    page.find("drop-work").click();
    expect(model.lastSent().request).toEqual({ kind: "drop_work" });
    await frame();
    expect(page.find("kept").hidden).toBe(true);
  });
});
