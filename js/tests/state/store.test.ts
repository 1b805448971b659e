import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DraftState, Request } from "../../contract/protocol";
import { EMPTY_DRAFT } from "../../state/optimism";
import { Store, shareFields } from "../../state/store";
import { FakeModel, makeField, makeObject } from "../helpers";

const field = makeField(4, 4, () => 255);
const point = { x: 10, y: 20, label: 1 } as const;
const other = { x: 50, y: 60, label: 0 } as const;
const addPoint: Request = { kind: "add_point", ...point };

function drafted(changes: Partial<DraftState>): DraftState {
  return { ...EMPTY_DRAFT, ...changes };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a request on its way", () => {
  it("a click is shown at once and once only when the kernel's draft has it", () => {
    const model = new FakeModel();
    const store = new Store(model);
    store.begin(1, addPoint);
    expect(store.shown.draft.points).toEqual([point]);
    expect(store.waiting).toBe(true);
    model.set("_draft", drafted({ points: [point], field, scores: [0.9] }));
    expect(store.shown.draft.points).toEqual([point]);
    store.end(1, { kind: "done" });
    expect(store.waiting).toBe(false);
    expect(store.shown.draft).toMatchObject({ points: [point], field });
  });

  it("goes when the kernel refuses it, and the reason is told", () => {
    const store = new Store(new FakeModel());
    store.begin(1, addPoint);
    store.end(1, { kind: "failed", message: "outside the image" });
    expect(store.shown.draft.points).toEqual([]);
    expect(store.notice).toEqual({ text: "outside the image", origin: "request" });
  });

  it("goes without a word when it was cancelled", () => {
    const store = new Store(new FakeModel());
    store.begin(1, addPoint);
    store.end(1, { kind: "gone" });
    expect(store.shown.draft.points).toEqual([]);
    expect(store.notice).toBeNull();
  });

  it("two clicks in a hurry: each is shown once while the first is confirmed", () => {
    const model = new FakeModel();
    const store = new Store(model);
    store.begin(1, addPoint);
    store.begin(2, { kind: "add_point", ...other });
    expect(store.shown.draft.points).toEqual([point, other]);
    model.set("_draft", drafted({ points: [point], field }));
    expect(store.shown.draft.points).toEqual([point, other]);
    model.set("_draft", drafted({ points: [point, other], field }));
    expect(store.shown.draft.points).toEqual([point, other]);
  });

  it("is kept a little when the reply overtakes the state, and never for good", () => {
    const model = new FakeModel();
    const store = new Store(model);
    store.begin(1, addPoint);
    store.end(1, { kind: "done" });
    expect(store.shown.draft.points).toEqual([point]);
    expect(store.waiting).toBe(false);
    vi.advanceTimersByTime(100);
    expect(store.shown.draft.points).toEqual([]);
  });

  it("a point that is moved or taken away is not so twice", () => {
    const model = new FakeModel({ _draft: drafted({ points: [point, other], field }) });
    const store = new Store(model);
    store.begin(1, { kind: "remove_point", index: 0 });
    expect(store.shown.draft.points).toEqual([other]);
    model.set("_draft", drafted({ points: [other], field }));
    expect(store.shown.draft.points).toEqual([other]);
    store.begin(2, { kind: "move_point", index: 0, x: 1, y: 2 });
    expect(store.shown.draft.points).toEqual([{ x: 1, y: 2, label: 0 }]);
    model.set("_draft", drafted({ points: [{ x: 1, y: 2, label: 0 }], field }));
    expect(store.shown.draft.points).toEqual([{ x: 1, y: 2, label: 0 }]);
  });

  it("a commit takes the prompts away and leaves the mask until it is an object", () => {
    const model = new FakeModel({ _draft: drafted({ points: [point], field }) });
    const store = new Store(model);
    store.begin(1, { kind: "commit" });
    expect(store.shown.draft).toMatchObject({ points: [], field });
    model.set("_objects", [makeObject(1)]);
    model.set("_draft", EMPTY_DRAFT);
    store.begin(2, addPoint);
    expect(store.shown.draft).toMatchObject({ points: [point], field: null });
    expect(store.shown.objects).toHaveLength(1);
  });

  it.each([
    ["set_tool", { kind: "set_tool", tool: "box" }, "controls", { tool: "box" }],
    ["set_label", { kind: "set_label", label: "cup" }, "controls", { label: "cup" }],
    ["select_object", { kind: "select_object", id: 2 }, "controls", { selected: 2 }],
    ["choose_mask", { kind: "choose_mask", index: 2 }, "draft", { choice: 2 }],
    ["set_box", { kind: "set_box", box_xyxy: [1, 2, 3, 4] }, "draft", { box_xyxy: [1, 2, 3, 4] }],
    ["clear_prompts", { kind: "clear_prompts" }, "draft", EMPTY_DRAFT],
    ["a first point deselects", addPoint, "controls", { selected: null, can_undo: true }],
  ] as [string, Request, "controls" | "draft", object][])(
    "%s shows at once",
    (_, request, part, expected) => {
      const model = new FakeModel({ _objects: [makeObject(1), makeObject(2)] });
      model.traits._controls = { ...(model.traits._controls as object), selected: 1 };
      const store = new Store(model);
      store.begin(1, request);
      expect(store.shown[part]).toMatchObject(expected);
    },
  );

  it("delete and relabel show at once; undo and redo wait for the kernel", () => {
    const store = new Store(new FakeModel({ _objects: [makeObject(1), makeObject(2)] }));
    store.begin(1, { kind: "delete_object", id: 1 });
    store.begin(2, { kind: "relabel_object", id: 2, label: "cup" });
    store.begin(3, { kind: "undo" });
    expect(store.shown.objects).toMatchObject([{ id: 2, label: "cup" }]);
    expect(store.objects).toHaveLength(2);
  });

  it("says so when it waits for long", () => {
    const store = new Store(new FakeModel());
    store.begin(1, addPoint);
    expect(store.slow).toBe(false);
    vi.advanceTimersByTime(2000);
    expect(store.slow).toBe(true);
    store.end(1, { kind: "done" });
    expect(store.slow).toBe(false);
  });
});

