import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection } from "../../state/connection";
import { FakeModel } from "../helpers";

const wireField = {
  width: 2,
  height: 2,
  stride: 2,
  extent_xywh: [0, 0, 4, 4],
  data: null,
};

describe("Connection", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("sends the request under its own client and a counting seq", () => {
    const model = new FakeModel();
    const connection = new Connection(model);
    connection.request({ kind: "undo" });
    connection.request({ kind: "redo" });
    expect(model.sent).toEqual([
      { client: connection.client, seq: 1, request: { kind: "undo" } },
      { client: connection.client, seq: 2, request: { kind: "redo" } },
    ]);
    expect(connection.client).toMatch(/^[0-9a-f]{24}$/);
    expect(new Connection(model).client).not.toBe(connection.client);
  });

  it("resolves each request with its own reply, in any order", async () => {
    const model = new FakeModel();
    const connection = new Connection(model);
    const first = connection.request({ kind: "undo" });
    const second = connection.request({ kind: "redo" });
    const third = connection.request({ kind: "commit", label: null });
    const [a, b, c] = model.sent;
    model.reply({ kind: "cancelled" }, c);
    model.reply({ kind: "error", message: "nothing to redo" }, b);
    model.reply({ kind: "done" }, a);
    expect((await first.outcome).kind).toBe("done");
    expect(await second.outcome).toMatchObject({ kind: "error", message: "nothing to redo" });
    expect((await third.outcome).kind).toBe("cancelled");
  });

  it("puts the buffers of a preview in their places", async () => {
    const model = new FakeModel();
    const connection = new Connection(model);
    const { outcome } = connection.request({ kind: "preview", x: 1, y: 2 });
    const data = new DataView(new Uint8Array([1, 2, 3, 4]).buffer);
    const fields = {
      kind: "preview",
      score: 0.5,
      field: wireField,
      buffer_paths: [["field", "data"]],
    };
    model.reply(fields, model.lastSent(), [data]);
    const reply = await outcome;
    if (reply.kind !== "preview") throw new Error(`got ${reply.kind}`);
    expect(reply.field.data).toBe(data);
    expect(wireField.data).toBeNull();
  });

  it("is deaf to other clients' replies and tells notices that are for everybody", async () => {
    const model = new FakeModel();
    const notices: string[] = [];
    const connection = new Connection(model, {
      onNotice: (text) => notices.push(text),
    });
    const { outcome, seq } = connection.request({ kind: "undo" });
    model.trigger("msg:custom", { kind: "done", client: "other", seq }, []);
    model.trigger("msg:custom", { kind: "error", client: null, seq: null, message: "broken" }, []);
    model.trigger("msg:custom", { kind: "error", client: "other", seq, message: "theirs" }, []);
    expect(notices).toEqual(["broken"]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect((await outcome).kind).toBe("lost");
  });

  it("gives a lost reply up after the timeout, and ignores it when it comes late", async () => {
    const model = new FakeModel();
    const connection = new Connection(model, { timeoutMs: 500 });
    const { outcome } = connection.request({ kind: "undo" });
    await vi.advanceTimersByTimeAsync(500);
    expect(await outcome).toMatchObject({ kind: "lost" });
    model.reply({ kind: "done" });
    expect((await outcome).kind).toBe("lost");
  });

  it("waits on while the kernel is known to be at work", async () => {
    let working = true;
    const model = new FakeModel();
    const connection = new Connection(model, { timeoutMs: 500, isWorking: () => working });
    let ended = false;
    void connection.request({ kind: "undo" }).outcome.then(() => {
      ended = true;
    });
    await vi.advanceTimersByTimeAsync(1700);
    expect(ended).toBe(false);
    working = false;
    await vi.advanceTimersByTimeAsync(500);
    expect(ended).toBe(true);
  });

  it("says at once when a request cannot be sent", async () => {
    const model = new FakeModel();
    model.send = () => {
      throw new Error("comm is closed");
    };
    let unreachable = 0;
    const connection = new Connection(model, {
      onUnreachable: () => {
        unreachable++;
      },
    });
    const outcome = await connection.request({ kind: "undo" }).outcome;
    expect(outcome).toMatchObject({ kind: "lost" });
    expect(outcome.kind === "lost" && outcome.message).toContain("comm is closed");
    expect(unreachable).toBe(1);
  });

  it("also when the host tells so by a promise", async () => {
    const model = new FakeModel();
    model.send = () => Promise.reject(new Error("offline"));
    const outcome = await new Connection(model).request({ kind: "undo" }).outcome;
    expect(outcome).toMatchObject({ kind: "lost", message: expect.stringContaining("offline") });
  });

  it("tells an update before the reply that follows it, and the reply before what comes next", () => {
    const model = new FakeModel();
    const told: string[] = [];
    const connection = new Connection(model, {
      onUpdate: ({ revision }) => told.push(`update ${revision}`),
    });
    connection.request({ kind: "undo" }, { onOutcome: ({ kind }) => told.push(kind) });
    model.tell({ objects: [] });
    model.reply({ kind: "done" });
    model.tell({ objects: [] });
    expect(told).toEqual(["update 8", "done", "update 9"]);
  });

  it("a broken reply ends its request; a broken update is told", async () => {
    const model = new FakeModel();
    const broken: string[] = [];
    const connection = new Connection(model, { onBroken: ({ message }) => broken.push(message) });
    const { outcome } = connection.request({ kind: "undo" });
    model.reply({ kind: "error", message: 7 });
    expect(await outcome).toMatchObject({
      kind: "lost",
      message: expect.stringContaining("error.message: expected a string, got 7"),
    });
    model.trigger("msg:custom", { kind: "update", revision: "one" }, []);
    model.trigger("msg:custom", { kind: "error", client: "other", seq: 1, message: 7 }, []);
    expect(broken).toEqual(["update.revision: expected an integer, got 'one'"]);
  });

  it("disposed: open requests end as cancelled, no timer and no listener stays", async () => {
    const model = new FakeModel();
    const connection = new Connection(model);
    const { outcome } = connection.request({ kind: "undo" });
    connection.dispose();
    expect((await outcome).kind).toBe("cancelled");
    expect(vi.getTimerCount()).toBe(0);
    expect(model.handlerCount).toBe(0);
  });
});
