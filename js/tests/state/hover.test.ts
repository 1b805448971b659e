import { describe, expect, it } from "vitest";
import type { PreviewReply } from "../../contract/protocol";
import { Hover } from "../../state/hover";
import { LatestWins } from "../../state/latest";
import { makeField } from "../helpers";

/** Jobs that end when the test says so. */
class Jobs<T> {
  readonly started: T[] = [];
  #finish: (() => void)[] = [];

  run = (value: T): Promise<void> => {
    this.started.push(value);
    return new Promise((resolve) => this.#finish.push(resolve));
  };

  async finishNext(): Promise<void> {
    this.#finish.shift()?.();
    await tick();
  }
}

async function tick(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

describe("LatestWins", () => {
  it("runs one at a time and skips to the newest", async () => {
    const jobs = new Jobs<number>();
    const latest = new LatestWins(jobs.run);
    for (const value of [1, 2, 3, 4]) latest.push(value);
    expect(jobs.started).toEqual([1]);
    await jobs.finishNext();
    expect(jobs.started).toEqual([1, 4]);
    await jobs.finishNext();
    expect(latest.busy).toBe(false);
    latest.push(5);
    expect(jobs.started).toEqual([1, 4, 5]);
  });

  it("forgets what waits when it is dropped", async () => {
    const jobs = new Jobs<number>();
    const latest = new LatestWins(jobs.run);
    latest.push(1);
    latest.push(2);
    latest.drop();
    await jobs.finishNext();
    expect(jobs.started).toEqual([1]);
    expect(latest.busy).toBe(false);
  });

  it("goes on after a job that failed", async () => {
    const started: number[] = [];
    const latest = new LatestWins(async (value: number) => {
      started.push(value);
      if (value === 1) throw new Error("lost");
    });
    latest.push(1);
    latest.push(2);
    await tick();
    expect(started).toEqual([1, 2]);
  });
});

describe("Hover", () => {
  // A mask over x < 10; the whole field is 20 wide.
  const field = makeField(4, 4, (column) => (column < 2 ? 255 : 0), [0, 0, 20, 20]);
  const answer: PreviewReply = { kind: "preview", client: "a", seq: 1, score: 0.9, field };

  function hover() {
    const asked: [number, number][] = [];
    const answers: ((reply: PreviewReply | null) => void)[] = [];
    const counts = { cancelled: 0, changes: 0 };
    const subject = new Hover({
      ask: (x, y) => {
        asked.push([x, y]);
        return new Promise((resolve) => answers.push(resolve));
      },
      cancel: () => {
        counts.cancelled++;
      },
      onChange: () => {
        counts.changes++;
      },
    });
    const reply = async (preview: PreviewReply | null): Promise<void> => {
      answers.shift()?.(preview);
      await tick();
    };
    return { subject, asked, counts, reply };
  }

  it("shows the preview where the pointer is", async () => {
    const { subject, asked, counts, reply } = hover();
    subject.move({ x: 3, y: 4 });
    await reply(answer);
    expect(asked).toEqual([[3, 4]]);
    expect(subject.field).toBe(field);
    expect(counts.changes).toBe(1);
  });

  it("asks for no place twice, until the pointer has been elsewhere", async () => {
    const { subject, asked, reply } = hover();
    subject.move({ x: 3, y: 4 });
    subject.move({ x: 3, y: 4 });
    await reply(answer);
    subject.move({ x: 3, y: 4 });
    expect(asked).toEqual([[3, 4]]);
    subject.leave();
    subject.move({ x: 3, y: 4 });
    expect(asked).toHaveLength(2);
  });

  it("tells when the pointer was where the preview is of", async () => {
    const { subject, reply } = hover();
    const before = performance.now();
    subject.move({ x: 3, y: 4 });
    const after = performance.now();
    await reply(answer);
    expect(subject.askedAt).toBeGreaterThanOrEqual(before);
    expect(subject.askedAt).toBeLessThanOrEqual(after);
  });

  it("drops it when the pointer leaves, and cancels the request that is under way", async () => {
    const { subject, counts, reply } = hover();
    subject.move({ x: 3, y: 4 });
    await reply(answer);
    subject.move({ x: 5, y: 5 });
    subject.leave();
    expect(subject.field).toBeNull();
    expect(counts.cancelled).toBe(1);
    await reply(answer);
    expect(subject.field).toBeNull();
  });

  it("keeps the old preview when a request gives nothing", async () => {
    const { subject, reply } = hover();
    subject.move({ x: 3, y: 4 });
    await reply(answer);
    subject.move({ x: 5, y: 5 });
    await reply(null);
    expect(subject.field).toBe(field);
  });

  it("keeps a clicked preview until the draft's own mask is there", async () => {
    const { subject, reply, asked } = hover();
    subject.move({ x: 3, y: 4 });
    await reply(answer);
    subject.take({ x: 4, y: 4 });
    expect(subject.taken).toBe(true);
    subject.leave();
    subject.move({ x: 6, y: 6 });
    expect(subject.field).toBe(field);
    expect(asked).toHaveLength(1);
    subject.release();
    expect(subject.field).toBeNull();
    expect(subject.taken).toBe(false);
  });

  it("drops a preview that the click did not hit", async () => {
    const { subject, reply } = hover();
    subject.move({ x: 3, y: 4 });
    await reply(answer);
    subject.take({ x: 15, y: 4 });
    expect(subject.taken).toBe(false);
    expect(subject.field).toBeNull();
  });
});
