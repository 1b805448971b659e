import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DraftState } from "../contract/protocol";
import { EMPTY_DRAFT } from "../state/optimism";
import { FakeModel, makeField, makeObject, makeState } from "./helpers";
import { drawn, frame, layOut, openWidget, Page, preparePage } from "./page";

const field = makeField(4, 4, () => 255, [0, 0, 400, 300]);
const point = { x: 100, y: 50, label: 1 } as const;
const draft: DraftState = { ...EMPTY_DRAFT, points: [point], field, scores: [0.8, 0.9, 0.7] };

beforeEach(preparePage);
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("clicking", () => {
  it("sends the point in image coordinates and shows it before the kernel answers", async () => {
    const { model, page } = await openWidget();
    page.click(200, 100);
    expect(model.lastSent().request).toEqual({ kind: "add_point", ...point });
    await frame();
    expect(page.root.dataset).toMatchObject({ points: "1", draft: "waiting" });
    model.tell({ draft: draft });
    model.reply({ kind: "done" });
    await frame();
    expect(page.root.dataset).toMatchObject({ points: "1", draft: "mask" });
    expect(page.find("status").textContent).toContain("Enter");
  });

  it("an error reply takes the point away and says why, until it is dismissed", async () => {
    const { model, page } = await openWidget();
    page.click(200, 100);
    model.reply({ kind: "error", message: "the point is outside" });
    await frame();
    expect(page.root.dataset.points).toBe("0");
    expect(page.find("error").hidden).toBe(false);
    expect(page.find("error").getAttribute("role")).toBe("alert");
    expect(page.find("error").textContent).toBe("the point is outside");
    page.find("dismiss-error").click();
    await frame();
    expect(page.find("error").hidden).toBe(true);
  });

  it("a reply that never comes is told, and the point taken away", async () => {
    const { page } = await openWidget();
    vi.useFakeTimers();
    page.click(200, 100);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(page.find("status").textContent).toBe("Waiting for the kernel…");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(page.find("error").textContent).toContain("No answer from the kernel for 20 s");
    expect(page.root.dataset.points).toBe("0");
  });

  it("does nothing without an image", async () => {
    const { model, page } = await openWidget(new FakeModel({ image: null }));
    page.click(200, 100);
    expect(model.sent).toEqual([]);
    expect(page.el.textContent).toContain("No image yet");
  });

  it("notes how long the mask took to be painted", async () => {
    performance.clearMeasures();
    const { model, page } = await openWidget();
    page.click(200, 100);
    await frame();
    expect(performance.getEntriesByName("samwidget:click-to-paint")).toHaveLength(0);
    model.tell({ draft: draft });
    await frame();
    expect(performance.getEntriesByName("samwidget:click-to-paint")).toHaveLength(1);
  });

  it("the right button opens no menu of browser or notebook", async () => {
    const { page } = await openWidget();
    const seen = vi.fn();
    document.body.addEventListener("contextmenu", seen);
    expect(page.pointer("contextmenu", 5, 5).defaultPrevented).toBe(true);
    expect(seen).not.toHaveBeenCalled();
    expect(page.pointer("contextmenu", 5, 5, { shiftKey: true }).defaultPrevented).toBe(false);
  });
});

