import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fitView, toView, type Viewport, zoomAt } from "../../frame/viewport";
import { type Hand, Hands, movedCursor, revealed } from "../../tools/hands";
import { longPressed, moved, pressed, released } from "../../tools/pointer";
import { IDLE, type PointerInput, type ToolState } from "../../tools/types";
import { makeObject } from "../helpers";

// A 400 x 300 image at 2 css pixels a pixel.
const viewport = fitView(400, 300, 800, 600);

function pointer(x: number, y: number, changes: Partial<PointerInput> = {}): PointerInput {
  const still = { alt: false, ctrl: false, shift: false };
  return { x, y, id: 1, device: "mouse", button: 0, ...still, ...changes };
}

/** Hands over a hand that writes down what it is told. */
function open(at: Viewport = viewport) {
  const told: string[] = [];
  const watched: unknown[] = [];
  const say = (what: string, { id, x, y, button, alt }: PointerInput): void => {
    told.push(`${what} ${id < 0 ? "key" : id} ${x},${y} ${button}${alt ? " alt" : ""}`);
  };
  const hand: Hand = {
    pointerDown: (input) => say("down", input),
    pointerMove: (input) => say("move", input),
    pointerUp: (input) => say("up", input),
    longPress: (input) => say("long", input),
    pointerCancel: (id) => told.push(`cancel ${id < 0 ? "key" : id}`),
    pointerLeave: () => told.push("leave"),
    doubleClick: () => {},
    wheel: () => false,
    key: () => false,
    space: () => {},
    keyUp: () => {},
  };
  const sight = { viewport: at, requestPaint: vi.fn() };
  const controller = new AbortController();
  const hands = new Hands(
    hand,
    sight,
    (event, { x, y }) => watched.push([event, x, y]),
    controller.signal,
  );
  const event = { timeStamp: 0 } as PointerEvent;
  return { hands, told, watched, sight, event, controller };
}

const move = (dx: number, dy: number) => ({ do: "move_cursor", dx, dy }) as const;
const click = { do: "press_cursor", opposite: false, hold: false } as const;
const opposite = { do: "press_cursor", opposite: true, hold: false } as const;
const hold = { do: "press_cursor", opposite: false, hold: true } as const;

describe("the keys' cursor", () => {
  it("begins in the middle, or where the pointer is, and moves from there", () => {
    const { hands } = open();
    expect(hands.cursor).toBeNull();
    hands.run(move(10, 0));
    expect(hands.cursor?.at).toEqual({ x: 200, y: 150 });
    hands.run(move(10, -2));
    expect(hands.cursor?.at).toEqual({ x: 205, y: 149 });
    const other = open();
    other.hands.pointerMove(pointer(100, 40));
    other.hands.run(move(1, 0));
    expect(other.hands.cursor?.at).toEqual({ x: 50, y: 20 });
  });

  it("clicks as the left and the right button do", () => {
    const { hands, told } = open();
    hands.run(click);
    hands.run(opposite);
    expect(told).toEqual([
      "move key 400,300 -1",
      "down key 400,300 0",
      "up key 400,300 0",
      "down key 400,300 2 alt",
      "up key 400,300 2 alt",
    ]);
  });

  it("holds, drags and lets go", () => {
    const { hands, told } = open();
    hands.run(move(0, 0));
    hands.run(hold);
    expect(hands.cursor?.isHeld).toBe(true);
    hands.run(move(10, 10));
    hands.run(click);
    expect(hands.cursor?.isHeld).toBe(false);
    expect(told.slice(1)).toEqual([
      "down key 400,300 0",
      "move key 410,310 -1",
      "up key 410,310 0",
    ]);
  });

  it("gives up what it holds, once", () => {
    const { hands } = open();
    hands.run(hold);
    expect(hands.letGo()).toBe(-2);
    expect(hands.letGo()).toBeNull();
    expect(hands.cursor?.isHeld).toBe(false);
  });

  it("goes when a real pointer moves or presses, and what it holds with it", () => {
    const { hands, told, event } = open();
    hands.pointerMove(pointer(10, 10));
    hands.run(hold);
    hands.pointerMove(pointer(11, 10)); // the page has moved, not the mouse
    expect(hands.cursor).not.toBeNull();
    hands.pointerMove(pointer(30, 10));
    expect(hands.cursor).toBeNull();
    expect(told.slice(-2)).toEqual(["cancel key", "move 1 30,10 0"]);
    hands.run(move(1, 1));
    hands.pointerDown(pointer(50, 50), event);
    expect(hands.cursor).toBeNull();
  });

  it("stays on the image", () => {
    expect(movedCursor(viewport, { x: 399, y: 1 }, 10, -10)).toEqual({ x: 400, y: 0 });
  });

  it("is kept in sight of a zoomed view, with no more movement than that takes", () => {
    const near = zoomAt(viewport, { x: 0, y: 0 }, 4);
    expect(revealed(near, { x: 50, y: 30 })).toBe(near);
    const shown = revealed(near, { x: 200, y: 30 });
    expect(toView(shown, { x: 200, y: 30 })).toEqual({ x: 800 - 24, y: 240 });
    expect(revealed(viewport, { x: 400, y: 300 })).toBe(viewport); // there is nowhere to go
  });
});

