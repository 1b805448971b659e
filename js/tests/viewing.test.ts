import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BoxXYXY } from "../contract/protocol";
import { EMPTY_DRAFT } from "../state/optimism";
import { FakeModel, makeField, makeObject } from "./helpers";
import { drawn, frame, openWidget, type Page, preparePage } from "./page";

const field = makeField(4, 4, () => 255, [0, 0, 400, 300]);
const draft = { ...EMPTY_DRAFT, field, reopened: 2 };

beforeEach(preparePage);
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** What the next frame draws. */
async function nextFrame(act: () => void): Promise<string[]> {
  drawn.length = 0;
  act();
  await frame();
  return [...drawn];
}

function letGo(page: Page, key: string): void {
  page.canvas.dispatchEvent(new KeyboardEvent("keyup", { key, bubbles: true }));
}

describe("the masks", () => {
  it("are hidden while M is held, and send nothing to the kernel", async () => {
    const { model, page } = await openWidget(new FakeModel({ objects: [makeObject(1)], draft }));
    expect(await nextFrame(() => page.key("m"))).not.toContain("fill");
    expect(await nextFrame(() => page.key("m"))).toEqual([]);
    expect(await nextFrame(() => letGo(page, "M"))).toContain("fill");
    expect(model.sent).toEqual([]);
  });

  it("come back when the focus goes while M is held", async () => {
    const { page } = await openWidget(new FakeModel({ draft }));
    page.key("m");
    await frame();
    const left = () => page.canvas.dispatchEvent(new Event("focusout", { bubbles: true }));
    expect(await nextFrame(left)).toContain("fill");
  });

  it("are outlines only after O, in this view alone", async () => {
    const { model, page } = await openWidget(new FakeModel({ objects: [makeObject(1)] }));
    const lines = await nextFrame(() => page.key("o"));
    expect(lines).toContain("stroke");
    expect(lines).not.toContain("fill");
    expect(page.find("outlines").getAttribute("aria-pressed")).toBe("true");
    expect(await nextFrame(() => page.find("outlines").click())).toContain("fill");
    expect(model.sent).toEqual([]);
  });

  it("are cut out after C: the rest is veiled, unless there is nothing to cut out", async () => {
    const { model, page } = await openWidget();
    expect(await nextFrame(() => page.key("c"))).not.toContain("fillRect");
    expect(await nextFrame(() => model.tell({ objects: [makeObject(1)] }))).toContain("fillRect");
    expect(await nextFrame(() => page.key("m"))).not.toContain("fillRect");
  });
});

describe("the view panel", () => {
  it("and the help never lie over each other", async () => {
    const { page } = await openWidget();
    page.find("view").click();
    page.key("?");
    await frame();
    expect([page.find("view-panel").hidden, page.find("help-popover").hidden]).toEqual([
      true,
      false,
    ]);
    page.find("view").click();
    await frame();
    expect([page.find("view-panel").hidden, page.find("help-popover").hidden]).toEqual([
      false,
      true,
    ]);
  });

  it("opens, closes with Escape, and gives its button the focus back", async () => {
    const { page } = await openWidget();
    expect(page.find("view-panel").hidden).toBe(true);
    page.find("view").click();
    expect(page.find("view-panel").hidden).toBe(false);
    expect(page.find("view").getAttribute("aria-expanded")).toBe("true");
    expect(document.activeElement).toBe(page.find("close-view")); // a key has opened it
    page.key("Escape", {}, page.find("outlines"));
    expect(page.find("view-panel").hidden).toBe(true);
    expect(document.activeElement).toBe(page.find("view"));
  });

  it("leaves the focus where it is when a mouse opens it", async () => {
    const { page } = await openWidget();
    page.canvas.focus();
    page.find("view").dispatchEvent(new MouseEvent("click", { detail: 1, bubbles: true }));
    expect(page.find("view-panel").hidden).toBe(false);
    expect(document.activeElement).toBe(page.canvas);
  });

  it("sets the opacity, and says it", async () => {
    const { page } = await openWidget(new FakeModel({ draft }));
    const slider = page.find("opacity") as HTMLInputElement;
    expect(slider.getAttribute("aria-valuetext")).toBe("40%");
    const clear = await nextFrame(() => {
      slider.value = "0";
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    });
    expect(clear).toContain("stroke");
    expect(slider.getAttribute("aria-valuetext")).toBe("0%");
  });

  it("shows a large picture at 100 % and whole", async () => {
    const image = {
      data: new DataView(new ArrayBuffer(4)),
      mime: "image/png",
      view_xyxy: null,
    } as const;
    const { page } = await openWidget(
      new FakeModel({ image: { ...image, width: 4000, height: 3000 } }),
    );
    expect(page.find("view-fit").hasAttribute("disabled")).toBe(true);
    page.key("9", { altKey: true });
    await frame();
    expect(page.canvas.dataset.viewport).toBe("1 -1600 -1200");
    page.find("view-fit").click();
    await frame();
    expect(page.canvas.dataset.viewport).toBe("0.2 0 0");
  });

  it("begins with the part of the picture that was on the screen when work was saved", async () => {
    const image = { data: new DataView(new ArrayBuffer(4)), mime: "image/png" } as const;
    const view_xyxy: BoxXYXY = [1000, 600, 1400, 900];
    const { page, model } = await openWidget(
      new FakeModel({ image: { ...image, width: 4000, height: 3000, view_xyxy } }),
    );
    expect(page.canvas.dataset.viewport).toBe("2 -2000 -1200");
    page.find("zoom-fit").click();
    await frame();
    expect(page.canvas.dataset.viewport).toBe("0.2 0 0");
    model.tell({ status: { phase: "ready", message: "ready", progress: null, device: "" } });
    await frame();
    expect(page.canvas.dataset.viewport).toBe("0.2 0 0");
  });

  it("Alt and the key of 9 count, whatever the keyboard writes for them", async () => {
    const image = {
      data: new DataView(new ArrayBuffer(4)),
      mime: "image/png",
      view_xyxy: null,
    } as const;
    const { page } = await openWidget(
      new FakeModel({ image: { ...image, width: 4000, height: 3000 } }),
    );
    page.key("ª", { altKey: true, code: "Digit9" });
    await frame();
    expect(page.canvas.dataset.viewport).toBe("1 -1600 -1200");
  });

  it("says why where the page allows no full screen", async () => {
    const { page } = await openWidget();
    page.root.requestFullscreen = () => Promise.reject(new Error("denied"));
    page.key("f");
    await frame();
    expect(page.find("error").textContent).toContain("does not allow full screen (denied)");
  });
});