describe("keys", () => {
  it("own keys act and go no further, others pass", async () => {
    const { model, page } = await openWidget(new FakeModel({ draft: draft }));
    const seen = vi.fn();
    document.body.addEventListener("keydown", seen);
    expect(page.key("Enter").defaultPrevented).toBe(true);
    expect(model.lastSent().request).toEqual({ kind: "commit", label: null });
    expect(seen).not.toHaveBeenCalled();
    expect(page.key("Tab").defaultPrevented).toBe(false);
    expect(page.key("j").defaultPrevented).toBe(false);
    expect(seen).toHaveBeenCalledTimes(2);
  });

  it("everything that can have the focus keeps the notebook's shortcuts away", async () => {
    const { page } = await openWidget(new FakeModel({ objects: [makeObject(1)], draft: draft }));
    const focusable = page.el.querySelectorAll("button, input, select, [tabindex]");
    expect(focusable.length).toBeGreaterThan(15);
    for (const element of focusable) {
      expect(element.getAttribute("data-lm-suppress-shortcuts"), element.outerHTML).toBe("true");
    }
  });

  it("space and drag pan instead of clicking", async () => {
    const { model, page } = await openWidget();
    page.key("+");
    page.key(" ");
    page.pointer("pointerdown", 200, 100);
    page.pointer("pointermove", 240, 130);
    page.pointer("pointerup", 240, 130);
    await frame();
    expect(model.sent).toEqual([]);
    expect(page.canvas.dataset.viewport).toBe("2.5 -60 -45");
    page.canvas.dispatchEvent(new KeyboardEvent("keyup", { key: " ", bubbles: true }));
    page.click(200, 100);
    expect(model.lastSent().request.kind).toBe("add_point");
  });

  it("H opens the help and a click on the picture closes it", async () => {
    const { page } = await openWidget();
    page.key("h");
    expect(page.find("help-popover").hidden).toBe(false);
    page.click(5, 5);
    expect(page.find("help-popover").hidden).toBe(true);
  });

  it("Delete takes the point under the pointer", async () => {
    const { model, page } = await openWidget(new FakeModel({ draft: draft }));
    page.pointer("pointermove", 203, 98);
    page.key("Delete");
    expect(model.lastSent().request).toEqual({ kind: "remove_point", index: 0 });
  });
});

describe("wheel", () => {
  // happy-dom's WheelEvent knows neither place nor modifier keys.
  const wheel = (more: { ctrlKey: boolean }): Event =>
    Object.assign(new Event("wheel", { cancelable: true }), {
      deltaY: -100,
      deltaMode: 0,
      clientX: 100,
      clientY: 100,
      metaKey: false,
      ...more,
    });

  it("scrolls the notebook, zooms with Ctrl", async () => {
    const { page } = await openWidget();
    const plain = wheel({ ctrlKey: false });
    page.canvas.dispatchEvent(plain);
    expect(plain.defaultPrevented).toBe(false);
    const before = page.canvas.dataset.viewport;
    const zoom = wheel({ ctrlKey: true });
    page.canvas.dispatchEvent(zoom);
    expect(zoom.defaultPrevented).toBe(true);
    await frame();
    expect(page.canvas.dataset.viewport).not.toBe(before);
  });
});

describe("toolbar", () => {
  it("shows tool, history and candidates, and asks for them", async () => {
    const model = new FakeModel({ draft: { ...draft, choice: 1 } });
    const { page } = await openWidget(model);
    expect(page.find("tool-positive").getAttribute("aria-pressed")).toBe("true");
    expect(page.find("candidate-1").getAttribute("aria-pressed")).toBe("true");
    expect(page.find("candidate-1").textContent).toBe("290%");
    expect(page.find("undo").hasAttribute("disabled")).toBe(true);
    for (const [testId, request] of [
      ["candidate-2", { kind: "choose_mask", index: 2 }],
      ["tool-box", { kind: "set_tool", tool: "box" }],
      ["clear", { kind: "clear_prompts" }],
    ] as const) {
      page.find(testId).click();
      expect(model.lastSent().request).toEqual(request);
    }
    await frame();
    expect(page.find("tool-box").getAttribute("aria-pressed")).toBe("true");
    expect(page.find("commit").hasAttribute("disabled")).toBe(true);
  });

  it("names the model and the phase", async () => {
    const status = {
      phase: "embedding",
      message: "embedding the image",
      progress: 0.25,
      device: "",
    } as const;
    const { model, page } = await openWidget(new FakeModel({ status: status }));
    expect(page.find("model-name").textContent).toBe("nano");
    expect(page.find("status").textContent).toBe("Embedding the image");
    expect(page.root.dataset.phase).toBe("embedding");
    const bar = page.el.querySelector('[role="progressbar"]');
    expect(bar?.getAttribute("aria-valuenow")).toBe("25");
    model.tell({
      status: { phase: "ready", message: "ready · embedded in 0.4 s", progress: 1, device: "" },
    });
    await frame();
    expect(page.find("status").textContent).toMatch(/^Ready · embedded in 0.4 s · click/);
    expect((bar as HTMLElement).hidden).toBe(true);
  });

  it("says what was done to the image, and keeps it at hand once there are objects", async () => {
    const message = "ready · embedded in 0.4 s · values 103 to 3990 were stretched";
    const status = { phase: "ready", message, progress: 1, device: "" } as const;
    const { model, page } = await openWidget(new FakeModel({ status: status }));
    expect(page.find("status").textContent).toContain("values 103 to 3990 were stretched");
    model.tell({ objects: [makeObject(1)] });
    await frame();
    expect(page.find("status").textContent).not.toContain("stretched");
    expect(page.find("status").title).toBe(message);
  });
});

