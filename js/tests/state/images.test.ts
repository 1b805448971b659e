import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ImagesState, ThumbnailReply } from "../../contract/protocol";
import { changedImages, hasImage, Thumbnails } from "../../state/images";

const list: ImagesState = {
  generation: 1,
  index: 0,
  count: 5,
  is_complete: true,
  title: "a.png",
  marks: [{ index: 2, mark: "skipped", objects: 0 }],
};

describe("changedImages", () => {
  it("keeps the marks of the same list and takes the newer ones", () => {
    const marks = [
      { index: 2, mark: "submitted", objects: 3 },
      { index: 0, mark: "open", objects: 1 },
    ] as const;
    const next = changedImages(list, { ...list, index: 1, marks: [...marks] });
    expect(next).toEqual({ ...list, index: 1, marks: [...marks] });
    expect(changedImages(list, { ...list, index: 1, marks: [] })?.marks).toEqual(list.marks);
  });

  it("knows no marks of another list, and that there is none any more", () => {
    expect(changedImages(list, { ...list, generation: 2, marks: [] })?.marks).toEqual([]);
    expect(changedImages(list, null)).toBeNull();
  });
});

it.each([
  [-1, true, false],
  [0, true, true],
  [4, true, true],
  [5, true, false],
  [5, false, true],
  [6, false, false],
])("hasImage %i of 5, complete %s: %s", (index, is_complete, expected) => {
  expect(hasImage({ ...list, is_complete }, index)).toBe(expected);
});

describe("Thumbnails", () => {
  const urls = new Set<string>();
  beforeEach(() => {
    urls.clear();
    let made = 0;
    vi.spyOn(URL, "createObjectURL").mockImplementation(() => {
      const url = `blob:${made++}`;
      urls.add(url);
      return url;
    });
    vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => void urls.delete(url));
  });

  /** Thumbnails whose kernel answers when it is told to. */
  function open() {
    const asked: number[] = [];
    const answers: ((reply: ThumbnailReply | null) => void)[] = [];
    const changed = vi.fn();
    const thumbnails = new Thumbnails((index) => {
      asked.push(index);
      return new Promise((resolve) => answers.push(resolve));
    }, changed);
    const answer = async (title: string | null): Promise<void> => {
      const data = new DataView(new ArrayBuffer(4));
      const reply = { kind: "thumbnail", client: "a", seq: 1, title: title ?? "", data } as const;
      answers.shift()?.(title === null ? null : reply);
      await new Promise((resolve) => setTimeout(resolve, 0));
    };
    return { thumbnails, asked, answer, changed };
  }

  it("asks for two at a time, and not for what has gone out of sight meanwhile", async () => {
    const { thumbnails, asked, answer, changed } = open();
    thumbnails.want(1, [0, 1, 2, 3]);
    expect(asked).toEqual([0, 1]);
    thumbnails.want(1, [8, 9]);
    expect(asked).toEqual([0, 1]);
    await answer("a.png");
    expect(changed).toHaveBeenCalledOnce();
    expect(asked).toEqual([0, 1, 8]);
    expect(thumbnails.get(0)).toEqual({ url: "blob:0", title: "a.png" });
    expect(thumbnails.get(1)).toBeUndefined();
  });

  it("does not ask again for one that cannot be had", async () => {
    const { thumbnails, asked, answer } = open();
    thumbnails.want(1, [4]);
    await answer(null);
    thumbnails.want(1, [4]);
    expect(asked).toEqual([4]);
    expect(thumbnails.get(4)).toBeNull();
  });

  it("keeps two hundred, and frees what it forgets", async () => {
    const { thumbnails, answer } = open();
    for (let index = 0; index < 210; index++) {
      thumbnails.want(1, [0, index]);
      await answer("");
    }
    expect(urls.size).toBe(200);
    expect(thumbnails.get(0)).toBeDefined();
    expect(thumbnails.get(1)).toBeUndefined();
    thumbnails.dispose();
    expect(urls.size).toBe(0);
  });

  it("knows nothing of another list, and what comes late is none of its own", async () => {
    const { thumbnails, asked, answer } = open();
    thumbnails.want(1, [0, 1]);
    await answer("a.png");
    thumbnails.want(2, [0]);
    expect(thumbnails.get(0)).toBeUndefined();
    expect(urls.size).toBe(0);
    expect(asked).toEqual([0, 1, 0]);
    await answer("of the old list");
    expect(thumbnails.get(1)).toBeUndefined();
    await answer("b.png");
    expect(thumbnails.get(0)?.title).toBe("b.png");
  });

  it("makes nothing of an answer that comes after its end", async () => {
    const { thumbnails, answer } = open();
    thumbnails.want(1, [0]);
    thumbnails.dispose();
    await answer("a.png");
    expect(urls.size).toBe(0);
  });
});
