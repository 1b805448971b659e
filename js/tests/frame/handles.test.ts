import { describe, expect, it } from "vitest";
import type { Tool } from "../../contract/protocol";
import { boxHandles } from "../../frame/handles";
import { fitView } from "../../frame/viewport";
import { boxHandleAt } from "../../tools/box";
import { cursorFor } from "../../tools/cursor";
import { moved, pressed, released } from "../../tools/pointer";
import { IDLE, type PointerInput, type ToolState } from "../../tools/types";

// A 400 x 300 image at 2 css pixels a pixel.
const viewport = fitView(400, 300, 800, 600);
const BOX = [50, 60, 150, 160] as [number, number, number, number];

function state(tool: Tool, box_xyxy = BOX): ToolState {
  return {
    tool,
    viewport,
    points: [],
    box_xyxy,
    objects: [],
    selection: [],
    draftField: null,
    draftRings: null,
    selected: null,
    brushPx: 10,
    polygon: null,
    found: [],
    hasDraft: true,
    spaceHeld: false,
    readOnly: false,
  };
}

function pointer(x: number, y: number): PointerInput {
  return { x, y, id: 1, device: "mouse", button: 0, alt: false, ctrl: false, shift: false };
}

function dragged(from: [number, number], to: [number, number], tool: Tool = "positive") {
  const tools = state(tool);
  let { gesture } = pressed(IDLE, pointer(...from), tools);
  ({ gesture } = moved(gesture, pointer((from[0] + to[0]) / 2, (from[1] + to[1]) / 2), tools));
  const cursor = cursorFor(gesture, pointer(...to), tools);
  return { cursor, ...released(gesture, pointer(...to), tools) };
}

const setBox = (box_xyxy: number[]) => [{ do: "send", request: { kind: "set_box", box_xyxy } }];

describe("a box's handles", () => {
  it("are eight, none of them over another", () => {
    const places = boxHandles(BOX, viewport).map(({ at }) => `${at.x} ${at.y}`);
    expect(new Set(places).size).toBe(8);
  });

  it("of a small box are its corners alone", () => {
    const handles = boxHandles([50, 60, 60, 70], viewport);
    expect(handles).toHaveLength(4);
    expect(handles.every(({ edge }) => edge === undefined)).toBe(true);
  });

  it.each([
    ["right side", [300, 220], [340, 500], [50, 60, 170, 160]],
    ["left side", [100, 220], [60, 0], [30, 60, 150, 160]],
    ["upper side", [200, 120], [700, 60], [50, 30, 150, 160]],
    ["lower side", [200, 320], [0, 400], [50, 60, 150, 200]],
    ["right side, over to the left", [300, 220], [40, 220], [20, 60, 50, 160]],
    ["lower side, beyond the image", [200, 320], [200, 900], [50, 60, 150, 300]],
    ["upper left corner", [100, 120], [60, 80], [30, 40, 150, 160]],
    ["upper right corner", [300, 120], [340, 80], [50, 40, 170, 160]],
    ["lower right corner", [300, 320], [340, 400], [50, 60, 170, 200]],
    ["lower left corner", [100, 320], [60, 400], [30, 60, 150, 200]],
  ] as const)("the %s can be dragged", (_, from, to, box) => {
    expect(dragged([...from], [...to]).commands).toEqual(setBox([...box]));
  });

  it.each(["positive", "negative", "box", "select", "scribble"] as const)(
    "are there with the tool %s",
    (tool) => {
      expect(dragged([300, 220], [340, 220], tool).commands).toEqual(setBox([50, 60, 170, 160]));
    },
  );

  it("show where they go", () => {
    const at = (x: number, y: number) => boxHandleAt({ x, y }, state("select"))?.cursor;
    expect(at(300, 220)).toBe("ew-resize");
    expect(at(200, 118)).toBe("ns-resize");
    expect(at(100, 120)).toBe("nwse-resize");
    expect(at(200, 220)).toBeUndefined();
    expect(dragged([300, 220], [340, 500]).cursor).toBe("ew-resize");
    expect(dragged([200, 320], [200, 420]).cursor).toBe("ns-resize");
  });

  it("between them a drag draws another box", () => {
    expect(dragged([250, 200], [400, 400]).commands).toEqual(setBox([125, 100, 200, 200]));
  });
});
