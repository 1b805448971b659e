import { describe, expect, it } from "vitest";
import { fitView } from "../../frame/viewport";
import { shownMasks } from "../../state/found";
import { cursorFor, wantsPreview } from "../../tools/cursor";
import { isDouble, takeable } from "../../tools/found";
import { pressed, released } from "../../tools/pointer";
import { IDLE, type PointerInput, type ToolState } from "../../tools/types";
import { makeField, makeFound, makeFoundMask, makeObject } from "../helpers";

// A 400 x 300 image at 2 css pixels a pixel.
const viewport = fitView(400, 300, 800, 600);
const table = makeFoundMask(1, [0, 0, 400, 300]);
const cup = makeFoundMask(2, [100, 100, 200, 200]);
const handle = makeFoundMask(3, [180, 120, 200, 140]);

function state(changes: Partial<ToolState> = {}): ToolState {
  return {
    tool: "positive",
    viewport,
    points: [],
    box_xyxy: null,
    objects: [],
    selection: [],
    found: shownMasks(makeFound([table, cup, handle])),
    hasDraft: false,
    spaceHeld: false,
    draftField: null,
    draftRings: null,
    selected: null,
    brushPx: 10,
    polygon: null,
    readOnly: false,
    ...changes,
  };
}

function at(x: number, y: number, changes: Partial<PointerInput> = {}): PointerInput {
  const keys = { alt: false, ctrl: false, shift: false };
  return { x: 2 * x, y: 2 * y, id: 1, device: "mouse", button: 0, ...keys, ...changes };
}

describe("takeable", () => {
  it.each([
    ["the smallest of those below each other", at(190, 130), {}, 3],
    ["the next one beside it", at(150, 150), {}, 2],
    ["the largest", at(20, 20), {}, 1],
    ["beyond the image nothing", at(450, 20), {}, null],
    ["with the box tool", at(150, 150), { tool: "box" }, 2],
    ["with the select tool", at(150, 150), { tool: "select" }, 2],
    ["a finger's tap", at(150, 150, { device: "touch" }), {}, 2],
    ["not with the tool that takes away", at(150, 150), { tool: "negative" }, null],
    ["not while there is a draft", at(150, 150), { hasDraft: true }, null],
    ["not without a kernel", at(150, 150), { readOnly: true }, null],
    ["not while the picture is moved", at(150, 150), { spaceHeld: true }, null],
    ["not with Shift", at(150, 150, { shift: true }), {}, null],
    ["not with Alt", at(150, 150, { alt: true }), {}, null],
    ["not with Ctrl", at(150, 150, { ctrl: true }), {}, null],
    ["not when nothing was found", at(150, 150), { found: [] }, null],
  ] as [string, PointerInput, Partial<ToolState>, number | null][])("%s", (_, input, more, id) => {
    expect(takeable(input, state(more))?.id ?? null).toBe(id);
  });

  it("an object that lies on it is in the way, one behind it is not", () => {
    const field = makeField(4, 4, () => 255, [120, 120, 50, 50]);
    const small = makeObject(1, { field, area: 2500 });
    const large = makeObject(2, { field: table.field, area: table.area });
    expect(takeable(at(150, 150), state({ objects: [small] }))).toBeNull();
    expect(takeable(at(110, 110), state({ objects: [small] }))?.id).toBe(2);
    expect(takeable(at(150, 150), state({ objects: [large] }))?.id).toBe(2);
    expect(takeable(at(20, 20), state({ objects: [large] }))).toBeNull();
  });
});

describe("a click on a found mask", () => {
  const click = (input: PointerInput, tools: ToolState): unknown => {
    const { gesture } = pressed(IDLE, input, tools);
    const [command] = released(gesture, input, tools).commands;
    return command?.do === "send" ? command.request : null;
  };

  it.each(["positive", "box", "select"] as const)("takes it with the tool %s", (tool) => {
    expect(click(at(150, 150), state({ tool }))).toEqual({ kind: "take_found", ids: [2] });
  });

  it("is a prompt for a draft, with Shift, with the right button", () => {
    const point = { kind: "add_point", x: 150, y: 150 };
    expect(click(at(150, 150), state({ hasDraft: true }))).toEqual({ ...point, label: 1 });
    expect(click(at(150, 150, { shift: true }), state())).toEqual({ ...point, label: 1 });
    expect(click(at(150, 150, { button: 2 }), state())).toEqual({ ...point, label: 0 });
  });

  it("a drag over it is a box as ever", () => {
    const { gesture } = pressed(IDLE, at(110, 110), state());
    const { commands } = released(gesture, at(190, 190), state());
    expect(commands).toEqual([
      { do: "send", request: { kind: "set_box", box_xyxy: [110, 110, 190, 190] } },
    ]);
  });

  it("shows a hand and asks for no preview", () => {
    expect(cursorFor(IDLE, at(150, 150), state())).toBe("pointer");
    expect(wantsPreview(IDLE, at(150, 150), state())).toBe(false);
    expect(wantsPreview(IDLE, at(150, 150, { shift: true }), state())).toBe(true);
    expect(wantsPreview(IDLE, at(150, 150), state({ found: [] }))).toBe(true);
  });
});

describe("isDouble", () => {
  it("a press soon after, at the same place", () => {
    const taking = { x: 10, y: 10, timeMs: performance.now() };
    expect(isDouble(taking, { x: 12, y: 9 })).toBe(true);
    expect(isDouble(taking, { x: 30, y: 10 })).toBe(false);
    expect(isDouble({ ...taking, timeMs: taking.timeMs - 1000 }, { x: 10, y: 10 })).toBe(false);
    expect(isDouble(null, { x: 10, y: 10 })).toBe(false);
  });
});