describe("a long press", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ["touch", true],
    ["pen", true],
    ["mouse", false],
  ] as const)("of %s: %s", (device, expected) => {
    const { hands, told, event } = open();
    hands.pointerDown(pointer(10, 10, { device }), event);
    vi.advanceTimersByTime(1000);
    expect(told.some((line) => line.startsWith("long"))).toBe(expected);
  });

  it.each([
    ["lifted", ({ hands, event }: ReturnType<typeof open>) => hands.pointerUp(finger, event)],
    ["taken away", ({ hands }: ReturnType<typeof open>) => hands.pointerCancel(1)],
    ["unmounted", ({ controller }: ReturnType<typeof open>) => controller.abort()],
  ] as const)("is none when the finger is %s before", (_, end) => {
    const opened = open();
    opened.hands.pointerDown(finger, opened.event);
    end(opened);
    vi.advanceTimersByTime(1000);
    expect(opened.told.some((line) => line.startsWith("long"))).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});

const finger = pointer(300, 200, { device: "touch" });

describe("longPressed", () => {
  const tools = (changes: Partial<ToolState> = {}): ToolState => ({
    tool: "positive",
    selection: [],
    draftField: null,
    draftRings: null,
    selected: null,
    brushPx: 20,
    polygon: null,
    viewport,
    points: [],
    box_xyxy: null,
    objects: [],
    found: [],
    hasDraft: false,
    spaceHeld: false,
    readOnly: false,
    ...changes,
  });

  it("is a negative point, and lifting the finger adds no other", () => {
    const down = pressed(IDLE, finger, tools());
    const long = longPressed(down.gesture, 1, tools());
    expect(long.commands).toEqual([
      { do: "send", request: { kind: "add_point", x: 150, y: 100, label: 0 } },
    ]);
    const drag = moved(long.gesture, { ...finger, x: 500 }, tools());
    expect(released(drag.gesture, finger, tools())).toEqual({ gesture: IDLE, commands: [] });
  });

  it("is nothing once the finger has moved far, or for another finger", () => {
    const down = pressed(IDLE, finger, tools());
    expect(longPressed(down.gesture, 2, tools())).toEqual({ ...down, commands: [] });
    const drag = moved(down.gesture, { ...finger, x: 400 }, tools()).gesture;
    expect(longPressed(drag, 1, tools())).toEqual({ gesture: drag, commands: [] });
  });

  it("without a kernel the finger still moves the picture", () => {
    const readOnly = tools({ readOnly: true, objects: [makeObject(1)] });
    const down = pressed(IDLE, finger, readOnly);
    const long = longPressed(down.gesture, 1, readOnly);
    expect(long.commands).toEqual([]);
    expect(moved(long.gesture, { ...finger, x: 400 }, readOnly).gesture.kind).toBe("pan");
  });
});

describe("who watches the pointer", () => {
  it("is told in pixels of the image, and nothing of the keys", () => {
    const { hands, watched, event } = open();
    hands.pointerMove(pointer(20, 10));
    hands.pointerDown(pointer(40, 20), event);
    hands.pointerUp(pointer(60, 20), event);
    hands.pointerLeave();
    hands.run(click);
    expect(watched).toEqual([
      ["mouse_move", 10, 5],
      ["mouse_down", 20, 10],
      ["mouse_up", 30, 10],
      ["mouse_out", 10, 5],
    ]);
  });
});