describe("objects", () => {
  const objects = [makeObject(1, { label: "cup" }), makeObject(2)];

  it("select, delete and rename by their chips", async () => {
    const { model, page } = await openWidget(new FakeModel({ objects: objects }));
    expect(page.root.dataset.objects).toBe("2");
    expect(page.find("object-1").textContent).toContain("cup");
    page.find("select-1").click();
    expect(model.lastSent().request).toEqual({ kind: "select_object", id: 1 });
    page.find("select-1").dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    const input = page.find("edit-1") as HTMLInputElement;
    input.value = "saucer";
    page.key("Enter", {}, input);
    expect(model.lastSent().request).toEqual({ kind: "relabel_object", id: 1, label: "saucer" });
    expect(page.has("edit-1")).toBe(false);
    const hover = new PointerEvent("pointerover", { bubbles: true });
    page.find("object-2").dispatchEvent(hover);
    page.find("delete-2").click();
    expect(model.lastSent().request).toEqual({ kind: "delete_object", id: 2 });
    await frame();
    expect(page.has("object-2")).toBe(false);
    expect(page.find("object-1").textContent).toContain("saucer");
  });

  it("Escape leaves the label as it was", async () => {
    const { model, page } = await openWidget(new FakeModel({ objects: objects }));
    page.find("select-1").dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    const input = page.find("edit-1") as HTMLInputElement;
    input.value = "saucer";
    page.key("Escape", {}, input);
    expect(model.sent).toEqual([]);
  });

  it("the next label is text", async () => {
    const { model, page } = await openWidget();
    const input = page.find("label") as HTMLInputElement;
    input.value = " cup ";
    input.dispatchEvent(new Event("change"));
    expect(model.lastSent().request).toEqual({ kind: "set_label", label: "cup" });
  });

  it("or one of the classes", async () => {
    const controls = { ...makeState().controls, classes: ["a", "b"] };
    const { model, page } = await openWidget(new FakeModel({ controls: controls }));
    const input = page.find("label") as HTMLInputElement;
    model.tell({ controls: { ...controls, label: "b" } });
    await frame();
    expect(input.value).toBe("b");
    page.key("1");
    expect(model.lastSent().request).toEqual({ kind: "set_label", label: "a" });
  });
});

describe("refining an object", () => {
  const object = makeObject(4, { field: makeField(4, 4, () => 255, [0, 0, 50, 50]) });

  it("a double click with the select tool reopens it and takes the point tool", async () => {
    const controls = { ...makeState().controls, tool: "select" } as const;
    const { model, page } = await openWidget(new FakeModel({ objects: [object], controls }));
    const at = { clientX: 40, clientY: 40, bubbles: true };
    page.canvas.dispatchEvent(new MouseEvent("dblclick", at));
    expect(model.sent.map(({ request }) => request)).toEqual([
      { kind: "reopen_object", id: 4 },
      { kind: "set_tool", tool: "positive" },
    ]);
    await frame();
    expect(page.has("object-4")).toBe(false);
    expect(page.root.dataset.draft).toBe("waiting");
    expect(page.find("commit").hasAttribute("disabled")).toBe(false);
    expect(page.find("status").textContent).toContain("Esc leaves it as it was");
  });
});