describe("keys alone", () => {
  it("make a point, drag a box, and Escape gives a drag up", async () => {
    const { model, page } = await openWidget();
    page.key("ArrowRight"); // shows the cursor, in the middle
    page.key("ArrowRight", { shiftKey: true });
    page.key("a");
    expect(model.request("add_point").request).toEqual({
      kind: "add_point",
      x: 205,
      y: 150,
      label: 1,
    });
    page.key("ArrowUp", { shiftKey: true });
    page.key("ArrowUp", { shiftKey: true });
    page.key("n");
    expect(model.lastSent().request).toEqual({ kind: "add_point", x: 205, y: 140, label: 0 });
    page.key("ArrowUp", { shiftKey: true });
    page.key("ArrowUp", { shiftKey: true });
    page.key("A", { shiftKey: true });
    for (let press = 0; press < 3; press++) page.key("ArrowDown", { shiftKey: true });
    page.key("ArrowLeft", { shiftKey: true });
    page.key("ArrowLeft", { shiftKey: true });
    page.key("a");
    const box = { kind: "set_box", box_xyxy: [195, 130, 205, 145] };
    expect(model.lastSent().request).toEqual(box);
    const sent = model.sent.length;
    page.key("A", { shiftKey: true });
    page.key("ArrowLeft", { shiftKey: true });
    page.key("Escape");
    page.key("ArrowLeft", { shiftKey: true });
    expect(model.sent).toHaveLength(sent);
    page.key("a");
    expect(model.sent).toHaveLength(sent + 1);
  });
});

describe("the corner", () => {
  it("is dragged or moved by arrows to size the picture, twice clicked for the usual size", async () => {
    const { page } = await openWidget();
    const corner = page.find("resize");
    const height = () => page.root.style.getPropertyValue("--sw-stage-height");
    const at = (type: string, clientX: number, clientY: number) =>
      corner.dispatchEvent(new PointerEvent(type, { clientX, clientY, pointerId: 1, button: 0 }));
    vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(300);
    vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(500);
    corner.setPointerCapture = () => {};
    at("pointerdown", 500, 300);
    at("pointermove", 450, 420);
    at("pointerup", 450, 420);
    at("pointermove", 100, 100);
    expect(height()).toBe("420px");
    expect(page.root.style.getPropertyValue("--sw-width")).toBe("450px");
    page.key("ArrowUp", {}, corner);
    expect(height()).toBe("280px");
    corner.dispatchEvent(new MouseEvent("dblclick"));
    expect(page.root.classList.contains("samwidget-sized")).toBe(false);
  });
});
