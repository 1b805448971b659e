import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Controls, DraftState, ObjectState } from "../../contract/protocol";
import { EMPTY_DRAFT, type Shown } from "../../state/optimism";
import { Announcer, announcement, placeText } from "../../ui/announce";
import { makeField, makeObject, makeState } from "../helpers";

interface Changes {
  draft?: Partial<DraftState>;
  controls?: Partial<Controls>;
  objects?: ObjectState[];
}

function shown({ draft, controls, objects = [] }: Changes = {}): Shown {
  const usual = makeState().controls;
  return {
    draft: { ...EMPTY_DRAFT, ...draft },
    controls: { ...usual, ...controls },
    objects,
    found: null,
  };
}

const cup = makeObject(1, { label: "cup", area: 1234 });
const other = makeObject(2);
const field = makeField(4, 4, () => 255);
const point = { x: 1, y: 2, label: 1 } as const;
const mask = { points: [point], field, scores: [0.5, 0.93, 0.7], choice: 1 };

describe("announcement", () => {
  it.each<[string, Changes, Changes, string]>([
    ["an object", {}, { objects: [cup] }, "Added cup, 1,234 px, 1 object"],
    [
      "several",
      { objects: [cup] },
      { objects: [cup, other, makeObject(3)] },
      "2 objects added, 3 objects",
    ],
    ["one less", { objects: [cup, other] }, { objects: [other] }, "Removed, 1 object"],
    [
      "a mask",
      { draft: { points: [point] } },
      { draft: mask },
      "Mask 2 of 3 from 1 point, predicted quality 93%",
    ],
    [
      "a refined one",
      { draft: mask },
      {
        draft: {
          ...mask,
          box_xyxy: [0, 0, 9, 9],
          field: makeField(4, 4, () => 9),
          scores: [0.8],
          choice: 0,
        },
      },
      "Mask from a box and 1 point, predicted quality 80%",
    ],
    ["prompts given up", { draft: mask }, {}, "Prompts cleared"],
    ["a tool", {}, { controls: { tool: "box" } }, "Tool: box"],
    [
      "a selection",
      { objects: [cup] },
      { objects: [cup], controls: { selected: 1 } },
      "Selected cup",
    ],
    [
      "none any more",
      { objects: [other], controls: { selected: 2 } },
      { objects: [other] },
      "Nothing selected",
    ],
    [
      "a reopened object, which is no object meanwhile",
      { objects: [cup] },
      { draft: { reopened: 1, field } },
      "Object open to be refined",
    ],
    ["a point that waits for its mask", {}, { draft: { points: [point] } }, ""],
    ["nothing", { objects: [cup], draft: mask }, { objects: [cup], draft: mask }, ""],
  ])("%s", (_, before, now, expected) => {
    expect(announcement(shown(before), shown(now))).toBe(expected);
  });
});

describe("placeText", () => {
  it("names the pixel, and what lies there", () => {
    const lying = makeObject(4, { field: makeField(4, 4, () => 255, [0, 0, 50, 50]) });
    const state = shown({ objects: [lying] });
    expect(placeText({ x: 20.9, y: 10.2 }, state)).toBe("20, 10, on object 4");
    expect(placeText({ x: 120, y: 10 }, state)).toBe("120, 10");
  });
});

describe("Announcer", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("says the last of what comes fast, and nothing of how it began", () => {
    const controller = new AbortController();
    const announcer = new Announcer(controller.signal);
    announcer.update(shown({ objects: [cup] }));
    vi.advanceTimersByTime(1000);
    expect(announcer.element.textContent).toBe("");
    announcer.say("10, 10");
    vi.advanceTimersByTime(100);
    announcer.say("20, 10");
    vi.advanceTimersByTime(300);
    expect(announcer.element.textContent).toBe("20, 10");
    announcer.say("30, 10");
    controller.abort();
    expect(vi.getTimerCount()).toBe(0);
  });
});
