// Every panel, menu and popup open at once, then the view goes: nothing of them is left.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ImagesState } from "../contract/protocol";
import samwidget from "../index";
import { EMPTY_DRAFT } from "../state/optimism";
import { FakeModel, makeField, makeFound, makeFoundMask, makeObject, makeState } from "./helpers";
import { leftOf, recordListeners } from "./listeners";
import { observerCount, Page, preparePage } from "./page";

const images: ImagesState = {
  generation: 1,
  index: 1,
  count: 20,
  is_complete: true,
  title: "cup.jpg",
  marks: [],
};
const field = makeField(8, 8, (column) => 100 + 20 * column, [0, 0, 400, 300]);
const draft = {
  ...EMPTY_DRAFT,
  points: [{ x: 10, y: 10, label: 1 } as const],
  field,
  scores: [0.9, 0.8, 0.7],
  candidates: [field, field, field],
};

function everything(): FakeModel {
  const { controls } = makeState();
  return new FakeModel({
    images,
    draft,
    objects: Array.from({ length: 12 }, (_, index) => makeObject(index + 1)),
    found: makeFound([makeFoundMask(1, [0, 0, 50, 50])]),
    controls: {
      ...controls,
      classes: ["cup", "cat"],
      selection: [2],
      selected: 2,
      kept: { count: 3, saved_at: "2026-11-20T10:00:00", images: 0 },
    },
  });
}

beforeEach(preparePage);
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Open what can be opened, one after the other, and leave things under way. */
function openAll(page: Page, host: FakeModel): void {
  page.find("view").click();
  page.find("opacity").dispatchEvent(new Event("input", { bubbles: true }));
  page.key("?");
  page.key("/");
  page.find("find-text").dispatchEvent(new Event("focus"));
  page.find("mask-menu").click();
  page.find("color-1").click();
  page.find("label").dispatchEvent(new Event("focus"));
  page.find("label").dispatchEvent(new Event("input", { bubbles: true }));
  page.find("select-2").dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
  page.find("threshold").dispatchEvent(new Event("input", { bubbles: true }));
  page.find("candidate-1").dispatchEvent(new Event("pointerenter"));
  page.key("u");
  page.key("c");
  page.key("m");
  page.key("ArrowRight");
  page.pointer("pointerdown", 100, 100);
  page.pointer("pointermove", 140, 150);
  page.key("+");
  const data = new DataView(new Uint8Array([255, 216]).buffer);
  host.reply({ kind: "thumbnail", title: "a.png", data }, host.request("fetch_thumbnail"));
}

describe("a view with everything open", () => {
  it("leaves no listener, observer, timer, object URL or element, twice", async () => {
    vi.useFakeTimers();
    const made = vi.spyOn(URL, "createObjectURL").mockImplementation(() => "blob:one");
    const revoked = vi.spyOn(URL, "revokeObjectURL").mockImplementation(() => {});
    const listeners = recordListeners();
    const host = everything();
    for (let round = 1; round <= 2; round++) {
      const widget = samwidget();
      const end = widget.initialize({ model: host });
      const page = new Page((el) => widget.render({ model: host, el }));
      await vi.advanceTimersByTimeAsync(20);
      openAll(page, host);
      await vi.advanceTimersByTimeAsync(20);
      expect(made).toHaveBeenCalledTimes(round);
      expect(vi.getTimerCount()).toBeGreaterThan(0);
      page.unmount();
      end();
      await vi.advanceTimersByTimeAsync(0);
      expect(leftOf(listeners)).toEqual([]);
      expect(vi.getTimerCount()).toBe(0);
      expect(observerCount()).toBe(0);
      expect(host.handlerCount).toBe(0);
      expect(document.body.querySelectorAll(".samwidget, .samwidget-popup")).toHaveLength(0);
      expect(revoked.mock.calls).toEqual(made.mock.calls.map(() => ["blob:one"]));
    }
  });
});
