import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DraftState, Request, Snapshot } from "../../contract/protocol";
import { EMPTY_DRAFT } from "../../state/optimism";
import { Store } from "../../state/store";
import { makeField, makeObject, makeState, makeUpdate, updateTo } from "../helpers";

const field = makeField(4, 4, () => 255);
const point = { x: 10, y: 20, label: 1 } as const;
const other = { x: 50, y: 60, label: 0 } as const;
const addPoint: Request = { kind: "add_point", ...point };
const done = { kind: "done" } as const;

function drafted(changes: Partial<DraftState>): DraftState {
  return { ...EMPTY_DRAFT, ...changes };
}

/** A store and the kernel that tells it what changes. */
function open(state: Partial<Snapshot> = {}) {
  let now = makeState(state);
  const store = new Store(now);
  const tell = (changes: Partial<Omit<Snapshot, "revision">>): void => {
    const update = updateTo(now, changes);
    now = { ...now, ...changes, revision: update.revision };
    store.receive(update);
  };
  return { store, tell };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("an edit on its way", () => {
  it("a click is shown at once, and once only when the kernel has it", () => {
    const { store, tell } = open();
    store.begin(1, addPoint);
    expect(store.shown.draft.points).toEqual([point]);
    expect(store.waiting).toBe(true);
    tell({ draft: drafted({ points: [point], field, scores: [0.9] }) });
    expect(store.shown.draft).toMatchObject({ points: [point], field });
    expect(store.waiting).toBe(true);
    store.end(1, done);
    expect(store.waiting).toBe(false);
    expect(store.shown.draft).toMatchObject({ points: [point], field });
  });

  it("a click that waits long for its mask is not shown twice meanwhile", () => {
    const { store, tell } = open();
    store.begin(1, addPoint);
    tell({ draft: drafted({ points: [point] }) });
    for (const progress of [0.2, 0.4]) {
      tell({ status: { phase: "embedding", message: "embedding", progress, device: "" } });
      expect(store.shown.draft.points).toEqual([point]);
    }
    store.begin(2, { kind: "set_tool", tool: "box" });
    tell({ controls: { ...makeState().controls, tool: "box" } });
    store.end(2, done);
    expect(store.shown.draft.points).toEqual([point]);
    expect(store.shown.controls.tool).toBe("box");
    tell({ draft: drafted({ points: [point], field }) });
    store.end(1, done);
    expect(store.shown.draft).toMatchObject({ points: [point], field });
  });

  it("is known again in the kernel's single precision", () => {
    const { store, tell } = open();
    const { x, y } = { x: 123.45678901234, y: 0.1 };
    const box_xyxy: [number, number, number, number] = [0.1, 0.2, 300.3, 200.7];
    store.begin(1, { kind: "add_point", x, y, label: 1 });
    store.begin(2, { kind: "set_box", box_xyxy });
    const kept = { x: Math.fround(x), y: Math.fround(y), label: 1 } as const;
    const [x1, y1, x2, y2] = box_xyxy.map(Math.fround) as typeof box_xyxy;
    tell({ draft: drafted({ points: [kept], box_xyxy: [x1, y1, x2, y2] }) });
    expect(store.shown.draft.points).toEqual([kept]);
  });

  it("several told at once and answered one by one are shown once all the time", () => {
    const { store, tell } = open();
    const third = { x: 1, y: 2, label: 1 } as const;
    store.begin(1, addPoint);
    store.begin(2, { kind: "add_point", ...other });
    store.begin(3, { kind: "remove_point", index: 0 });
    store.begin(4, { kind: "add_point", ...third });
    const after = [other, third];
    expect(store.shown.draft.points).toEqual(after);
    tell({ draft: drafted({ points: [...after], field }) });
    for (const seq of [1, 2, 3, 4]) {
      expect(store.shown.draft.points).toEqual(after);
      store.end(seq, done);
    }
    expect(store.shown.draft).toMatchObject({ points: after, field });
  });

  it("those that the kernel has not got to yet stay on top of what it tells", () => {
    const { store, tell } = open();
    store.begin(1, addPoint);
    store.begin(2, { kind: "add_point", ...other });
    tell({ draft: drafted({ points: [point], field }) });
    expect(store.shown.draft).toMatchObject({ points: [point, other], field });
    store.end(1, done);
    expect(store.shown.draft.points).toEqual([point, other]);
    tell({ draft: drafted({ points: [point, other], field }) });
    store.end(2, done);
    expect(store.shown.draft.points).toEqual([point, other]);
  });

  it("goes when the kernel refuses it, and the reason is told", () => {
    const { store } = open();
    store.begin(1, addPoint);
    store.end(1, { kind: "failed", message: "outside the image" });
    expect(store.shown.draft.points).toEqual([]);
    expect(store.notice).toEqual({ text: "outside the image", origin: "request" });
  });

  it("goes without a word when it was cancelled", () => {
    const { store } = open();
    store.begin(1, addPoint);
    store.end(1, { kind: "gone" });
    expect(store.shown.draft.points).toEqual([]);
    expect(store.notice).toBeNull();
  });

  it("one that the kernel takes back again after it was told", () => {
    const { store, tell } = open();
    store.begin(1, addPoint);
    tell({ draft: drafted({ points: [point] }) });
    tell({ draft: drafted({}) });
    store.end(1, { kind: "failed", message: "no memory" });
    expect(store.shown.draft.points).toEqual([]);
  });

  it("what somebody else does meanwhile is shown, too", () => {
    const { store, tell } = open();
    store.begin(1, addPoint);
    tell({ objects: [makeObject(5)] });
    expect(store.shown).toMatchObject({ objects: [{ id: 5 }], draft: { points: [point] } });
    tell({ draft: drafted({ points: [point], field }) });
    store.end(1, done);
    expect(store.shown).toMatchObject({ objects: [{ id: 5 }], draft: { points: [point] } });
  });

  it("a commit takes the prompts away and leaves the mask until it is an object", () => {
    const { store, tell } = open({ draft: drafted({ points: [point], field }) });
    store.begin(1, { kind: "commit", label: null });
    store.begin(2, { kind: "add_point", ...other });
    expect(store.shown.draft).toMatchObject({ points: [other], field });
    const controls = { ...makeState().controls, selected: 1, can_undo: true };
    tell({ draft: EMPTY_DRAFT, objects: [makeObject(1)], controls });
    expect(store.shown.objects).toHaveLength(1);
    expect(store.shown.draft).toMatchObject({ points: [other], field: null });
    store.end(1, done);
    expect(store.shown.draft).toMatchObject({ points: [other], field: null });
  });

  it("an undone step is shown when the kernel tells it", () => {
    const controls = { ...makeState().controls, can_undo: true };
    const { store, tell } = open({ draft: drafted({ points: [point], field }), controls });
    store.begin(1, { kind: "undo" });
    expect(store.shown.draft.points).toEqual([point]);
    tell({ draft: EMPTY_DRAFT, controls: { ...controls, can_undo: false, can_redo: true } });
    expect(store.shown.draft.points).toEqual([]);
    store.end(1, done);
    expect(store.shown).toMatchObject({ draft: EMPTY_DRAFT, controls: { can_redo: true } });
  });

  it("reopening an object and giving it up again never shows it twice", () => {
    const before = [makeObject(1), makeObject(2, { field })];
    const { store, tell } = open({ objects: before });
    store.begin(1, { kind: "reopen_object", id: 2 });
    expect(store.shown).toMatchObject({ objects: [{ id: 1 }], draft: { field, reopened: 2 } });
    const [first] = before;
    if (!first) throw new Error("no object");
    const reopened = drafted({ points: [point], field, scores: [0.9], reopened: 2 });
    tell({ objects: [first], draft: reopened });
    store.end(1, done);
    store.begin(2, { kind: "clear_prompts" });
    expect(store.shown).toMatchObject({ objects: [{ id: 1 }], draft: { field, reopened: null } });
    tell({ objects: before, draft: EMPTY_DRAFT });
    expect(store.shown).toMatchObject({ objects: [{ id: 1 }, { id: 2 }], draft: EMPTY_DRAFT });
    store.end(2, done);
    expect(store.shown.objects).toHaveLength(2);
  });

  it("a request that is no edit changes nothing", () => {
    const { store } = open();
    store.begin(1, { kind: "preview", x: 1, y: 1 });
    expect(store.waiting).toBe(false);
  });

  it("says so when it waits for long", () => {
    const { store } = open();
    store.begin(1, addPoint);
    expect(store.slow).toBe(false);
    vi.advanceTimersByTime(2000);
    expect(store.slow).toBe(true);
    store.end(1, done);
    expect(store.slow).toBe(false);
  });
});

describe("a lost update", () => {
  it("is noticed, and what was answered meanwhile stays until the state is there", () => {
    const { store } = open();
    store.begin(1, addPoint);
    store.receive(makeUpdate(9, { draft: drafted({ points: [point], field }) }));
    expect(store.isStale).toBe(true);
    store.end(1, done);
    expect(store.shown.draft.points).toEqual([point]);
    expect(store.waiting).toBe(false);
    const { image, status, controls } = makeState();
    const everything = {
      after: null,
      image: { image },
      status,
      draft: drafted({ points: [point], field }),
      objects: { order: [], changed: [] },
      controls,
    };
    store.receive(makeUpdate(12, everything));
    expect(store.isStale).toBe(false);
    expect(store.shown.draft).toMatchObject({ points: [point], field });
  });

  it("is over when the kernel has nothing to tell after all", () => {
    const { store } = open();
    store.receive(makeUpdate(9));
    store.begin(1, addPoint);
    store.end(1, done);
    store.caughtUp();
    expect(store.isStale).toBe(false);
    expect(store.shown.draft.points).toEqual([]);
  });
});

describe("notices", () => {
  it("of a failed request go with the next success, the kernel's stay until dismissed", () => {
    const { store } = open();
    store.begin(1, addPoint);
    store.end(1, { kind: "failed", message: "no" });
    store.begin(2, addPoint);
    store.end(2, done);
    expect(store.notice).toBeNull();
    store.notify("the checkpoint is broken");
    store.begin(3, addPoint);
    store.end(3, done);
    expect(store.notice?.text).toBe("the checkpoint is broken");
    store.dismissNotice();
    expect(store.notice).toBeNull();
  });

  it("an error phase is one, also when it was there first", () => {
    const status = { phase: "error", message: "no such file", progress: null, device: "" } as const;
    expect(open({ status }).store.notice?.text).toBe("no such file");
    const { store, tell } = open();
    tell({ status });
    expect(store.notice?.text).toBe("no such file");
  });
});

describe("Store", () => {
  it("tells its listeners of each update once, and of none after dispose", () => {
    const { store, tell } = open();
    let calls = 0;
    store.subscribe(() => {
      calls++;
    });
    tell({ objects: [makeObject(1)], draft: drafted({ points: [point] }), image: null });
    expect(calls).toBe(1);
    store.begin(1, addPoint);
    store.dispose();
    tell({ objects: [] });
    expect(calls).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
