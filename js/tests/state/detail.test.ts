import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ReadDetail } from "../../contract/protocol";
import { nameOf, partsFor } from "../../frame/detail";
import { fitView, panBy, zoomAt } from "../../frame/viewport";
import type { Outcome } from "../../state/connection";
import { Detail, KEPT_PARTS, REST_MS } from "../../state/detail";

const WHOLE = fitView(20_000, 20_000, 1000, 1000);
const CLOSE = zoomAt(WHOLE, { x: 500, y: 500 }, 20);
const PICTURE = 4000;
const address = { client: "page", seq: 1 };

function open() {
  const asked: ReadDetail[] = [];
  const waiting: ((kind: "picture" | "error" | "lost") => void)[] = [];
  const open = new Set<unknown>();
  let canAsk = true;
  let changes = 0;
  vi.stubGlobal("createImageBitmap", async () => {
    const bitmap = { width: 512, height: 512, close: () => open.delete(bitmap) };
    open.add(bitmap);
    return bitmap;
  });
  const controller = new AbortController();
  const detail = new Detail(
    {
      ask: (request) => {
        asked.push(request);
        return new Promise((resolve) => {
          waiting.push((kind) => {
            const data = new DataView(new ArrayBuffer(4));
            const outcome =
              kind === "picture"
                ? { kind, data, mime: "image/jpeg", ...address }
                : { kind, message: "no", ...address };
            resolve(outcome as Outcome);
          });
        });
      },
      canAsk: () => canAsk,
      onChange: () => changes++,
    },
    controller.signal,
  );
  const answer = async (kind: "picture" | "error" | "lost" = "picture"): Promise<void> => {
    waiting.shift()?.(kind);
    await vi.advanceTimersByTimeAsync(0);
  };
  const answerAll = async (): Promise<void> => {
    while (waiting.length > 0) await answer();
  };
  const stopKernel = () => {
    canAsk = false;
  };
  return {
    detail,
    asked,
    waiting,
    open,
    controller,
    answer,
    answerAll,
    stopKernel,
    told: () => changes,
  };
}

const rest = () => vi.advanceTimersByTimeAsync(REST_MS);

