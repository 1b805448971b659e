import { describe, expect, it } from "vitest";
import { fitView, zoomAt } from "../../frame/viewport";
import { cursorFor, wantsPreview } from "../../tools/cursor";
import { wheelCommand } from "../../tools/pan";
import { cancelled, moved, pressed, released } from "../../tools/pointer";
import { refineRequests } from "../../tools/select";
import {
  type Command,
  type Gesture,
  IDLE,
  type PointerInput,
  type ToolState,
} from "../../tools/types";
import { makeField, makeObject } from "../helpers";

// A 400 x 300 image at 2 css pixels a pixel, with a margin of 100 at each side.
const viewport = fitView(400, 300, 1000, 600);

function state(changes: Partial<ToolState> = {}): ToolState {
  return {
    tool: "positive",
    viewport,
    points: [],
    box_xyxy: null,
    objects: [],
    selection: [],
    found: [],
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

function pointer(x: number, y: number, changes: Partial<PointerInput> = {}): PointerInput {
  return {
    x,
    y,
    id: 1,
    device: "mouse",
    button: 0,
    alt: false,
    ctrl: false,
    shift: false,
    ...changes,
  };
}

/** Press at the first place, move over the others, release at the last. */
function drag(
  places: [number, number][],
  tools: ToolState = state(),
  changes: Partial<PointerInput> = {},
): { gesture: Gesture; commands: Command[] } {
  const [first = [0, 0], ...rest] = places;
  const last = places.at(-1) ?? first;
  let { gesture, commands } = pressed(IDLE, pointer(...first, changes), tools);
  const all = [...commands];
  for (const place of rest) {
    ({ gesture, commands } = moved(gesture, pointer(...place, { ...changes, button: -1 }), tools));
    all.push(...commands);
  }
  ({ gesture, commands } = released(gesture, pointer(...last, changes), tools));
  all.push(...commands);
  return { gesture, commands: all };
}

const addPoint = (x: number, y: number, label: 0 | 1): Command => ({
  do: "send",
  request: { kind: "add_point", x, y, label },
});

describe("clicks", () => {
  it.each([
    ["left", "positive", {}, 1],
    ["left with the negative tool", "negative", {}, 0],
    ["right", "positive", { button: 2 }, 0],
    ["Alt+left", "positive", { alt: true }, 0],
    ["Ctrl+left, a Mac's right click", "positive", { ctrl: true }, 0],
    ["right with the box tool", "box", { button: 2 }, 0],
    ["a shaky left", "positive", { shake: 2 }, 1],
    ["a shaky right", "positive", { button: 2, shake: 10 }, 0],
  ] as const)("%s gives the point's sign", (_, tool, changes, label) => {
    const { shake = 0, ...event } = { shake: 0, ...changes };
    const { gesture, commands } = drag(
      [
        [300, 200],
        [300 + shake, 200],
      ],
      state({ tool }),
      event,
    );
    expect(commands).toEqual([addPoint(100, 100, label)]);
    expect(gesture).toEqual(IDLE);
  });

  it.each([
    ["in the margin", [50, 200], {}, {}],
    ["left with the box tool", [300, 200], {}, { tool: "box" }],
    [
      "on a point that is there already",
      [303, 204],
      {},
      { points: [{ x: 100, y: 100, label: 1 }] },
    ],
    ["middle", [300, 200], { button: 1 }, {}],
    ["back button", [300, 200], { button: 3 }, {}],
  ] as const)("%s does nothing", (_, [x, y], event, tools) => {
    expect(drag([[x, y]], state(tools), event).commands).toEqual([]);
  });

  it("a second press of another button during a drag changes nothing", () => {
    const box = moved(
      pressed(IDLE, pointer(300, 200), state()).gesture,
      pointer(400, 300),
      state(),
    ).gesture;
    expect(pressed(box, pointer(400, 300, { button: 2 }), state())).toEqual({
      gesture: box,
      commands: [],
    });
  });
});

describe("boxes", () => {
  it("a drag in any direction gives a box with sorted corners", () => {
    const { commands } = drag([
      [500, 400],
      [450, 300],
      [300, 200],
    ]);
    expect(commands).toEqual([
      { do: "send", request: { kind: "set_box", box_xyxy: [100, 100, 200, 200] } },
    ]);
  });

  it("is cut off at the image's border", () => {
    const { commands } = drag([
      [20, 100],
      [990, 5000],
    ]);
    expect(commands).toEqual([
      { do: "send", request: { kind: "set_box", box_xyxy: [0, 50, 400, 300] } },
    ]);
  });

  it.each([
    ["thin", [300, 202]],
    ["back where it began", [301, 201]],
  ] as const)("a %s one is a slip", (_, [x, y]) => {
    const { commands } = drag([
      [300, 200],
      [380, 280],
      [x, y],
    ]);
    expect(commands).toEqual([]);
  });

  it("a corner can be dragged, the opposite one stays", () => {
    const tools = state({ box_xyxy: [50, 60, 150, 160] });
    const { commands } = drag(
      [
        [402, 318],
        [450, 500],
        [500, 520],
      ],
      tools,
    );
    expect(commands).toEqual([
      { do: "send", request: { kind: "set_box", box_xyxy: [50, 60, 200, 260] } },
    ]);
  });
});

describe("existing points", () => {
  const points = [
    { x: 100, y: 100, label: 1 },
    { x: 200, y: 150, label: 0 },
  ] as const;

  it("are moved by a drag and stay in the image", () => {
    const { commands } = drag(
      [
        [501, 299],
        [700, 300],
        [2000, 400],
      ],
      state({ points, tool: "select" }),
    );
    expect(commands).toEqual([
      { do: "send", request: { kind: "move_point", index: 1, x: 400, y: 200 } },
    ]);
  });

  it("are reached from farther with a finger", () => {
    const tools = state({ points });
    const touch = { device: "touch" } as const;
    expect(drag([[512, 300]], tools).commands).toHaveLength(1);
    expect(drag([[512, 300]], tools, touch).commands).toHaveLength(0);
  });
});

describe("select tool", () => {
  const lower = makeObject(1, { area: 900, field: makeField(4, 4, () => 255, [0, 0, 200, 200]) });
  const upper = makeObject(2, { area: 100, field: makeField(4, 4, () => 255, [0, 0, 80, 80]) });

  it.each([
    ["adds with Shift", {}, true, [1], { kind: "select_objects", ids: [1, 2] }],
    ["takes out with Shift", {}, true, [2, 1], { kind: "select_objects", ids: [1] }],
    ["goes through a locked one", { locked: true }, false, [], { kind: "select_object", id: 1 }],
    ["does not see a hidden one", { hidden: true }, false, [], { kind: "select_object", id: 1 }],
  ] as const)("click %s", (_, changes, shift, selection, request) => {
    const objects = [lower, { ...upper, ...changes }];
    const tools = state({ tool: "select", objects, selection });
    expect(drag([[150, 50]], tools, { shift }).commands).toEqual([{ do: "send", request }]);
  });

  it("Shift beside all objects leaves what is selected", () => {
    const tools = state({ tool: "select", objects: [lower], selection: [1] });
    expect(drag([[800, 500]], tools, { shift: true }).commands).toEqual([]);
  });

  it("a locked object is not refined", () => {
    const tools = state({ tool: "select", objects: [{ ...upper, locked: true }] });
    expect(refineRequests(pointer(150, 50), tools)).toEqual([]);
  });

  const inner = makeObject(7, { area: 50, field: makeField(4, 4, () => 255, [100, 100, 40, 40]) });
  const outer = makeObject(3, { area: 900, field: makeField(4, 4, () => 255, [0, 0, 400, 300]) });
  const tools = state({ tool: "select", objects: [inner, outer] });

  it.each([
    ["the smaller of two", [340, 240], 7],
    ["the only one there", [700, 500], 3],
    ["none in the margin", [20, 20], null],
  ] as const)("click selects %s", (_, [x, y], id) => {
    expect(drag([[x, y]], tools).commands).toEqual([
      { do: "send", request: { kind: "select_object", id } },
    ]);
  });

  it("drag pans by what the pointer moved, from the press on", () => {
    const { commands } = drag(
      [
        [300, 200],
        [310, 190],
        [330, 200],
      ],
      tools,
    );
    expect(sum(commands)).toEqual([30, 0]);
  });
});

function sum(commands: Command[]): [number, number] {
  let total: [number, number] = [0, 0];
  for (const command of commands) {
    if (command.do !== "pan") throw new Error(`expected only pans, got ${command.do}`);
    total = [total[0] + command.dx, total[1] + command.dy];
  }
  return total;
}

describe("panning", () => {
  it.each([
    ["space", { spaceHeld: true }, {}],
    ["middle button", {}, { button: 1 }],
  ] as const)("%s + drag", (_, tools, event) => {
    const { commands } = drag(
      [
        [300, 200],
        [350, 260],
        [340, 300],
      ],
      state(tools),
      event,
    );
    expect(sum(commands)).toEqual([40, 100]);
  });
});

describe("touch", () => {
  const touch = (id: number, x: number, y: number): PointerInput =>
    pointer(x, y, { id, device: "touch" });

  it("a tap is a click", () => {
    expect(drag([[300, 200]], state(), { device: "touch" }).commands).toEqual([
      addPoint(100, 100, 1),
    ]);
  });

  it("two fingers zoom about their middle, and neither leaves a click or box behind", () => {
    let { gesture } = pressed(IDLE, touch(1, 400, 300), state());
    ({ gesture } = pressed(gesture, touch(2, 500, 300), state()));
    expect(gesture.kind).toBe("pinch");
    const spread = moved(gesture, touch(2, 600, 300), state());
    expect(spread.commands).toEqual([
      { do: "pan", dx: 50, dy: 0 },
      { do: "zoom", at: { x: 500, y: 300 }, factor: 2 },
    ]);
    const first = released(spread.gesture, touch(1, 400, 300), state());
    expect(first.gesture).toEqual({ kind: "spent", ids: [2] });
    const dragged = moved(first.gesture, touch(2, 100, 100), state());
    const second = released(dragged.gesture, touch(2, 100, 100), state());
    expect(second).toEqual({ gesture: IDLE, commands: [] });
  });
});

describe("cancelled", () => {
  it("by the browser: nothing is sent and the next press counts", () => {
    const box = moved(
      pressed(IDLE, pointer(300, 200), state()).gesture,
      pointer(400, 300),
      state(),
    );
    expect(cancelled(box.gesture, 1)).toEqual({ gesture: IDLE, commands: [] });
  });

  it("by Escape: the button that is still down sends nothing when it is let go", () => {
    const box = moved(
      pressed(IDLE, pointer(300, 200), state()).gesture,
      pointer(400, 300),
      state(),
    );
    const { gesture } = cancelled(box.gesture, null);
    expect(released(gesture, pointer(420, 330), state())).toEqual({ gesture: IDLE, commands: [] });
  });
});

describe("wheelCommand", () => {
  const wheel = { x: 10, y: 20, deltaY: -100, mode: 0, ctrl: false, focused: false };

  it("lets the notebook scroll unless Ctrl is down or the canvas has the focus", () => {
    expect(wheelCommand(wheel)).toBeNull();
    expect(wheelCommand({ ...wheel, ctrl: true })).not.toBeNull();
    expect(wheelCommand({ ...wheel, focused: true })).not.toBeNull();
  });

  it.each([
    ["a notch in pixels", -100, 0],
    ["three lines", -3, 1],
    ["a pinch's small step", -5, 0],
  ])("zooms in a little: %s", (_, deltaY, mode) => {
    const command = wheelCommand({ ...wheel, deltaY, mode, ctrl: true });
    if (command?.do !== "zoom") throw new Error("expected a zoom");
    expect(command.factor).toBeGreaterThan(1.03);
    expect(command.factor).toBeLessThan(1.35);
    expect(command.at).toEqual({ x: 10, y: 20 });
  });

  it("in and out cancel each other", () => {
    const inward = wheelCommand({ ...wheel, focused: true });
    const outward = wheelCommand({ ...wheel, focused: true, deltaY: 100 });
    if (inward?.do !== "zoom" || outward?.do !== "zoom") throw new Error("expected zooms");
    expect(inward.factor * outward.factor).toBeCloseTo(1, 9);
  });
});

describe("without a kernel", () => {
  const tools = state({ readOnly: true, points: [{ x: 100, y: 100, label: 1 }] });

  it.each([
    ["on the image", [400, 300], {}],
    ["right", [400, 300], { button: 2 }],
    ["on a point", [300, 200], {}],
  ] as const)("a click does nothing: %s", (_, place, event) => {
    expect(drag([[...place]], tools, event).commands).toEqual([]);
  });

  it("a drag moves the picture", () => {
    const path: [number, number][] = [
      [300, 200],
      [340, 230],
    ];
    expect(drag(path, tools).commands.map((command) => command.do)).toContain("pan");
    expect(drag(path, tools).commands.map((command) => command.do)).not.toContain("send");
  });
});

describe("refineRequests", () => {
  const object = makeObject(4, { field: makeField(4, 4, () => 255, [0, 0, 50, 50]) });
  const reopen = { kind: "reopen_object", id: 4 };
  it.each([
    ["an object", { tool: "select" }, [150, 50], [reopen, { kind: "set_tool", tool: "positive" }]],
    ["beside it", { tool: "select" }, [400, 300], []],
    ["with another tool, whose clicks are points", { tool: "positive" }, [150, 50], []],
    ["without a kernel", { tool: "select", readOnly: true }, [150, 50], []],
  ] as const)("%s", (_, tools, [x, y], expected) => {
    expect(refineRequests(pointer(x, y), state({ ...tools, objects: [object] }))).toEqual(expected);
  });
});

describe("cursorFor", () => {
  const object = makeObject(1, { field: makeField(4, 4, () => 255, [0, 0, 50, 50]) });
  it.each([
    ["on the image", state(), [300, 200], "crosshair"],
    ["in the margin", state(), [20, 20], "default"],
    ["with space", state({ spaceHeld: true }), [300, 200], "grab"],
    ["without a kernel", state({ readOnly: true }), [300, 200], "grab"],
    ["on a point", state({ points: [{ x: 100, y: 100, label: 1 }] }), [300, 200], "grab"],
    ["on a falling corner", state({ box_xyxy: [100, 100, 200, 200] }), [300, 200], "nwse-resize"],
    ["on a rising corner", state({ box_xyxy: [100, 100, 200, 200] }), [500, 200], "nesw-resize"],
    ["on an object", state({ tool: "select", objects: [object] }), [150, 50], "pointer"],
    ["beside objects", state({ tool: "select", objects: [object] }), [400, 300], "grab"],
  ] as const)("%s", (_, tools, [x, y], expected) => {
    expect(cursorFor(IDLE, pointer(x, y), tools)).toBe(expected);
  });
});

describe("wantsPreview", () => {
  it("only where a click would begin an object", () => {
    const at = pointer(300, 200, { button: -1 });
    expect(wantsPreview(IDLE, at, state())).toBe(true);
    for (const tools of [
      state({ tool: "negative" }),
      state({ tool: "box" }),
      state({ tool: "select" }),
      state({ spaceHeld: true }),
      state({ hasDraft: true }),
      state({ readOnly: true }),
    ]) {
      expect(wantsPreview(IDLE, at, tools)).toBe(false);
    }
    expect(wantsPreview(IDLE, pointer(20, 20), state())).toBe(false);
    expect(wantsPreview(IDLE, { ...at, alt: true }, state())).toBe(false);
    expect(wantsPreview(IDLE, { ...at, device: "touch" }, state())).toBe(false);
    expect(wantsPreview({ kind: "spent", ids: [1] }, at, state())).toBe(false);
  });

  it("in image coordinates of a zoomed view, too", () => {
    const near = state({ viewport: zoomAt(viewport, { x: 500, y: 300 }, 4) });
    expect(wantsPreview(IDLE, pointer(5, 5), near)).toBe(true);
  });
});
