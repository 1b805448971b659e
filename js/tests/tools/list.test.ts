import { describe, expect, it } from "vitest";
import type { WireEdit } from "../../contract/protocol";
import {
  clickRequest,
  deleteRequest,
  relabelRequest,
  reorderRequest,
  stepRequest,
  targets,
} from "../../tools/list";
import { makeObject } from "../helpers";

const ORDER = [1, 2, 3, 4, 5];

describe("clickRequest", () => {
  it.each([
    ["selects one", { id: 2 }, [], { kind: "select_object", id: 2 }],
    ["takes the only one back", { id: 2 }, [2], { kind: "select_object", id: null }],
    ["leaves one of several", { id: 2 }, [1, 2], { kind: "select_object", id: 2 }],
    ["adds", { id: 2, toggle: true }, [5], { kind: "select_objects", ids: [5, 2] }],
    ["takes out", { id: 5, toggle: true }, [5, 2], { kind: "select_objects", ids: [2] }],
    ["selects up to it", { id: 4, range: true }, [2], { kind: "select_objects", ids: [3, 4, 2] }],
    [
      "selects backwards, in place of what was selected before",
      { id: 1, range: true },
      [5, 3],
      { kind: "select_objects", ids: [1, 2, 3] },
    ],
    ["has nothing to begin from", { id: 4, range: true }, [], { kind: "select_object", id: 4 }],
  ] as [string, { id: number; toggle?: boolean; range?: boolean }, number[], WireEdit][])(
    "%s",
    (_, click, selection, expected) => {
      expect(clickRequest({ toggle: false, range: false, ...click }, selection, ORDER)).toEqual(
        expected,
      );
    },
  );
});

describe("what is done to one", () => {
  it("is done to all that are selected with it, and to no others", () => {
    expect(targets(2, [4, 2])).toEqual([4, 2]);
    expect(targets(3, [4, 2])).toEqual([3]);
  });

  it("deleting leaves locked ones, and asks for them where there is nothing else", () => {
    const objects = [makeObject(1), makeObject(2, { locked: true }), makeObject(3)];
    expect(deleteRequest([1, 2, 3], objects)).toEqual({ kind: "delete_objects", ids: [1, 3] });
    expect(deleteRequest([1, 2], objects)).toEqual({ kind: "delete_object", id: 1 });
    expect(deleteRequest([2], objects)).toEqual({ kind: "delete_object", id: 2 });
  });

  it("renaming is one step for several", () => {
    expect(relabelRequest([3], "cup")).toEqual({ kind: "relabel_object", id: 3, label: "cup" });
    expect(relabelRequest([3, 1], "cup")).toEqual({
      kind: "relabel_objects",
      ids: [3, 1],
      label: "cup",
    });
  });
});

describe("another place in the list", () => {
  it.each([
    ["to the top", [4], 0, { ids: [4], index: 0 }],
    ["down, counted without itself", [1], 3, { ids: [1], index: 2 }],
    ["to the end", [1], 5, { ids: [1], index: 4 }],
    ["several close up", [4, 1], 3, { ids: [1, 4], index: 2 }],
    ["before itself", [2], 1, null],
    ["behind itself", [2], 2, null],
    ["all of them", ORDER, 2, null],
  ] as [string, number[], number, object | null][])("%s", (_, ids, place, expected) => {
    const request = expected && { kind: "reorder_objects", ...expected };
    expect(reorderRequest(ids, place, ORDER)).toEqual(request);
  });

  it("steps end at the ends", () => {
    expect(stepRequest([1], -1, ORDER)).toBeNull();
    expect(stepRequest([5], 1, ORDER)).toBeNull();
    expect(stepRequest([4, 5], 1, ORDER)).toBeNull();
    expect(stepRequest([3], -1, ORDER)).toEqual({ kind: "reorder_objects", ids: [3], index: 1 });
    expect(stepRequest([3], 1, ORDER)).toEqual({ kind: "reorder_objects", ids: [3], index: 3 });
  });
});
