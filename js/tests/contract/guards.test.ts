import { describe, expect, it } from "vitest";
import { ContractError, readMessage, readSnapshot } from "../../contract/guards";
import { makeObject, makeState, makeUpdate } from "../helpers";

const data = new DataView(new ArrayBuffer(4));
const field = { width: 2, height: 2, stride: 2, extent_xywh: [0, 0, 4, 4], data: null };
const preview = { client: "a", seq: 1, kind: "preview", score: 1, field };
const places = { buffer_paths: [["field", "data"]] };
const update = makeUpdate(1);

describe("readMessage", () => {
  it.each([
    ["a message of another part of the host", { id: "x", response: 1 }],
    ["no object", "done"],
    ["null", null],
    ["an unknown kind", { kind: "progress" }],
    ["a kind that only looks like one", { kind: "toString" }],
    ["a kind that is no text", { kind: ["done"] }],
  ])("gives null for %s", (_, content) => {
    expect(readMessage(content, [])).toBeNull();
  });

  it("puts the buffers in their places and leaves the message alone", () => {
    const content = { ...preview, ...places };
    expect(readMessage(content, [data])).toEqual({ ...preview, field: { ...field, data } });
    expect(field.data).toBeNull();
    const changed = [{ ...makeObject(1), field }];
    const nested = { ...update, objects: { order: [1], changed } };
    const paths = [["objects", "changed", 0, "field", "data"]];
    expect(readMessage({ ...nested, buffer_paths: paths }, [data])).toMatchObject({
      objects: { changed: [{ field: { data } }] },
    });
  });

  it.each([
    ["done.client: expected a string, got null", { kind: "done", client: null, seq: 1 }, []],
    ["done.seq: expected an integer, got 1.5", { kind: "done", client: "a", seq: 1.5 }, []],
    ["error.message: missing", { kind: "error", client: "a", seq: 1 }, []],
    ["preview.field.data: expected binary data, got null", preview, []],
    ["preview.buffer_paths: expected 0 places", { ...preview, ...places }, []],
    [
      "preview.buffer_paths: expected a place that is there",
      { ...preview, buffer_paths: [["mask", "data"]] },
      [data],
    ],
    [
      "preview.buffer_paths: expected a place that is there",
      { ...preview, buffer_paths: [[]] },
      [data],
    ],
    ["update.after: missing", { kind: "update", revision: 1 }, []],
    [
      "update.status.phase: expected one of 'empty', ",
      { ...update, status: { phase: "asleep", message: "", progress: null, device: "" } },
      [],
    ],
    [
      "update.draft.points[0].x: expected a number, got '1'",
      { ...update, draft: { ...makeState().draft, points: [{ x: "1", y: 1, label: 1 }] } },
      [],
    ],
    [
      "update.draft.box_xyxy: expected 4 items",
      { ...update, draft: { ...makeState().draft, box_xyxy: [1, 2, 3] } },
      [],
    ],
    [
      "update.objects.order: expected a list, got 3",
      { ...update, objects: { order: 3, changed: [] } },
      [],
    ],
    ["update.image: expected an object, got 'x'", { ...update, image: "x" }, []],
  ] as [string, unknown, DataView[]][])("raises %s", (text, content, buffers) => {
    expect(() => readMessage(content, buffers)).toThrow(ContractError);
    expect(() => readMessage(content, buffers)).toThrow(text);
  });

  it("says whose message it was", () => {
    const read = (): unknown => readMessage({ kind: "error", client: "a", seq: 3 }, []);
    expect(read).toThrow(expect.objectContaining({ client: "a", seq: 3 }));
  });
});

describe("readSnapshot", () => {
  it.each([
    ["undefined", undefined],
    ["null", null],
    ["an empty trait", {}],
  ])("gives null for %s", (_, value) => {
    expect(readSnapshot(value)).toBeNull();
  });

  it("gives the very state, and says what is wrong with another", () => {
    const state = makeState();
    expect(readSnapshot(state)).toBe(state);
    expect(() => readSnapshot({ ...state, revision: null })).toThrow(
      "_state.revision: expected an integer, got null",
    );
  });
});
