import { describe, expect, it } from "vitest";
import { scaleBar } from "../../frame/scalebar";

describe("scaleBar", () => {
  it.each([
    ["as long as a round number of units allows", 2, "µm", 140, 100, "50 µm"],
    ["exactly what fits", 1, "m", 100, 100, "100 m"],
    ["of parts of a unit", 400, "mm", 140, 80, "0.2 mm"],
    ["of very many units", 1e-7, "nm", 140, 100, "1e9 nm"],
    ["without a unit", 7, "", 100, 70, "10"],
  ])("is %s", (_, pixelsPerUnit, unit, most, length, text) => {
    const bar = scaleBar(pixelsPerUnit, unit, most);
    expect(bar?.length).toBeCloseTo(length, 6);
    expect(bar?.text).toBe(text);
  });

  it.each([0, Number.NaN, Number.POSITIVE_INFINITY])("is none for %d pixels a unit", (scale) => {
    expect(scaleBar(scale, "m", 140)).toBeNull();
  });
});
