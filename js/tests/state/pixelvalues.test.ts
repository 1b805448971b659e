import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PatchReply } from "../../contract/protocol";
import { PixelValues } from "../../state/pixelvalues";

/** A patch of 4 x 4 pixels around a place whose values are 10 x + y. */
function patchAt(x: number, y: number): PatchReply {
  const size = { x: x - 2, y: y - 2, width: 4, height: 4, channels: 1, is_whole: true };
  const data = new DataView(new ArrayBuffer(64));
  for (let at = 0; at < 16; at++) {
    data.setFloat32(4 * at, 10 * (size.x + (at % 4)) + size.y + Math.floor(at / 4), true);
  }
  return { kind: "patch", client: "page", seq: 1, ...size, data };
}

function open() {
  const asked: [number, number][] = [];
  const onChange = vi.fn();
  const controller = new AbortController();
  const ask = async (x: number, y: number) => {
    asked.push([x, y]);
    return patchAt(x, y);
  };
  const values = new PixelValues({ ask, onChange }, controller.signal);
  return { values, asked, onChange, controller };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("PixelValues", () => {
  it("asks when the pointer rests, for where it is then", async () => {
    const { values, asked, onChange } = open();
    for (const x of [10, 20, 30]) {
      expect(values.at({ x, y: 5.9 })).toBeNull();
      await vi.advanceTimersByTimeAsync(40);
    }
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(80);
    expect(asked).toEqual([[30, 5]]);
    expect(onChange).toHaveBeenCalledTimes(1);
    expect(values.at({ x: 30.2, y: 5.9 })).toEqual({ values: [305], isWhole: true });
  });

  it("knows the neighbours without asking", async () => {
    const { values, asked } = open();
    values.at({ x: 30, y: 5 });
    await vi.advanceTimersByTimeAsync(100);
    expect(values.at({ x: 28, y: 6.5 })).toEqual({ values: [286], isWhole: true });
    expect(values.at({ x: 32, y: 5 })).toBeNull();
    values.leave();
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toHaveLength(1);
  });

  it("forgets the picture before, and what was asked about it", async () => {
    const { values, onChange } = open();
    values.at({ x: 30, y: 5 });
    vi.advanceTimersByTime(80);
    values.reset();
    await vi.advanceTimersByTimeAsync(10);
    expect(onChange).not.toHaveBeenCalled();
    expect(values.at({ x: 30, y: 5 })).toBeNull();
  });

  it("leaves no timer when the view goes", () => {
    const { values, controller } = open();
    values.at({ x: 30, y: 5 });
    controller.abort();
    expect(vi.getTimerCount()).toBe(0);
  });
});