describe("notices", () => {
  it("of a failed request go with the next success, the kernel's stay until dismissed", () => {
    const store = new Store(new FakeModel());
    store.begin(1, addPoint);
    store.end(1, { kind: "failed", message: "no" });
    store.begin(2, addPoint);
    store.end(2, { kind: "done" });
    expect(store.notice).toBeNull();
    store.notify("the checkpoint is broken");
    store.begin(3, addPoint);
    store.end(3, { kind: "done" });
    expect(store.notice?.text).toBe("the checkpoint is broken");
    store.dismissNotice();
    expect(store.notice).toBeNull();
  });

  it("an error phase is one, also when it was there first", () => {
    const status = { phase: "error", message: "no such file", progress: null } as const;
    expect(new Store(new FakeModel({ _status: status })).notice?.text).toBe("no such file");
    const model = new FakeModel();
    const store = new Store(model);
    model.set("_status", status);
    expect(store.notice?.text).toBe("no such file");
  });
});

describe("Store", () => {
  it("tells its listeners of every trait, and of none after dispose", () => {
    const model = new FakeModel();
    const store = new Store(model);
    let calls = 0;
    store.subscribe(() => {
      calls++;
    });
    model.set("_objects", [makeObject(1)]);
    model.set("_image", null);
    expect(calls).toBe(2);
    store.begin(1, addPoint);
    store.dispose();
    expect(model.handlerCount).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("lives with a model that has no traits yet", () => {
    const model = new FakeModel();
    for (const name of Object.keys(model.traits)) delete model.traits[name];
    const store = new Store(model);
    expect(store.image).toBeNull();
    expect(store.status.phase).toBe("empty");
    expect(store.shown.objects).toEqual([]);
  });

  it("keeps the field objects of masks that did not change, so that outlines stay cached", () => {
    const before = [makeObject(1, { field: makeField(4, 4, () => 200) }), makeObject(2)];
    const after = [
      makeObject(1, { field: makeField(4, 4, () => 200), label: "new" }),
      makeObject(2, { field: makeField(4, 4, () => 3) }),
    ];
    const shared = shareFields(before, after);
    expect(shared[0]?.field).toBe(before[0]?.field);
    expect(shared[0]?.label).toBe("new");
    expect(shared[1]?.field).toBe(after[1]?.field);
  });
});
