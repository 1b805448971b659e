// Painting in a mounted view: what is seen, what is sent, what is given up.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Controls, Snapshot, Tool } from "../contract/protocol";
import { EMPTY_DRAFT } from "../state/optimism";
import { FakeModel, makeField, makeObject, makeState } from "./helpers";
import { drawn, frame, openWidget, preparePage } from "./page";

beforeEach(preparePage);
afterEach(() => {
  vi.unstubAllGlobals();
});

function open(tool: Tool, state: Partial<Snapshot> = {}, controls: Partial<Controls> = {}) {
  const all = { ...makeState().controls, tool, ...controls };
  return openWidget(new FakeModel({ ...state, controls: all }));
}

describe("the brush", () => {
  it("draws the stroke before anything is sent, and its rim", async () => {
    const { model, page } = await open("brush");
    drawn.length = 0;
    page.pointer("pointerdown", 200, 100);
    page.pointer("pointermove", 300, 100);
    await frame();
    expect(model.sent).toEqual([]);
    expect(drawn).toContain("fill"); // the mask
    expect(drawn).toContain("arc"); // the rim
    page.pointer("pointerup", 300, 100);
    expect(model.lastSent().request).toMatchObject({ kind: "paint_stroke", radius: 7, id: null });
    await frame();
    expect(page.root.dataset.draft).toBe("waiting");
    model.reply({ kind: "error", message: "no" });
    await frame();
    expect(page.root.dataset.draft).toBe("none");
  });

  it("keeps all places of a frame's pointer", async () => {
    const { model, page } = await open("brush");
    page.pointer("pointerdown", 200, 100, { buttons: 1 });
    const move = new PointerEvent("pointermove", {
      clientX: 300,
      clientY: 100,
      buttons: 1,
      pointerId: 1,
    });
    const between = new PointerEvent("pointermove", { clientX: 260, clientY: 160, pointerId: 1 });
    Object.assign(move, { getCoalescedEvents: () => [between, move] });
    page.canvas.dispatchEvent(move);
    page.pointer("pointerup", 300, 100);
    expect(model.lastSent().request).toMatchObject({
      points: [
        [100, 50],
        [130, 80],
        [150, 50],
      ],
    });
  });

  it("changes its size by keys and the wheel, not the zoom", async () => {
    const { model, page } = await open("brush");
    const { viewport } = page.canvas.dataset;
    page.key("]");
    page.canvas.focus();
    page.canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: -100, cancelable: true }));
    expect(page.canvas.dataset.viewport).toBe(viewport);
    page.click(200, 100);
    const { request } = model.lastSent();
    expect(request.kind === "paint_stroke" && request.radius).toBeGreaterThan(9);
  });

  it("Escape gives a stroke up", async () => {
    const { model, page } = await open("brush");
    page.pointer("pointerdown", 200, 100);
    page.key("Escape");
    page.pointer("pointerup", 300, 100);
    expect(model.sent).toEqual([]);
  });

  it("works on a mask that cannot be read without an end of the rest", async () => {
    const broken = makeObject(1, { field: { ...makeField(4, 4, () => 255), height: 99 } });
    const { model, page } = await open("brush", { objects: [broken] }, { selected: 1 });
    page.pointer("pointerdown", 200, 100);
    page.pointer("pointermove", 300, 100);
    await frame();
    page.pointer("pointerup", 300, 100);
    await frame();
    expect(model.lastSent().request).toMatchObject({ kind: "paint_stroke", id: 1 });
    expect(page.find("error").textContent).toContain("Drawing failed");
    page.key("g");
    await frame();
    page.pointer("pointermove", 320, 100);
  });

  it("paints nothing without a kernel", async () => {
    const { model, page } = await open("brush");
    model.trigger("comm_live_update");
    page.click(200, 100);
    await frame();
    expect(model.sent).toEqual([]);
    expect(page.root.dataset.draft).toBe("none");
  });
});

describe("a polygon in a view", () => {
  it("is closed by Enter, taken back by Backspace, given up by Escape", async () => {
    const { model, page } = await open("polygon");
    for (const [x, y] of [
      [200, 100],
      [300, 100],
      [300, 200],
      [250, 300],
    ] as const)
      page.click(x, y);
    page.key("Backspace");
    page.key("Enter");
    expect(model.lastSent().request).toEqual({
      kind: "paint_polygon",
      points: [
        [100, 50],
        [150, 50],
        [150, 100],
      ],
      add: true,
      id: null,
    });
    const { length } = model.sent;
    page.click(400, 400);
    page.click(420, 400);
    page.key("Escape");
    page.key("Enter"); // commits the draft that the polygon began
    expect(model.sent.slice(length).map(({ request }) => request.kind)).toEqual([
      "commit",
      "select_object",
    ]);
  });

  it("Delete takes the corner under the pointer", async () => {
    const ring: [number, number][] = [
      [10, 10],
      [100, 10],
      [100, 100],
      [10, 100],
    ];
    const draft = { ...EMPTY_DRAFT, painted: true, rings: [ring] };
    const { model, page } = await open("polygon", { draft });
    page.pointer("pointermove", 200, 200);
    await frame();
    page.key("Delete");
    expect(model.lastSent().request).toEqual({
      kind: "set_outline",
      rings: [[ring[0], ring[1], ring[3]]],
      id: null,
    });
  });
});

describe("the menu of masks in a view", () => {
  it("is closed by Escape before anything else, and by a press on the picture", async () => {
    const { model, page } = await open("brush", {}, { selected: 1 });
    page.find("mask-menu").click();
    page.key("Escape");
    expect(page.find("mask-menu-items").hidden).toBe(true);
    expect(model.sent).toEqual([]);
    page.find("mask-menu").click();
    page.pointer("pointerdown", 200, 100);
    expect(page.find("mask-menu-items").hidden).toBe(true);
  });
});
