import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Snapshot } from "../../contract/protocol";
import { WidgetModel } from "../../state/model";
import { FakeModel, makeObject, makeState, makeUpdate } from "../helpers";
import { preparePage } from "../page";

function kinds(host: FakeModel): string[] {
  return host.all.map(({ request }) => request.kind);
}

/** The kernel answers with everything it has. */
function tellEverything(host: FakeModel, state: Snapshot): void {
  const { revision, image, status, draft, objects, controls } = state;
  const order = objects.map(({ id }) => id);
  const parts = { image: { image }, status, draft, objects: { order, changed: objects }, controls };
  host.trigger("msg:custom", makeUpdate(revision, { after: null, ...parts }), []);
}

beforeEach(() => {
  preparePage();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("at the start", () => {
  it("shows the synced state, and asks for what is newer when a view comes", () => {
    const host = new FakeModel({ objects: [makeObject(1)] });
    const model = new WidgetModel(host);
    expect(model.store.objects).toHaveLength(1);
    expect(host.all).toEqual([]);
    model.addView();
    expect(host.all.map(({ request }) => request)).toEqual([
      { kind: "report_views", count: 1 },
      { kind: "refresh", revision: 7 },
    ]);
  });

  it("takes everything from a host that kept an old state", () => {
    const host = new FakeModel();
    const model = new WidgetModel(host);
    model.addView();
    tellEverything(host, makeState({ revision: 30, objects: [makeObject(1), makeObject(2)] }));
    expect(model.store.objects).toHaveLength(2);
    expect(model.store.state.revision).toBe(30);
  });

  it("lives with a model that has no state yet, and asks for all of it", () => {
    const host = new FakeModel({}, { _state: undefined });
    const model = new WidgetModel(host);
    expect(model.store.status.phase).toBe("empty");
    expect(model.store.notice).toBeNull();
    model.addView();
    expect(host.request("refresh").request).toEqual({ kind: "refresh", revision: -1 });
  });

  it("tells of a broken state, and asks for a whole one", () => {
    const host = new FakeModel({}, { _state: { revision: "one" } });
    const model = new WidgetModel(host);
    model.addView();
    expect(model.store.notice?.text).toContain("_state.revision: expected an integer");
    expect(host.request("refresh").request).toEqual({ kind: "refresh", revision: -1 });
  });

  it("a refresh that nobody answers is no trouble", async () => {
    const model = new WidgetModel(new FakeModel());
    model.addView();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(model.store.notice).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("updates", () => {
  it("a lost one is asked for once, with the revision there is", () => {
    const host = new FakeModel();
    const model = new WidgetModel(host);
    host.trigger("msg:custom", makeUpdate(9), []);
    host.trigger("msg:custom", makeUpdate(10), []);
    expect(host.all.map(({ request }) => request)).toEqual([{ kind: "refresh", revision: 7 }]);
    tellEverything(host, makeState({ revision: 10, objects: [makeObject(4)] }));
    host.reply({ kind: "done" }, host.request("refresh"));
    expect(model.store.objects).toHaveLength(1);
    const status = { phase: "embedding", message: "at it", progress: null, device: "" } as const;
    host.trigger("msg:custom", makeUpdate(11, { status }), []);
    expect(model.store.status.phase).toBe("embedding");
    expect(kinds(host)).toEqual(["refresh"]);
    host.trigger("msg:custom", makeUpdate(15), []);
    expect(kinds(host)).toEqual(["refresh", "refresh"]);
  });

  it("a broken one is told and asked for", () => {
    const host = new FakeModel();
    const model = new WidgetModel(host);
    host.trigger("msg:custom", { ...makeUpdate(8), draft: { points: 3 } }, []);
    expect(model.store.notice?.text).toContain("update.draft.points: expected a list, got 3");
    expect(kinds(host)).toEqual(["refresh"]);
  });
});

describe("the views of this page", () => {
  it("are counted for the kernel; one that is only moved is not gone", async () => {
    const host = new FakeModel();
    const model = new WidgetModel(host);
    const counts = (): unknown[] =>
      host.all.flatMap(({ request }) => (request.kind === "report_views" ? [request.count] : []));
    const leaveFirst = model.addView();
    expect(counts()).toEqual([1]);
    const leaveSecond = model.addView();
    await vi.advanceTimersByTimeAsync(1000);
    expect(counts()).toEqual([1, 2]);
    leaveSecond();
    const leaveThird = model.addView();
    await vi.advanceTimersByTimeAsync(1000);
    expect(counts()).toEqual([1, 2]);
    leaveFirst();
    leaveThird();
    leaveThird();
    await vi.advanceTimersByTimeAsync(1000);
    expect(counts()).toEqual([1, 2, 0]);
    model.addView();
    model.dispose();
    expect(counts()).toEqual([1, 2, 0, 1, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("nobody is told that a kernel did not answer", async () => {
    const host = new FakeModel();
    const model = new WidgetModel(host);
    model.addView()();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(model.store.notice).toBeNull();
  });
});

describe("the saved state", () => {
  it("follows the kernel's when it rests, without a word to the kernel", async () => {
    const host = new FakeModel();
    const saveChanges = vi.fn();
    Object.assign(host, { save_changes: saveChanges });
    const model = new WidgetModel(host);
    const before = host.traits._state;
    host.tell({ objects: [makeObject(1)] });
    await vi.advanceTimersByTimeAsync(300);
    host.tell({ objects: [makeObject(1), makeObject(2)] });
    await vi.advanceTimersByTimeAsync(300);
    expect(host.traits._state).toBe(before);
    await vi.advanceTimersByTimeAsync(300);
    expect(host.traits._state).toBe(model.store.state);
    expect(host.traits._state).toMatchObject({ revision: 9, objects: [{ id: 1 }, { id: 2 }] });
    expect(saveChanges).not.toHaveBeenCalled();
    expect(host.all).toEqual([]);
  });

  it("holds no edit that the kernel has not confirmed", async () => {
    const host = new FakeModel();
    const model = new WidgetModel(host);
    void model.send({ kind: "set_tool", tool: "box" });
    host.tell({ objects: [makeObject(1)] });
    await vi.advanceTimersByTimeAsync(1000);
    expect(host.traits._state).toMatchObject({ controls: { tool: "positive" }, revision: 8 });
  });

  it("is kept at once when the model ends, and left alone when nothing has changed", () => {
    const host = new FakeModel();
    const model = new WidgetModel(host);
    host.tell({ objects: [makeObject(1)] });
    model.dispose();
    expect(host.traits._state).toMatchObject({ revision: 8 });
    const untouched = new FakeModel();
    const before = untouched.traits._state;
    new WidgetModel(untouched).dispose();
    expect(untouched.traits._state).toBe(before);
  });

  it("a host that lets nobody set goes on", async () => {
    const host = new FakeModel();
    host.set = () => {
      throw new Error("read-only");
    };
    const model = new WidgetModel(host);
    host.tell({ objects: [makeObject(1)] });
    await vi.advanceTimersByTimeAsync(1000);
    expect(model.store.objects).toHaveLength(1);
  });
});

describe("a kernel that is gone", () => {
  it("was restarted: said at once, edits on their way end, nothing more is sent", async () => {
    const host = new FakeModel({ objects: [makeObject(1)] });
    const model = new WidgetModel(host);
    void model.send({ kind: "delete_object", id: 1 });
    expect(model.store.shown.objects).toHaveLength(0);
    host.trigger("comm_live_update");
    expect(model.store.notice?.text).toMatch(/restarted.*run the cell again/i);
    expect(model.store.isReadOnly).toBe(true);
    expect(model.store.shown.objects).toHaveLength(1);
    const before = host.all.length;
    model.store.dismissNotice();
    expect(await model.send({ kind: "undo" })).toBeNull();
    expect(model.store.notice?.text).toMatch(/run the cell again/i);
    expect(await model.preview(1, 1)).toBeNull();
    model.addView()();
    model.dispose();
    expect(host.all).toHaveLength(before);
  });

  it("is noticed at the first thing that cannot be sent, where the host tells nothing", async () => {
    const host = new FakeModel({ objects: [makeObject(1)] });
    const model = new WidgetModel(host);
    host.send = () => {
      throw new Error("Cannot send");
    };
    await model.send({ kind: "delete_object", id: 1 });
    expect(model.store.notice?.text).toMatch(/restarted.*run the cell again/i);
    expect(model.store.notice?.text).not.toContain("Cannot send");
    expect(model.store.isReadOnly).toBe(true);
    expect(model.store.shown.objects).toHaveLength(1);
    expect(model.store.waiting).toBe(false);
  });

  it("never was there, in a saved notebook: shown without a word until somebody edits", async () => {
    const host = new FakeModel({ objects: [makeObject(1)] }, { layout: { comm_live: false } });
    const model = new WidgetModel(host);
    model.addView();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(model.store.notice).toBeNull();
    expect(model.store.objects).toHaveLength(1);
    expect(host.all).toEqual([]);
    await model.send({ kind: "undo" });
    expect(model.store.notice?.text).toMatch(/no kernel.*run the cell again/i);
  });

  it("is not taken for gone when its layout is a living model", () => {
    const host = new FakeModel({}, { layout: { comm_live: true } });
    new WidgetModel(host).addView();
    expect(kinds(host)).toEqual(["report_views", "refresh"]);
  });
});
