import { beforeEach, describe, expect, it } from "vitest";
import { drawThumbnail } from "../../ui/thumbnail";
import { makeField } from "../helpers";
import { drawn, preparePage } from "../page";

beforeEach(preparePage);

const field = makeField(4, 4, () => 255, [0, 0, 400, 300]);

/** What is drawn of a picture of this size, the part of it as wide as told. */
function draws(picture: { width: number; height: number } | null, partWidth = 4000): string[] {
  const canvas = document.createElement("canvas");
  canvas.width = 60;
  canvas.height = 45;
  drawn.length = 0;
  drawThumbnail(canvas, {
    field,
    region: [0, 0, partWidth, partWidth * 0.75],
    picture: picture as ImageBitmap | null,
    imageWidth: 4000,
    imageHeight: 3000,
    color: "#ff0000",
  });
  return drawn.filter((name) => name === "drawImage");
}

describe("a thumbnail", () => {
  it("scales a large picture once for all of them", () => {
    const picture = { width: 4000, height: 3000 };
    expect(draws(picture)).toHaveLength(2); // to the small copy, and from it
    expect(draws(picture)).toHaveLength(1);
  });

  it("takes the picture itself where a small copy would be too coarse", () => {
    const picture = { width: 4000, height: 3000 };
    expect(draws(picture, 100)).toHaveLength(1);
    expect(draws(picture)).toHaveLength(2);
  });

  it("takes a small picture as it is", () => {
    expect(draws({ width: 1100, height: 800 })).toHaveLength(1);
  });

  it("shows the mask alone where there is no picture, or none any more", () => {
    expect(draws(null)).toHaveLength(0);
    expect(draws({ width: 0, height: 0 })).toHaveLength(0);
    expect(drawn).toContain("fill");
  });
});
