import { describe, expect, it } from "vitest";
import { completions } from "../../ui/completions";

const controls = { classes: ["cup", "teacup", "mug"], class_colors: ["#ff8000", "", ""] };
const names = (text: string, isTyped: boolean, labels: string[] = []): string[] =>
  completions(text, isTyped, controls, labels).map(({ kind, name }) =>
    kind === "class" ? name : `${kind} ${name}`,
  );

describe("completions", () => {
  it("all classes, whatever stands there, until something is typed", () => {
    expect(names("mug", false)).toEqual(["cup", "teacup", "mug"]);
  });

  it("what begins with the text comes first, in small letters or capitals", () => {
    expect(names("TEA", true)).toEqual(["teacup", "new TEA"]);
    expect(names("cu", true)).toEqual(["cup", "teacup", "new cu"]);
  });

  it("labels in use that are no class, each once, and no empty one", () => {
    expect(names("", false, ["plate", "", "bowl", "plate", "cup"])).toEqual([
      "cup",
      "teacup",
      "mug",
      "label bowl",
      "label plate",
    ]);
  });

  it("what is a class already is no new one", () => {
    expect(names(" cup ", true)).toEqual(["cup", "teacup"]);
    expect(names("  ", true)).toEqual(["cup", "teacup", "mug"]);
  });

  it("tells colours, and the number keys of the first nine", () => {
    const classes = Array.from({ length: 10 }, (_, index) => `class ${index}`);
    const all = completions("", false, { classes, class_colors: classes.map(() => "") }, []);
    expect(all.map(({ key }) => key).join("")).toBe("123456789");
    expect(all.length).toBe(10);
    expect(completions("cup", true, controls, [])[0]?.color).toBe("#ff8000");
  });

  it("does not fill the page with labels", () => {
    const labels = Array.from({ length: 50 }, (_, index) => `label ${index}`);
    expect(completions("", false, { classes: [], class_colors: [] }, labels).length).toBe(12);
  });
});
