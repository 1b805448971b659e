import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fitView, zoomAt } from "../../frame/viewport";
import { CloserLook, REST_MS, type View, viewOf } from "../../state/closer_look";

const WHOLE = fitView(4000, 3000, 800, 600);
const CLOSE = zoomAt(WHOLE, { x: 400, y: 300 }, 8);
const CLOSER = zoomAt(WHOLE, { x: 400, y: 300 }, 16);

describe("CloserLook", () => {
  const asked: View[] = [];
  let free: (() => void)[] = [];
  let canAsk = true;
  let controller: AbortController;
  let looking: CloserLook;

  beforeEach(() => {
    vi.useFakeTimers();
    asked.length = 0;
    free = [];
    canAsk = true;
    controller = new AbortController();
    const ask = (view: View): Promise<void> => {
      asked.push(view);
      return new Promise((resolve) => free.push(resolve));
    };
    looking = new CloserLook({ ask, canAsk: () => canAsk }, controller.signal);
  });
  afterEach(() => {
    controller.abort();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("asks once the picture rests, for what is then on the screen", () => {
    looking.moved(CLOSE, 2);
    vi.advanceTimersByTime(REST_MS - 1);
    looking.moved(CLOSER, 2);
    vi.advanceTimersByTime(REST_MS - 1);
    expect(asked).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(asked).toEqual([{ view_xyxy: [1875, 1406.25, 2125, 1593.75], screen_scale: 6.4 }]);
  });

  it("says nothing of the whole picture unless a part was told before", async () => {
    looking.moved(WHOLE, 1);
    vi.advanceTimersByTime(REST_MS);
    expect(asked).toEqual([]);
    looking.moved(CLOSE, 1);
    vi.advanceTimersByTime(REST_MS);
    free.pop()?.();
    looking.moved(WHOLE, 1);
    vi.advanceTimersByTime(REST_MS);
    await Promise.resolve();
    await Promise.resolve();
    expect(asked).toEqual([viewOf(CLOSE, 1), viewOf(WHOLE, 1)]);
  });

  it("has one request on its way and keeps the newest view meanwhile", async () => {
    for (const view of [CLOSE, CLOSER, CLOSE]) {
      looking.moved(view, 1);
      vi.advanceTimersByTime(REST_MS);
    }
    looking.moved(CLOSER, 1);
    vi.advanceTimersByTime(REST_MS);
    expect(asked).toEqual([viewOf(CLOSE, 1)]);
    free.pop()?.();
    await Promise.resolve();
    await Promise.resolve();
    expect(asked.slice(1)).toEqual([viewOf(CLOSER, 1)]);
  });

  it("asks nobody when there is no kernel, nor after its end", () => {
    canAsk = false;
    looking.moved(CLOSE, 1);
    vi.advanceTimersByTime(REST_MS);
    canAsk = true;
    looking.moved(CLOSER, 1);
    controller.abort();
    vi.advanceTimersByTime(REST_MS);
    expect(asked).toEqual([]);
  });
});
