import { describe, expect, it } from "vitest";
import { fitView, type Point } from "../../frame/viewport";
import { moved, pressed, released } from "../../tools/pointer";
import { spread } from "../../tools/scribble";
import { IDLE, type PointerInput, type ToolState } from "../../tools/types";
import { makeFoundMask } from "../helpers";

// A 400 x 300 image at 2 css pixels a pixel.
const viewport = fitView(400, 300, 800, 600);
const tools: ToolState = {
  tool: "scribble",
  viewport,
  points: [],
  box_xyxy: null,
  objects: [],
  selection: [],
  draftField: null,
  draftRings: null,
  selected: null,
  brushPx: 10,
  polygon: null,
  found: [],
  hasDraft: false,
  spaceHeld: false,
  readOnly: false,
};

function stroke(
  places: [number, number][],
  changes: Partial<PointerInput> = {},
  state: Partial<ToolState> = {},
) {
  const input = ([x, y]: [number, number]): PointerInput => ({
    x,
    y,
    id: 1,
    device: "mouse",
    button: 0,
    alt: false,
    ctrl: false,
    shift: false,
    ...changes,
  });
  const all = { ...tools, ...state };
  const [first = [0, 0], ...rest] = places;
  let { gesture } = pressed(IDLE, input(first), all);
  for (const place of rest) ({ gesture } = moved(gesture, input(place), all));
  return released(gesture, input(places.at(-1) ?? first), all);
}

function gaps(points: readonly Point[]): number[] {
  return points.flatMap((a, i) => points.slice(i + 1).map((b) => Math.hypot(a.x - b.x, a.y - b.y)));
}

describe("spread", () => {
  const line = Array.from({ length: 50 }, (_, i) => ({ x: 2 * i, y: 10 }));

  it("begins where the path begins, keeps its order, and its distance", () => {
    const points = spread(line, 20, 8);
    expect(points[0]).toEqual({ x: 0, y: 10 });
    expect(points.map(({ x }) => x)).toEqual([...points.map(({ x }) => x)].sort((a, b) => a - b));
    expect(Math.min(...gaps(points))).toBeGreaterThanOrEqual(20);
    expect(points.at(-1)?.x).toBeCloseTo(98);
  });

  it("gives no more than it may, however long the path", () => {
    expect(spread(line, 1, 8)).toHaveLength(8);
  });

  it("gives two points of one place once: to and fro", () => {
    const there = spread(line, 30, 8);
    expect(spread([...line, ...[...line].reverse()], 30, 8)).toHaveLength(there.length);
  });

  it("fills the gaps of a fast hand", () => {
    const points = spread(
      [
        { x: 0, y: 0 },
        { x: 300, y: 0 },
      ],
      50,
      8,
    );
    expect(points.length).toBeGreaterThan(4);
    expect(Math.min(...gaps(points))).toBeGreaterThanOrEqual(50);
  });

  it.each([
    ["nothing", [], 0],
    ["one place", [{ x: 3, y: 4 }], 1],
    [
      "hardly a move",
      [
        { x: 3, y: 4 },
        { x: 4, y: 4 },
      ],
      1,
    ],
  ])("of %s", (_, path, count) => {
    expect(spread(path, 20, 8)).toHaveLength(count);
  });
});

describe("a stroke", () => {
  it("becomes several points in one request", () => {
    const { gesture, commands } = stroke([
      [200, 200],
      [300, 200],
      [400, 260],
    ]);
    expect(gesture).toEqual(IDLE);
    expect(commands).toHaveLength(1);
    const [command] = commands;
    if (command?.do !== "send" || command.request.kind !== "add_points") throw new Error("no");
    const { points } = command.request;
    expect(points.length).toBeGreaterThan(3);
    expect(points[0]).toEqual([100, 100, 1]);
    expect(points.every(([x, y, label]) => x <= 200 && y <= 130 && label === 1)).toBe(true);
  });

  it.each([
    ["with the right button", { button: 2 }],
    ["with Alt", { alt: true }],
  ])("%s says what does not belong", (_, changes) => {
    const { commands } = stroke(
      [
        [200, 200],
        [300, 200],
      ],
      changes,
    );
    expect(commands).toMatchObject([{ request: { kind: "add_points" } }]);
    const labels = commands.flatMap((command) =>
      command.do === "send" && command.request.kind === "add_points"
        ? command.request.points.map(([, , label]) => label)
        : [],
    );
    expect(new Set(labels)).toEqual(new Set([0]));
  });

  it("that is short is a point, a click is one, too", () => {
    const point = { kind: "add_point", x: 100, y: 100, label: 1 };
    expect(
      stroke([
        [200, 200],
        [206, 200],
      ]).commands,
    ).toEqual([{ do: "send", request: point }]);
    expect(stroke([[200, 200]]).commands).toEqual([{ do: "send", request: point }]);
  });

  it("leaves out what is beyond the image", () => {
    const { commands } = stroke([
      [700, 300],
      [900, 300],
    ]);
    const [command] = commands;
    if (command?.do !== "send" || command.request.kind !== "add_points") throw new Error("no");
    expect(command.request.points.every(([x]) => x <= 400)).toBe(true);
  });

  it("begins on a point there is: that is moved", () => {
    const { commands } = stroke(
      [
        [202, 200],
        [300, 240],
      ],
      {},
      { points: [{ x: 100, y: 100, label: 0 }], hasDraft: true },
    );
    expect(commands).toEqual([
      { do: "send", request: { kind: "move_point", index: 0, x: 150, y: 120 } },
    ]);
  });

  it("over what a search has found is a stroke; only a click takes it", () => {
    const found = [makeFoundMask(7, [50, 50, 250, 250])];
    const over = stroke(
      [
        [200, 200],
        [400, 200],
      ],
      {},
      { found },
    );
    expect(over.commands).toMatchObject([{ request: { kind: "add_points" } }]);
    expect(stroke([[200, 200]], {}, { found }).commands).toEqual([
      { do: "send", request: { kind: "take_found", ids: [7] } },
    ]);
  });

  it("without a kernel moves the picture", () => {
    const { commands } = stroke(
      [
        [200, 200],
        [400, 200],
      ],
      {},
      { readOnly: true },
    );
    expect(commands.every((command) => command.do === "pan")).toBe(true);
  });
});
