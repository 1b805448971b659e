import { describe, expect, it } from "vitest";
import type { PaintPolygon, PaintStroke } from "../../contract/protocol";
import { fitView } from "../../frame/viewport";
import { brushSize, brushWheel } from "../../tools/brush";
import { cursorFor } from "../../tools/cursor";
import { Hand, withLive } from "../../tools/hand";
import { reshapeEdit, splitEdit } from "../../tools/masks";
import { cancelled, moved, pressed, released } from "../../tools/pointer";
import { closePolygon, type OpenPolygon, outlineOf, withoutCorner } from "../../tools/polygon";
import {
  type Command,
  type Gesture,
  IDLE,
  type PointerInput,
  type ToolState,
} from "../../tools/types";
import { makeField, makeObject, makeState } from "../helpers";

// A 400 x 300 image at 2 css pixels a pixel, with a margin of 100 at each side.
const viewport = fitView(400, 300, 1000, 600);
const triangle: [number, number][] = [
  [50, 50],
  [150, 50],
  [50, 150],
];

function state(changes: Partial<ToolState> = {}): ToolState {
  return {
    tool: "brush",
    selection: [],
    viewport,
    points: [],
    box_xyxy: null,
    draftField: null,
    draftRings: null,
    selected: null,
    brushPx: 10,
    polygon: null,
    objects: [],
    found: [],
    hasDraft: false,
    spaceHeld: false,
    readOnly: false,
    ...changes,
  };
}

/** A pointer at a place of the image. */
function at(x: number, y: number, changes: Partial<PointerInput> = {}): PointerInput {
  const held = { alt: false, ctrl: false, shift: false };
  return { x: 100 + 2 * x, y: 2 * y, id: 1, device: "mouse", button: 0, ...held, ...changes };
}

function drag(
  places: [number, number][],
  tools: ToolState,
  changes: Partial<PointerInput> = {},
): Command[] {
  const [first = [0, 0], ...rest] = places;
  let { gesture, commands } = pressed(IDLE, at(...first, changes), tools);
  const all = [...commands];
  for (const place of rest) {
    ({ gesture, commands } = moved(gesture, at(...place, { ...changes, button: -1 }), tools));
    all.push(...commands);
  }
  const last = places.at(-1) ?? first;
  return [...all, ...released(gesture, at(...last, changes), tools).commands];
}

const sent = (commands: Command[]): unknown[] =>
  commands.flatMap((command) => (command.do === "send" ? [command.request] : []));

const selected = { selected: 3, objects: [makeObject(3)] };

