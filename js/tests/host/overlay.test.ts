import { describe, expect, it, vi } from "vitest";
import { Overlay } from "../../host/overlay";
import { FakeModel } from "../helpers";

/** An ipycanvas model as the host's widget manager gives it. */
class FakeCanvasModel extends FakeModel {
  canvas = document.createElement("canvas");

  constructor(traits: Record<string, unknown> = {}) {
    super({}, traits);
    this.canvas.width = 40;
    this.canvas.height = 30;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

function hostOf(models: Record<string, unknown>, overlay: unknown = null) {
  const host = new FakeModel({}, { overlay });
  host.widget_manager = {
    get_model: (id) => (id in models ? Promise.resolve(models[id]) : Promise.reject(new Error(id))),
  };
  let changes = 0;
  const subject = new Overlay(host, () => {
    changes++;
  });
  return { host, subject, changes: () => changes };
}

describe("Overlay", () => {
  it("gives the referenced canvas and tells of its frames", async () => {
    const canvas = new FakeCanvasModel();
    const { subject, changes } = hostOf({ abc: canvas }, "IPY_MODEL_abc");
    await settle();
    expect(subject.canvases).toEqual([canvas.canvas]);
    const before = changes();
    canvas.trigger("new-frame");
    canvas.trigger("change:width");
    expect(changes()).toBe(before + 2);
  });

  it("follows another canvas, none, and lets go of the old one", async () => {
    const [a, b] = [new FakeCanvasModel(), new FakeCanvasModel()];
    const { host, subject } = hostOf({ a, b }, "IPY_MODEL_a");
    await settle();
    host.traits.overlay = "IPY_MODEL_b";
    host.trigger("change:overlay");
    await settle();
    expect(subject.canvases).toEqual([b.canvas]);
    expect(a.handlerCount).toBe(0);
    host.traits.overlay = null;
    host.trigger("change:overlay");
    await settle();
    expect(subject.canvases).toEqual([]);
    expect(b.handlerCount).toBe(0);
  });

  it("listens to each part of a MultiCanvas, which tells nothing itself", async () => {
    const parts = [new FakeCanvasModel(), new FakeCanvasModel()];
    const multi = new FakeCanvasModel({ _canvases: parts });
    const { subject, changes } = hostOf({ m: multi }, "IPY_MODEL_m");
    await settle();
    expect(subject.canvases).toEqual(parts.map((part) => part.canvas));
    const before = changes();
    parts[1]?.trigger("new-frame");
    expect(changes()).toBe(before + 1);
  });

  it("takes the newest reference when an older one resolves later", async () => {
    const [slow, fast] = [new FakeCanvasModel(), new FakeCanvasModel()];
    const { host, subject } = hostOf({});
    let answerSlow: (model: unknown) => void = () => {};
    host.widget_manager.get_model = (id) =>
      id === "fast"
        ? Promise.resolve(fast)
        : new Promise((resolve) => {
            answerSlow = resolve;
          });
    host.traits.overlay = "IPY_MODEL_slow";
    host.trigger("change:overlay");
    host.traits.overlay = "IPY_MODEL_fast";
    host.trigger("change:overlay");
    await settle();
    answerSlow(slow);
    await settle();
    expect(subject.canvases).toEqual([fast.canvas]);
    expect(slow.handlerCount).toBe(0);
  });

  it.each([
    ["no such model", "IPY_MODEL_gone"],
    ["no reference", "something else"],
    ["a number", 7],
  ])("goes on without: %s", async (_, reference) => {
    const { subject } = hostOf({}, reference);
    await settle();
    expect(subject.canvases).toEqual([]);
  });

  it("leaves out a canvas without pixels or without a front end", async () => {
    const empty = new FakeCanvasModel();
    empty.canvas.width = 0;
    const { subject } = hostOf(
      { m: new FakeModel({}, { _canvases: [empty, new FakeModel()] }) },
      "IPY_MODEL_m",
    );
    await settle();
    expect(subject.canvases).toEqual([]);
  });

  it("disposed: no listener stays on either model", async () => {
    const canvas = new FakeCanvasModel();
    const { host, subject } = hostOf({ abc: canvas }, "IPY_MODEL_abc");
    await settle();
    subject.dispose();
    expect(canvas.handlerCount + host.handlerCount).toBe(0);
  });
});

describe("a pointer over the image", () => {
  const told = (model: FakeModel): unknown[] => model.all;

  it("is told to the canvas's own callbacks, moves in order and at most so often", async () => {
    const canvas = new FakeCanvasModel();
    const { subject } = hostOf({ abc: canvas }, "IPY_MODEL_abc");
    await settle();
    vi.useFakeTimers();
    subject.tell("mouse_move", { x: 1, y: 2 });
    subject.tell("mouse_move", { x: 3, y: 4 });
    expect(told(canvas)).toEqual([]);
    subject.tell("mouse_down", { x: 5, y: 6 });
    subject.tell("mouse_move", { x: 7, y: 8 });
    vi.advanceTimersByTime(60);
    expect(told(canvas)).toEqual([
      { event: "mouse_move", x: 3, y: 4 },
      { event: "mouse_down", x: 5, y: 6 },
      { event: "mouse_move", x: 7, y: 8 },
    ]);
    subject.tell("mouse_move", { x: 9, y: 9 });
    subject.dispose();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("is told to a MultiCanvas, not to its parts", async () => {
    const part = new FakeCanvasModel();
    const whole = new FakeCanvasModel({ _canvases: [part] });
    const { subject } = hostOf({ abc: whole }, "IPY_MODEL_abc");
    await settle();
    subject.tell("mouse_up", { x: 5, y: 6 });
    expect(told(whole)).toEqual([{ event: "mouse_up", x: 5, y: 6 }]);
    expect(told(part)).toEqual([]);
  });

  it("is told nobody without a canvas", () => {
    const { subject } = hostOf({});
    expect(() => subject.tell("mouse_down", { x: 0, y: 0 })).not.toThrow();
  });
});
