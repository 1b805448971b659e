// What a view does about a list of images: the strip, the keys, and the turn from one to the next.

import { beforeEach, describe, expect, it } from "vitest";
import type { ImagesState } from "../contract/protocol";
import { visibleCells } from "../ui/filmstrip";
import { FakeModel, makeObject } from "./helpers";
import { frame, openWidget, preparePage } from "./page";

beforeEach(preparePage);

const list: ImagesState = {
  generation: 1,
  index: 11,
  count: 200,
  is_complete: true,
  title: "cup.jpg",
  marks: [
    { index: 9, mark: "submitted", objects: 4 },
    { index: 10, mark: "skipped", objects: 0 },
    { index: 12, mark: "open", objects: 1 },
  ],
};

const openList = (images: Partial<ImagesState> = {}, more = {}) =>
  openWidget(new FakeModel({ images: { ...list, ...images }, ...more }));

const sent = (model: FakeModel) => model.sent.map(({ request }) => request);

describe("the strip", () => {
  it("is there for a list alone", async () => {
    const { model, page } = await openWidget();
    expect(page.find("filmstrip").hidden).toBe(true);
    expect(page.key("PageDown").defaultPrevented).toBe(false);
    model.tell({ images: list });
    await frame();
    expect(page.find("filmstrip").hidden).toBe(false);
    model.tell({ images: null });
    await frame();
    expect(page.find("filmstrip").hidden).toBe(true);
  });

  it("says where one is and what became of the images", async () => {
    const { page } = await openList({}, { objects: [makeObject(1), makeObject(2)] });
    expect(page.find("image-count").textContent).toBe("12 of 200");
    expect(page.find("image-title").textContent).toBe("cup.jpg");
    const labels = [9, 10, 11, 12].map((i) => page.find(`image-${i}`).getAttribute("aria-label"));
    expect(labels).toEqual([
      "Image 10, submitted, 4 objects",
      "Image 11, skipped",
      "Image 12, 2 objects",
      "Image 13, 1 object",
    ]);
    expect(page.find("image-11").getAttribute("aria-current")).toBe("true");
    expect(page.find("image-12").getAttribute("aria-current")).toBe("false");
  });

  it("says of a generator that more may come", async () => {
    const { model, page } = await openList({ index: 2, count: 3, is_complete: false });
    expect(page.find("image-count").textContent).toBe("3 of 3+");
    page.key("PageDown");
    expect(sent(model)).toEqual([{ kind: "go_to_image", index: 3 }]);
  });

  it("holds the cells in sight alone", async () => {
    const { page } = await openList({ index: 5000, count: 10_000 });
    const cells = page.find("strip").querySelectorAll("button");
    expect(cells.length).toBeLessThan(20);
    expect(page.has("image-5000")).toBe(true);
  });

  it.each([
    [0, 680, 200, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [680, 136, 200, [9, 10, 11, 12]],
    [0, 680, 2, [0, 1]],
    [0, 680, 0, []],
  ])("scrolled by %i, %i wide, of %i images: %o", (scrolled, width, count, expected) => {
    expect(visibleCells(scrolled, width, count)).toEqual(expected);
  });

  it("asks for the small pictures in sight and shows them", async () => {
    const { model, page } = await openList();
    const asked = model.request("fetch_thumbnail");
    const index = (asked.request as { index: number }).index;
    const data = new DataView(new ArrayBuffer(4));
    model.reply({ kind: "thumbnail", title: "a.png", data }, asked);
    await frame();
    const cell = page.find(`image-${index}`);
    expect(cell.dataset.picture).toBe("there");
    expect(cell.querySelector("img")?.getAttribute("src")).toMatch(/^blob:/);
    expect(cell.getAttribute("aria-label")).toContain("a.png");
  });
});

describe("turning", () => {
  it.each([
    ["PageDown", "next-image", 12],
    ["PageUp", "previous-image", 10],
  ])("%s and the button %s go to image %i", async (key, button, index) => {
    const { model, page } = await openList();
    expect(page.key(key).defaultPrevented).toBe(true);
    model.reply({ kind: "done" });
    await frame();
    page.find(button).click();
    const request = { kind: "go_to_image", index };
    expect(sent(model)).toEqual([request, request]);
  });

  it("goes on from where one is going", async () => {
    const { model, page } = await openList();
    for (let i = 0; i < 3; i++) page.key("PageDown");
    await frame();
    expect(sent(model).map((request) => "index" in request && request.index)).toEqual([12, 13, 14]);
    expect(page.find("image-count").textContent).toBe("15 of 200");
    expect(page.find("filmstrip").getAttribute("aria-busy")).toBe("true");
  });

  it("a click on a cell goes there, one on the present image nowhere", async () => {
    const { model, page } = await openList();
    page.find("image-11").click();
    page.find("image-13").click();
    expect(sent(model)).toEqual([{ kind: "go_to_image", index: 13 }]);
  });

  it("stops at the ends", async () => {
    const { model, page } = await openList({ index: 199 });
    page.key("PageDown");
    expect(sent(model)).toEqual([]);
    expect(page.find("next-image").hasAttribute("disabled")).toBe(true);
    expect(page.find("previous-image").hasAttribute("disabled")).toBe(false);
  });

  it("takes no click while another image is on its way", async () => {
    const { model, page } = await openList();
    page.key("PageDown");
    const turn = model.request("go_to_image");
    page.click(100, 100);
    page.key("b"); // a tool is no part of the image
    expect(sent(model).slice(1)).toEqual([{ kind: "set_tool", tool: "box" }]);
    expect(page.root.dataset.points).toBe("0");
    model.tell({ images: { ...list, index: 12, marks: [] } });
    model.reply({ kind: "done" }, turn);
    await frame();
    page.key("t");
    page.click(100, 100);
    expect(model.lastSent().request.kind).toBe("add_point");
    expect(page.find("image-9").dataset.mark).toBe("submitted");
  });

  it("tells why an image cannot be read, and goes on", async () => {
    const { model, page } = await openList();
    page.key("PageDown");
    model.tell({ image: null, images: { ...list, index: 12, marks: [] } });
    const turn = model.request("go_to_image");
    model.reply({ kind: "error", message: "there is no image file 'x.png'" }, turn);
    await frame();
    expect(page.find("error").textContent).toBe("there is no image file 'x.png'");
    page.key("PageDown");
    expect(model.request("go_to_image").request).toEqual({ kind: "go_to_image", index: 13 });
  });

  it("does nothing where no kernel is behind the picture", async () => {
    const { page } = await openWidget(
      new FakeModel({ images: list }, { layout: { comm_live: false } }),
    );
    for (const button of ["next-image", "previous-image", "submit-image", "skip-image"]) {
      expect(page.find(button).hasAttribute("disabled")).toBe(true);
    }
    expect(page.key("PageDown").defaultPrevented).toBe(true);
    expect(page.find("image-count").textContent).toBe("12 of 200");
  });
});

describe("submitting and skipping", () => {
  it.each([
    ["Enter", "submit-image", "submitted"],
    ["PageDown", "skip-image", "skipped"],
  ])("Shift+%s and the button %s", async (key, button, mark) => {
    const { model, page } = await openList();
    page.key(key, { shiftKey: true });
    expect(sent(model)).toEqual([{ kind: "finish_image", mark }]);
    page.find(button).click();
    expect(sent(model)).toHaveLength(1); // it is on its way
    model.reply({ kind: "done" }, model.request("finish_image"));
    await frame();
    page.find(button).click();
    expect(sent(model)).toHaveLength(2);
  });
});

describe("the stage", () => {
  it("keeps its shape within a list, so that nothing jumps, and fits every image", async () => {
    const { model, page } = await openList();
    const stage = page.el.querySelector<HTMLElement>(".samwidget-stage");
    expect(stage?.style.aspectRatio).toBe("400 / 300");
    page.key("+");
    await frame();
    const zoomed = page.canvas.dataset.viewport;
    const data = new DataView(new ArrayBuffer(4));
    const next = { data, mime: "image/png", width: 400, height: 300, view_xyxy: null } as const;
    model.tell({ image: next, images: { ...list, index: 12, marks: [] } });
    await frame();
    expect(page.canvas.dataset.viewport).not.toBe(zoomed);
    model.tell({
      image: { ...next, width: 30, height: 400 },
      images: { ...list, index: 13, marks: [] },
    });
    await frame();
    expect(stage?.style.aspectRatio).toBe("400 / 300");
    model.tell({ image: null });
    await frame();
    expect(stage?.textContent).toContain("This image cannot be shown");
  });
});