describe("the brush", () => {
  it("sends the path of a drag, in pixels of the image", () => {
    const stroke = sent(drag([[20, 30], [40, 30.06], [60, 50]], state())); // biome-ignore format: short
    expect(stroke).toEqual([
      {
        kind: "paint_stroke",
        points: [
          [20, 30],
          [40, 30],
          [60, 50],
        ],
        radius: 5,
        add: true,
        id: null,
      },
    ]);
  });

  it("a click is a dab", () => {
    expect(sent(drag([[20, 30]], state()))).toMatchObject([{ points: [[20, 30]], add: true }]);
  });

  it.each([
    ["brush", {}, {}, true],
    ["brush", { button: 2 }, {}, false],
    ["brush", { alt: true }, {}, false],
    ["eraser", {}, {}, false],
    ["eraser", { button: 2 }, {}, true],
  ] as const)("%s with %j adds: %#", (tool, event, _, add) => {
    const [edit] = sent(drag([[20, 30]], state({ tool, ...selected }), event)) as PaintStroke[];
    expect(edit?.add).toBe(add);
  });

  it.each([
    ["the draft", { ...selected, hasDraft: true }, null],
    ["the selected object", selected, 3],
    ["a new object", { objects: [makeObject(3)] }, null],
    ["a new object where the selected one is gone", { selected: 4 }, null],
  ] as [string, Partial<ToolState>, number | null][])("paints on %s", (_, changes, id) => {
    expect(sent(drag([[20, 30]], state(changes)))).toMatchObject([{ id }]);
  });

  it("erases nothing where there is nothing", () => {
    expect(drag([[20, 30], [60, 30]], state({ tool: "eraser" }))).toEqual([]); // biome-ignore format: short
  });

  it("begins beside the image only where it reaches it", () => {
    expect(sent(drag([[-4, 30]], state()))).toHaveLength(1);
    expect(sent(drag([[-6, 30]], state()))).toHaveLength(0);
  });

  it("leaves out points that change nothing, and takes a shorter way in finer pictures", () => {
    const [edit] = sent(
      drag(
        Array.from({ length: 50 }, (_, k): [number, number] => [20 + k / 10, 30]),
        state(),
      ),
    ) as PaintStroke[];
    expect(edit?.points.length).toBeLessThan(12);
  });

  it.each([
    ["middle button", { button: 1 }, {}],
    ["space", {}, { spaceHeld: true }],
  ])("%s moves the picture", (_, event, changes) => {
    const commands = drag([[20, 30], [60, 50]], state(changes), event); // biome-ignore format: short
    expect(commands.map((command) => command.do)).toContain("pan");
    expect(sent(commands)).toEqual([]);
  });

  it("a second finger moves the picture, and nothing is painted", () => {
    const first = pressed(IDLE, at(20, 30, { device: "touch" }), state());
    const both = pressed(first.gesture, at(90, 30, { device: "touch", id: 2 }), state());
    expect(both.gesture.kind).toBe("pinch");
  });

  it("Escape gives a stroke up", () => {
    const { gesture } = pressed(IDLE, at(20, 30), state());
    const after = cancelled(gesture, null);
    expect(released(after.gesture, at(60, 30), state()).commands).toEqual([]);
  });

  it("is shown before it is sent", () => {
    const { gesture } = moved(
      pressed(IDLE, at(20, 30), state()).gesture,
      at(60, 30, { button: -1 }),
      state(),
    );
    const { draft, objects, found, controls } = makeState();
    const shown = { draft, objects, found, controls };
    const { draft: live } = withLive(shown, gesture);
    expect(live.painted).toBe(true);
    expect(live.field).not.toBeNull();
    expect(withLive(shown, IDLE)).toBe(shown);
    expect(withLive(shown, gesture).draft.field).toBe(live.field);
  });

  it("has a size between bounds, by keys and by the wheel", () => {
    expect(brushSize(10, 1.25)).toBe(12.5);
    expect(brushSize(140, 2)).toBe(150);
    expect(brushSize(2, 0.1)).toBe(1.5);
    const wheel = { x: 0, y: 0, deltaY: -100, mode: 0, ctrl: false, focused: true };
    const larger = brushWheel(wheel, "brush");
    expect(larger?.do === "brush_size" && larger.factor).toBeGreaterThan(1.1);
    expect(brushWheel({ ...wheel, ctrl: true }, "brush")).toBeNull();
    expect(brushWheel({ ...wheel, focused: false }, "brush")).toBeNull();
    expect(brushWheel(wheel, "positive")).toBeNull();
  });

  it("shows its rim in place of a cursor", () => {
    expect(cursorFor(IDLE, at(20, 30), state())).toBe("none");
    expect(cursorFor(IDLE, at(20, 30), state({ tool: "eraser" }))).toBe("not-allowed");
    const { brush } = new Hand().scene(IDLE, at(20, 30, { alt: true }), state());
    expect(brush).toMatchObject({ radius: 10, isErasing: true });
  });
});

describe("a polygon", () => {
  const tool = "polygon" as const;

  /** Click corner by corner. */
  function draw(places: [number, number][], first: Partial<PointerInput> = {}) {
    let polygon: OpenPolygon | null = null;
    const requests: unknown[] = [];
    for (const [index, place] of places.entries()) {
      const tools = state({ tool, polygon });
      for (const command of drag([place], tools, index === 0 ? first : {})) {
        if (command.do === "polygon") polygon = command.polygon;
        else if (command.do === "send") requests.push(command.request);
      }
    }
    return { polygon: polygon as OpenPolygon | null, requests: requests as PaintPolygon[] };
  }

  it("is sent when its first corner is clicked again", () => {
    const { polygon, requests } = draw([...triangle, [51, 51]]);
    expect(polygon).toBeNull();
    expect(requests).toEqual([{ kind: "paint_polygon", points: triangle, add: true, id: null }]);
  });

  it("is sent by Enter, with three corners or more", () => {
    const { polygon } = draw(triangle);
    expect(sent(closePolygon(state({ tool, polygon })))).toHaveLength(1);
    const two = draw(triangle.slice(0, 2));
    expect(closePolygon(state({ tool, polygon: two.polygon }))).toEqual([]);
  });

  it("that a right click begins takes away", () => {
    const { requests } = draw([...triangle, [50, 50]], { button: 2 });
    expect(requests).toMatchObject([{ add: false }]);
  });

  it("does not begin beside the image, and stays within it", () => {
    expect(draw([[-10, 20]]).polygon).toBeNull();
    const { polygon } = draw([[20, 20], [450, 20]]); // biome-ignore format: short
    expect(polygon?.points[1]).toEqual([400, 20]);
  });

  it("a corner twice at one place is one", () => {
    expect(draw([[20, 20], [20, 20]]).polygon?.points).toHaveLength(1); // biome-ignore format: short
  });

  it("gives its last corner back, and is given up with its tool", () => {
    const hand = new Hand();
    hand.polygon = draw(triangle).polygon;
    const [back] = hand.keyed("undo", state({ tool, polygon: hand.polygon }));
    expect(back).toMatchObject({ do: "polygon", polygon: { points: triangle.slice(0, 2) } });
    hand.follow("brush", false);
    expect(hand.polygon).toBeNull();
  });
});

