import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Presence } from "../../state/presence";

describe("Presence", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const open = () => {
    const told: (number | "left")[] = [];
    const presence = new Presence(
      (count) => told.push(count),
      () => told.push("left"),
    );
    return { presence, told };
  };
  const page = (type: string, persisted = false): void => {
    dispatchEvent(Object.assign(new Event(type), { persisted }));
  };

  it("tells the first view at once and a moment later how many there are", () => {
    const { presence, told } = open();
    const leave = presence.enter();
    presence.enter();
    expect(told).toEqual([1]);
    vi.runAllTimers();
    leave();
    vi.runAllTimers();
    expect(told).toEqual([1, 2, 1]);
    presence.dispose();
    expect(told).toEqual([1, 2, 1, 0]);
  });

  it("a page that goes says so, which is no end of its views", () => {
    const { presence, told } = open();
    page("pagehide");
    expect(told).toEqual([]);
    presence.enter();
    page("pagehide");
    expect(told).toEqual([1, "left"]);
    page("pageshow", true);
    expect(told).toEqual([1, "left", 1]);
    presence.dispose();
  });

  it("a page that is shown for the first time says nothing more", () => {
    const { presence, told } = open();
    presence.enter();
    page("pageshow");
    expect(told).toEqual([1]);
    presence.dispose();
  });

  it("listens no longer than it lives", () => {
    const { presence, told } = open();
    presence.enter();
    presence.dispose();
    page("pagehide");
    page("pageshow", true);
    expect(told).toEqual([1, 0]);
  });
});
