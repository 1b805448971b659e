import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeModel, makeField } from "./helpers";
import { drawn, frame, openWidget, preparePage } from "./page";

const field = makeField(4, 4, () => 255, [0, 0, 400, 300]);

beforeEach(preparePage);
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("hovering", () => {
  async function hovering() {
    const opened = await openWidget();
    opened.page.pointer("pointermove", 200, 100);
    const { data: _, ...rest } = field;
    const reply = { kind: "preview", score: 0.9, field: { ...rest, data: null } };
    const paths = { buffer_paths: [["field", "data"]] };
    opened.model.reply({ ...reply, ...paths }, opened.model.request("preview"), [field.data]);
    await frame();
    return opened;
  }

  it("previews, and stops when the pointer leaves", async () => {
    const { model, page } = await hovering();
    expect(model.lastSent().request).toEqual({ kind: "preview", x: 100, y: 50 });
    expect(page.root.dataset.preview).toBe("true");
    page.pointer("pointerleave", 0, 0);
    await frame();
    expect(page.root.dataset.preview).toBe("false");
  });

  it("notes how long the preview took to be painted", async () => {
    performance.clearMeasures();
    await hovering();
    expect(performance.getEntriesByName("samwidget:move-to-preview")).toHaveLength(1);
  });

  it("a click is sent before the preview under way is given up", async () => {
    const { model, page } = await openWidget();
    page.pointer("pointermove", 200, 100);
    page.click(202, 100);
    const kinds = model.sent.map(({ request }) => request.kind);
    expect(kinds).toEqual(["preview", "add_point", "cancel"]);
  });

  it("a click keeps the previewed mask on screen until its own comes", async () => {
    const { model, page } = await hovering();
    page.click(202, 100);
    drawn.length = 0;
    await frame();
    expect(page.root.dataset.preview).toBe("false");
    expect(drawn).toContain("fill");
    model.reply({ kind: "error", message: "no" }, model.request("add_point"));
    await frame();
    drawn.length = 0;
    page.pointer("pointerleave", 0, 0);
    await frame();
    expect(drawn).not.toContain("stroke");
  });

  it("asks for nothing while the image is being embedded", async () => {
    const status = { phase: "embedding", message: "embedding", progress: 0.5, device: "" } as const;
    const { model, page } = await openWidget(new FakeModel({ status: status }));
    page.pointer("pointermove", 200, 100);
    expect(model.sent).toEqual([]);
  });

  it("a preview that fails is told once, not at every move", async () => {
    const { model, page } = await openWidget();
    page.pointer("pointermove", 200, 100);
    model.reply({ kind: "error", message: "out of memory" });
    await frame();
    page.pointer("pointermove", 210, 100);
    page.pointer("pointermove", 220, 100);
    expect(model.sent).toHaveLength(1);
    expect(page.find("error").textContent).toBe("out of memory");
  });
});