describe("the corners of a mask", () => {
  const withRings = state({
    tool: "polygon",
    selected: 3,
    objects: [makeObject(3, { rings: [triangle] })],
  });

  it("are those of its polygon, of the draft first", () => {
    expect(outlineOf(withRings)).toEqual([triangle]);
    const draft = { ...withRings, hasDraft: true, draftRings: [triangle.slice()] };
    expect(outlineOf(draft)).toEqual([triangle]);
    expect(outlineOf({ ...withRings, tool: "select" })).toBeNull();
    expect(outlineOf({ ...withRings, selected: null })).toBeNull();
  });

  it("are found where a mask is no polygon", () => {
    const field = makeField(40, 30, () => 255, [0, 0, 400, 300]);
    const whole = state({ tool: "polygon", hasDraft: true, draftField: field });
    expect(outlineOf(whole)?.map((ring) => ring.length)).toEqual([4]);
  });

  it("are dragged", () => {
    const [edit] = sent(drag([[150, 50], [170, 60]], withRings)); // biome-ignore format: short
    expect(edit).toEqual({
      kind: "set_outline",
      rings: [[triangle[0], [170, 60], triangle[2]]],
      id: 3,
    });
  });

  it("a click on one changes nothing", () => {
    expect(drag([[150, 50]], withRings)).toEqual([]);
  });

  it("one is put in where an edge is dragged", () => {
    const [edit] = sent(drag([[100, 50], [100, 30], [100, 20]], withRings)); // biome-ignore format: short
    expect(edit).toMatchObject({ rings: [[triangle[0], [100, 20], triangle[1], triangle[2]]] });
  });

  it("a click on an edge begins a polygon", () => {
    expect(drag([[100, 50]], withRings)).toMatchObject([{ do: "polygon" }]);
  });

  it("one is taken away as long as three are left", () => {
    expect(withoutCorner(at(150, 50), withRings)).toBeNull();
    const square: [number, number][] = [...triangle, [40, 100]];
    const four = { ...withRings, objects: [makeObject(3, { rings: [square] })] };
    expect(withoutCorner(at(150, 50), four)).toMatchObject({
      rings: [[triangle[0], triangle[2], [40, 100]]],
    });
    expect(withoutCorner(at(300, 200), four)).toBeNull();
    expect(withoutCorner(null, four)).toBeNull();
  });

  it("a drag shows the outline before it is sent", () => {
    const start: Gesture = pressed(IDLE, at(150, 50), withRings).gesture;
    const { gesture } = moved(start, at(200, 50, { button: -1 }), withRings);
    const { outline } = new Hand().scene(gesture, at(200, 50), withRings);
    expect(outline?.rings[0]?.[1]).toEqual([200, 50]);
    expect(cursorFor(gesture, at(200, 50), withRings)).toBe("grabbing");
  });
});

describe("whole masks", () => {
  const { draft, objects, found, controls } = makeState();
  const shown = { draft, objects, found, controls };

  it("are changed by what can be seen, at any zoom", () => {
    const one = { ...shown, controls: { ...controls, selected: 3 } };
    expect(reshapeEdit(one, "grow", 0.1)).toMatchObject({ amount: 20, id: 3 });
    expect(reshapeEdit(one, "grow", 8)).toMatchObject({ amount: 1 });
    expect(reshapeEdit(one, "fill_holes", 0.1)).toMatchObject({ amount: 1 });
    expect(splitEdit(one)).toEqual({ kind: "split_object", id: 3 });
  });

  it("of the draft go first, if it has one", () => {
    const drafted = { ...draft, painted: true, field: makeField(4, 4, () => 255) };
    const both = { ...shown, draft: drafted, controls: { ...controls, selected: 3 } };
    expect(reshapeEdit(both, "smooth", 1)).toMatchObject({ id: null });
    expect(splitEdit(both)).toBeNull();
    expect(reshapeEdit({ ...both, draft: { ...drafted, field: null } }, "grow", 1)).toBeNull();
  });

  it("nothing can be done to nothing", () => {
    expect(reshapeEdit(shown, "grow", 1)).toBeNull();
    expect(splitEdit(shown)).toBeNull();
  });
});
