import { describe, expect, it } from "vitest";
import { applyTable, toneTable } from "../../frame/tone";

const made = { black: 100, white: 355 };

describe("toneTable", () => {
  it("is none where nothing changes", () => {
    expect(toneTable(made, made, 1)).toBeNull();
  });

  it("shows the values of another window, and cuts what lies beyond", () => {
    const table = toneTable(made, { black: 200, white: 302 }, 1);
    expect(table?.[100]).toBe(0); // 200
    expect(table?.[151]).toBe(128); // 251
    expect(table?.[202]).toBe(255); // 302
    expect([table?.[0], table?.[255]]).toEqual([0, 255]);
  });

  it("brightens the middle with gamma, and leaves the ends", () => {
    const table = toneTable(made, made, 2);
    expect([table?.[0], table?.[64], table?.[255]]).toEqual([0, 128, 255]);
  });

  it("stays finite in a window without width", () => {
    const table = toneTable(made, { black: 228, white: 228 }, 1);
    expect([table?.[0], table?.[127], table?.[129], table?.[255]]).toEqual([0, 0, 255, 255]);
  });
});

describe("applyTable", () => {
  it("changes colours and leaves what is opaque opaque", () => {
    const table = new Uint8ClampedArray(256).map((_, byte) => 255 - byte);
    const rgba = new Uint8ClampedArray([0, 10, 255, 255, 1, 2, 3, 128]);
    applyTable(rgba, table);
    expect([...rgba]).toEqual([255, 245, 0, 255, 254, 253, 252, 128]);
  });
});