describe("another image", () => {
  it("of another shape is never drawn over with the old picture", async () => {
    const { model, page } = await openWidget();
    await frame();
    drawn.length = 0;
    page.key("0");
    await frame();
    expect(drawn).toContain("drawImage");
    let decode: (bitmap: unknown) => void = () => {};
    vi.stubGlobal("createImageBitmap", () => new Promise((resolve) => (decode = resolve)));
    const data = new DataView(new ArrayBuffer(4));
    model.tell({ image: { data, mime: "image/png", width: 30, height: 400, view_xyxy: null } });
    drawn.length = 0;
    await frame();
    expect(page.el.querySelector<HTMLElement>(".samwidget-stage")?.style.aspectRatio).toBe(
      "30 / 400",
    );
    expect(drawn).toContain("clearRect");
    expect(drawn).not.toContain("drawImage");
    decode({ width: 30, height: 400, close() {} });
    await frame();
    expect(drawn).toContain("drawImage");
  });
});

describe("a restarted kernel", () => {
  it("is told, the objects stay to look at, and nothing can be edited", async () => {
    const opened = new FakeModel({ objects: [makeObject(1)], draft });
    const { model, page } = await openWidget(opened);
    model.send = () => {
      throw new Error("Cannot send");
    };
    page.click(300, 100);
    await frame();
    expect(page.find("error").textContent).toMatch(/run the cell again/i);
    expect(page.find("error").textContent).not.toContain("Cannot send");
    expect(page.root.dataset).toMatchObject({ kernel: "gone", objects: "1", points: "1" });
    expect(page.find("status").textContent).toMatch(/run the cell again/i);
    for (const testId of ["tool-box", "commit", "clear", "candidate-0", "delete-1", "label"]) {
      expect(page.find(testId).hasAttribute("disabled"), testId).toBe(true);
    }
    page.find("dismiss-error").click();
    page.click(100, 300);
    page.key("Enter");
    await frame();
    expect(page.root.dataset.points).toBe("1");
    const before = page.canvas.dataset.viewport;
    page.find("zoom-in").click();
    await frame();
    expect(page.canvas.dataset.viewport).not.toBe(before);
  });
});

describe("two views of one widget", () => {
  it("show the same state; zoom and hover are each view's own", async () => {
    const { model, page, widget } = await openWidget();
    const second = new Page((el) => widget.render({ model, el }));
    page.click(200, 100);
    page.key("+");
    await frame();
    expect(second.root.dataset.points).toBe("1");
    expect(second.canvas.dataset.viewport).not.toBe(page.canvas.dataset.viewport);
  });
});

describe("the canvas", () => {
  it.each([
    ["has the screen's pixels", 2, undefined, [1600, 1200]],
    ["takes the browser's own rounding", 1.5, [1201, 899], [1201, 899]],
    ["but no css pixels for device pixels", 2, [800, 600], [1600, 1200]],
  ] as const)("%s", async (_, ratio, device, expected) => {
    vi.stubGlobal("devicePixelRatio", ratio);
    const { page } = await openWidget();
    await layOut(800, 600, device && [...device]);
    const { width, height } = page.canvas as HTMLCanvasElement;
    expect([width, height]).toEqual(expected);
    expect(page.canvas.dataset.viewport).toBe("2 0 0");
  });
});

describe("a mask that cannot be read", () => {
  it("is told once and leaves the rest working", async () => {
    const broken = makeObject(1, { field: { ...field, height: 99 } });
    const { model, page } = await openWidget(new FakeModel({ objects: [broken] }));
    await frame();
    expect(page.find("error").textContent).toContain("Drawing failed: mask of 4 x 99 cells");
    page.find("dismiss-error").click();
    await frame();
    expect(page.find("error").hidden).toBe(true);
    page.click(200, 100);
    expect(model.lastSent().request.kind).toBe("add_point");
  });
});
