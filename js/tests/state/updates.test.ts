import { describe, expect, it } from "vitest";
import { applyUpdate, NOTHING } from "../../state/updates";
import { makeField, makeObject, makeState, makeUpdate } from "../helpers";

const now = makeState({ objects: [makeObject(1), makeObject(2), makeObject(3)] });

describe("applyUpdate", () => {
  it("changes what the update names and keeps the rest", () => {
    const status = { phase: "embedding", message: "at it", progress: 0.5, device: "" } as const;
    const next = applyUpdate(now, makeUpdate(8, { status }));
    expect(next).toEqual({ ...now, revision: 8, status });
    expect(next?.objects).toBe(now.objects);
    expect(next?.draft).toBe(now.draft);
  });

  it("tells no image from no news of the image", () => {
    expect(applyUpdate(now, makeUpdate(8))?.image).toBe(now.image);
    expect(applyUpdate(now, makeUpdate(8, { image: { image: null } }))?.image).toBeNull();
  });

  it("objects that did not change are the same ones; a known mask stays", () => {
    const [first, second] = now.objects;
    const changed = [{ ...makeObject(2, { label: "cup" }), field: null }, makeObject(4)];
    const next = applyUpdate(now, makeUpdate(8, { objects: { order: [4, 2, 1], changed } }));
    expect(next?.objects.map(({ id }) => id)).toEqual([4, 2, 1]);
    expect(next?.objects[1]).toMatchObject({ label: "cup" });
    expect(next?.objects[1]?.field).toBe(second?.field);
    expect(next?.objects[2]).toBe(first);
  });

  it("an object's new mask takes the place of the old one", () => {
    const field = makeField(2, 2, () => 200);
    const changed = [makeObject(1, { field })];
    const next = applyUpdate(now, makeUpdate(8, { objects: { order: [1], changed } }));
    expect(next?.objects[0]?.field).toBe(field);
  });

  it.each([
    ["a lost update before it", makeUpdate(9)],
    ["an object that is not known", makeUpdate(8, { objects: { order: [1, 5], changed: [] } })],
    [
      "a mask that is not known",
      makeUpdate(8, { objects: { order: [5], changed: [makeObject(5, { field: null })] } }),
    ],
  ])("gives null for %s", (_, update) => {
    expect(applyUpdate(now, update)).toBeNull();
  });

  it.each([
    ["one that came already", makeUpdate(7)],
    ["an older one", makeUpdate(3)],
    ["everything, of the revision there is", makeUpdate(7, { after: null })],
  ])("leaves the state alone for %s", (_, update) => {
    expect(applyUpdate(now, update)).toBe(now);
  });

  it("everything applies to whatever there was", () => {
    const objects = { order: [1], changed: [makeObject(1)] };
    const { image, status, draft, controls } = makeState();
    const update = makeUpdate(3, {
      after: null,
      image: { image },
      status,
      draft,
      objects,
      controls,
    });
    expect(applyUpdate(now, update)).toMatchObject({ revision: 3, objects: [{ id: 1 }] });
    expect(applyUpdate(NOTHING, update)).toMatchObject({ revision: 3, objects: [{ id: 1 }] });
  });
});
