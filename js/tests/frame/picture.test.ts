import { afterEach, describe, expect, it, vi } from "vitest";
import type { ImageState } from "../../contract/protocol";
import { Picture } from "../../frame/picture";

function image(width: number, height: number): ImageState {
  return {
    data: new DataView(new ArrayBuffer(4)),
    mime: "image/png",
    width,
    height,
    view_xyxy: null,
  };
}

/** Pictures that are decoded when the test says so. */
function slowDecoder() {
  const waiting: (() => void)[] = [];
  const closed: number[] = [];
  let made = 0;
  vi.stubGlobal("createImageBitmap", () => {
    const number = ++made;
    const bitmap = { number, close: () => closed.push(number) };
    return new Promise((resolve) => waiting.push(() => resolve(bitmap)));
  });
  const decodeNext = async (): Promise<void> => {
    waiting.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { decodeNext, closed };
}

function open() {
  const errors: string[] = [];
  let changes = 0;
  const picture = new Picture(
    () => {
      changes++;
    },
    (text) => errors.push(text),
  );
  return { picture, errors, changes: () => changes };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("Picture", () => {
  it("of another shape is shown when it is decoded; nothing is stretched meanwhile", async () => {
    const { decodeNext, closed } = slowDecoder();
    const { picture } = open();
    const [wide, tall] = [image(400, 300), image(300, 400)];
    void picture.load(wide);
    expect(picture.bitmapFor(wide)).toBeNull();
    await decodeNext();
    expect(picture.bitmapFor(wide)).toMatchObject({ number: 1 });
    void picture.load(tall);
    expect(picture.bitmapFor(tall)).toBeNull();
    await decodeNext();
    expect(picture.bitmapFor(tall)).toMatchObject({ number: 2 });
    expect(closed).toEqual([1]);
    expect(picture.bitmapFor(null)).toBeNull();
  });

  it("of the same shape takes the place of the old one without a blank", async () => {
    const { decodeNext } = slowDecoder();
    const { picture } = open();
    const [first, second] = [image(400, 300), image(400, 300)];
    void picture.load(first);
    await decodeNext();
    void picture.load(second);
    expect(picture.bitmapFor(second)).toMatchObject({ number: 1 });
    await decodeNext();
    expect(picture.bitmapFor(second)).toMatchObject({ number: 2 });
  });

  it("that is decoded too late is freed and not shown", async () => {
    const { decodeNext, closed } = slowDecoder();
    const { picture, changes } = open();
    void picture.load(image(400, 300));
    const last = image(40, 30);
    void picture.load(last);
    await decodeNext();
    expect(closed).toEqual([1]);
    expect(picture.bitmapFor(last)).toBeNull();
    expect(changes()).toBe(0);
    picture.dispose();
    await decodeNext();
    expect(closed).toEqual([1, 2]);
  });

  it("leaves no object URL behind in a browser without createImageBitmap", async () => {
    vi.stubGlobal("createImageBitmap", undefined);
    const made = vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:one");
    const revoked = vi.spyOn(URL, "revokeObjectURL").mockReturnValue(undefined);
    HTMLImageElement.prototype.decode = () => Promise.reject(new Error("broken"));
    const { picture, errors } = open();
    await picture.load(image(400, 300));
    expect(made).toHaveBeenCalledTimes(1);
    expect(revoked).toHaveBeenCalledWith("blob:one");
    expect(errors[0]).toContain("could not decode the image (image/png): broken");
  });
});