describe("Detail", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("asks nothing while the picture is fine enough, or there is none", async () => {
    const { detail, asked } = open();
    detail.see(WHOLE, 1, PICTURE);
    detail.see(CLOSE, 1, null);
    detail.see(CLOSE, 1, 20_000);
    await rest();
    expect(asked).toEqual([]);
    expect(detail.shown).toEqual({ parts: [], phase: "none" });
  });

  it("asks for what is seen once it rests, the middle first, and then has it all", async () => {
    const { detail, asked, answerAll, told } = open();
    detail.see(panBy(CLOSE, 700, 0), 1, PICTURE);
    await vi.advanceTimersByTimeAsync(REST_MS - 1);
    detail.see(CLOSE, 1, PICTURE);
    await vi.advanceTimersByTimeAsync(REST_MS - 1);
    expect(asked).toEqual([]);
    expect(detail.shown.phase).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1);
    await answerAll();
    const parts = partsFor(CLOSE, 1, PICTURE);
    expect(asked).toEqual(parts.map((part) => ({ kind: "read_detail", ...part, shown: null })));
    expect(detail.shown.phase).toBe("sharp");
    expect(detail.shown.parts.map(nameOf).sort()).toEqual(parts.map(nameOf).sort());
    expect(told()).toBe(parts.length);
  });

  it("asks for few at a time, and gives up those that have gone out of sight", async () => {
    const { detail, asked, answerAll } = open();
    detail.see(CLOSE, 1, PICTURE);
    await rest();
    const first = asked.length;
    expect(first).toBeLessThan(partsFor(CLOSE, 1, PICTURE).length);
    const away = panBy(CLOSE, 5000, 0);
    detail.see(away, 1, PICTURE);
    await answerAll();
    expect(asked).toHaveLength(first);
    await rest();
    await answerAll();
    expect(asked.slice(first)).toHaveLength(partsFor(away, 1, PICTURE).length);
  });

  it("asks for nothing twice that it has or that is on its way", async () => {
    const { detail, asked, answerAll } = open();
    detail.see(CLOSE, 1, PICTURE);
    await rest();
    detail.see(panBy(CLOSE, 1, 0), 1, PICTURE);
    await rest();
    await answerAll();
    detail.see(panBy(CLOSE, 2, 0), 1, PICTURE);
    await rest();
    expect(new Set(asked.map(nameOf)).size).toBe(asked.length);
    expect(detail.shown.phase).toBe("sharp");
  });

  it("keeps so many parts and frees the others, those seen first", async () => {
    const { detail, open: bitmaps, answerAll } = open();
    for (let step = -9; step < 9; step++) {
      detail.see(panBy(CLOSE, 1024 * step, 0), 1, PICTURE);
      await rest();
      await answerAll();
      expect(detail.shown.phase).toBe("sharp");
    }
    expect(bitmaps.size).toBe(KEPT_PARTS);
    expect(new Set(detail.shown.parts.map((part) => part.bitmap))).toEqual(bitmaps);
  });

  it("draws the finest on top, and above them those that are exact", async () => {
    const { detail, answerAll } = open();
    detail.see(CLOSE, 1, PICTURE);
    await rest();
    await answerAll();
    detail.see(zoomAt(CLOSE, { x: 500, y: 500 }, 0.4), 1, PICTURE);
    await rest();
    await answerAll();
    detail.see(zoomAt(CLOSE, { x: 500, y: 500 }, 5), 1, PICTURE);
    await rest();
    await answerAll();
    const kinds = detail.shown.parts.map(({ reduce, exact }) => `${reduce} ${exact}`);
    expect([...new Set(kinds)]).toEqual(["2 false", "1 false", "1 true"]);
    expect(kinds).toEqual(
      [...kinds].sort((a, b) => a.localeCompare(b)).sort((a, b) => Number(b[0]) - Number(a[0])),
    );
  });

  it("forgets the parts of another image or of other values, also those on their way", async () => {
    const { detail, asked, open: bitmaps, answer, answerAll } = open();
    detail.see(CLOSE, 1, PICTURE);
    await rest();
    await answer();
    expect(bitmaps.size).toBe(1);
    const values = { bands: [3], black: 0, white: 100 };
    detail.setValues(values);
    expect(detail.shown.parts).toEqual([]);
    await answerAll();
    expect(bitmaps.size).toBe(0);
    const before = asked.length;
    detail.setValues({ ...values }); // the same
    detail.see(CLOSE, 1, PICTURE);
    await rest();
    await answerAll();
    expect(asked.slice(before).every(({ shown }) => shown?.bands[0] === 3)).toBe(true);
    expect(bitmaps.size).toBe(partsFor(CLOSE, 1, PICTURE).length);
    detail.reset();
    expect(bitmaps.size).toBe(0);
  });

  it("does not ask again for what the kernel refuses, but for what was lost", async () => {
    const { detail, asked, answer, answerAll } = open();
    detail.see(CLOSE, 1, PICTURE);
    await rest();
    await answer("error");
    await answer("lost");
    await answerAll();
    expect(detail.shown.phase).toBe("waiting");
    detail.see(panBy(CLOSE, 1, 0), 1, PICTURE);
    await rest();
    await answerAll();
    const times = (part: ReadDetail | undefined) =>
      asked.filter((one) => part && nameOf(one) === nameOf(part)).length;
    expect([times(asked[0]), times(asked[1])]).toEqual([1, 2]);
    expect(detail.shown.phase).toBe("sharp");
  });

  it("asks nobody when there is no kernel, and ends with its view", async () => {
    const { detail, asked, open: bitmaps, controller, answerAll, stopKernel } = open();
    detail.see(CLOSE, 1, PICTURE);
    await rest();
    controller.abort();
    await answerAll();
    expect(bitmaps.size).toBe(0);
    stopKernel();
    const before = asked.length;
    detail.see(CLOSE, 1, PICTURE);
    await rest();
    expect(asked).toHaveLength(before);
  });
});
