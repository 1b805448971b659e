import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAfterPaint } from "../../ui/after_paint";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function open() {
  const controller = new AbortController();
  const done: string[] = [];
  const later = createAfterPaint(controller.signal);
  const add = (owner: object, name: string): void => later(owner, () => done.push(name));
  return { controller, done, add };
}

describe("after the next frame", () => {
  it("the newest job of each owner is done, once", async () => {
    const { done, add } = open();
    const [one, other] = [{}, {}];
    add(one, "old");
    add(other, "other");
    add(one, "new");
    requestAnimationFrame(() => done.push("frame"));
    expect(done).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(done).toEqual(["frame", "new", "other"]);
    add(one, "again");
    await vi.advanceTimersByTimeAsync(100);
    expect(done.slice(3)).toEqual(["again"]);
  });

  it.each([0, 17])("nothing is done or left when the view goes %i ms later", async (ms) => {
    const { controller, done, add } = open();
    add({}, "late");
    if (ms > 0) await vi.advanceTimersToNextTimerAsync();
    controller.abort();
    expect(vi.getTimerCount()).toBe(0);
    add({}, "too late");
    await vi.advanceTimersByTimeAsync(100);
    expect(done).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
