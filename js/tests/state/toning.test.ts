import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Outcome } from "../../state/connection";
import type { LookRequest } from "../../state/model";
import { Toning } from "../../state/toning";
import { makeChannels } from "../helpers";

const address = { client: "page", seq: 1 };

function open(changes: Parameters<typeof makeChannels>[0] = {}) {
  const asked: LookRequest[] = [];
  const errors: string[] = [];
  const closed: unknown[] = [];
  let refusal: string | null = null;
  vi.stubGlobal("createImageBitmap", async () => {
    const bitmap = { close: () => closed.push(bitmap) };
    return bitmap;
  });
  const ask = async (request: LookRequest): Promise<Outcome | null> => {
    asked.push(request);
    if (refusal !== null) return { kind: "error", message: refusal, ...address };
    if (request.kind === "describe_channels") {
      return { ...makeChannels(changes), ...address } as unknown as Outcome;
    }
    return {
      kind: "picture",
      data: new DataView(new ArrayBuffer(4)),
      mime: "image/png",
      ...address,
    };
  };
  const controller = new AbortController();
  const actions = { ask, onChange: () => {}, onError: (text: string) => errors.push(text) };
  const toning = new Toning(actions, controller.signal);
  const rendered = () => asked.filter(({ kind }) => kind === "render_picture");
  const refuse = (text: string) => {
    refusal = text;
  };
  return { toning, asked, rendered, errors, closed, controller, refuse };
}

const rest = () => vi.advanceTimersByTimeAsync(200);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("Toning", () => {
  it("asks once what there is, and begins with what the model sees", async () => {
    const { toning, asked } = open();
    toning.open();
    toning.open();
    await rest();
    expect(asked).toEqual([{ kind: "describe_channels" }]);
    expect(toning.tone).toEqual({ bands: null, black: 100, white: 3000, gamma: 1 });
    expect(toning.isUsual).toBe(true);
    expect([toning.table, toning.bitmap]).toEqual([null, null]);
  });

  it("shows a window at once by a table, and exactly by a picture when the slider rests", async () => {
    const { toning, rendered } = open();
    toning.open();
    await rest();
    for (const white of [2000, 1800, 1500]) toning.set({ white });
    expect(toning.table?.[255]).toBe(255);
    expect(toning.table?.[123]).toBe(255); // 1500 of 100 to 3000
    expect(rendered()).toEqual([]);
    await rest();
    expect(rendered()).toEqual([
      { kind: "render_picture", bands: [0, 1, 2], black: 100, white: 1500 },
    ]);
    expect(toning.bitmap).not.toBeNull();
    expect(toning.table).toBeNull();
  });

  it("gamma needs no other picture", async () => {
    const { toning, rendered } = open();
    toning.open();
    await rest();
    toning.set({ gamma: 2 });
    await rest();
    expect(toning.table?.[64]).toBe(128);
    expect(rendered()).toEqual([]);
  });

  it("bytes need no other picture for another window", async () => {
    const { toning, rendered } = open({ dtype: "uint8", shown_black: 0, shown_white: 255 });
    toning.open();
    await rest();
    toning.set({ black: 50 });
    await rest();
    expect(toning.table?.[50]).toBe(0);
    expect(rendered()).toEqual([]);
  });

  it("another band brings its own black and white, and goes when all is as it was", async () => {
    const { toning, rendered, closed } = open();
    toning.open();
    await rest();
    toning.set({ bands: [3] });
    expect(toning.table).toBeNull(); // the picture that is there has nothing of it
    await rest();
    expect(rendered()).toEqual([{ kind: "render_picture", bands: [3], black: 200, white: 50_000 }]);
    const { bitmap } = toning;
    toning.reset();
    await rest();
    expect(rendered()).toHaveLength(1);
    expect(toning.bitmap).toBeNull();
    expect(closed).toEqual([bitmap]);
    expect(toning.isUsual).toBe(true);
  });

  it("a composite is stretched from the least black to the greatest white", () => {
    const { toning } = open();
    toning.open();
    return rest().then(() => {
      toning.set({ bands: [3, 1, 0] });
      expect(toning.tone).toMatchObject({ black: 100, white: 50_000 });
    });
  });

  it("another image forgets all, also what is still on its way", async () => {
    const { toning, closed } = open();
    toning.open();
    await rest();
    toning.set({ bands: [3] });
    await rest();
    toning.set({ white: 9000 });
    vi.advanceTimersByTime(130); // it was asked for
    toning.setImage();
    await rest();
    expect([toning.bitmap, toning.table, toning.channels]).toEqual([null, null, null]);
    expect(closed).toHaveLength(1);
    expect(toning.tone).toEqual({ bands: null, black: 0, white: 255, gamma: 1 });
  });

  it("a picture that cannot be made is told, and the one before stays", async () => {
    const { toning, errors, refuse } = open();
    toning.open();
    await rest();
    refuse("out of memory");
    toning.set({ bands: [1] });
    await rest();
    expect(errors).toEqual(["out of memory"]);
    expect(toning.bitmap).toBeNull();
  });

  it("leaves no timer and no picture when the view goes", async () => {
    const { toning, closed, controller } = open();
    toning.open();
    await rest();
    toning.set({ bands: [2] });
    await rest();
    toning.set({ bands: [1] });
    controller.abort();
    expect(vi.getTimerCount()).toBe(0);
    expect(closed).toHaveLength(1);
  });
});
