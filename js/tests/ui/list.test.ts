import { beforeEach, describe, expect, it } from "vitest";
import { makeObject } from "../helpers";
import { makeObjects, open } from "./panel";

beforeEach(() => {
  document.body.replaceChildren();
});

describe("several at once", () => {
  it("Ctrl adds to the selection and takes out of it, Shift selects all between", () => {
    const { sent, click, select } = open(makeObjects(5));
    select(2);
    click("select-4", { ctrlKey: true });
    select(2, 4);
    click("select-2", { metaKey: true });
    click("select-1", { shiftKey: true });
    expect(sent).toEqual([
      { kind: "select_objects", ids: [2, 4] },
      { kind: "select_objects", ids: [4] },
      { kind: "select_objects", ids: [1, 2, 3, 4] },
    ]);
  });

  it("are marked, counted, and one click leaves one of them", () => {
    const { sent, click, select, find } = open(makeObjects(5));
    select(2, 4);
    expect(find("object-count").textContent).toBe("2 of 5 selected");
    for (const [id, isSelected] of [
      [2, true],
      [3, false],
      [4, true],
    ] as const) {
      expect(find(`select-${id}`).getAttribute("aria-pressed")).toBe(String(isSelected));
    }
    click("select-4");
    expect(sent).toEqual([{ kind: "select_object", id: 4 }]);
    select(4);
    expect(find("object-count").textContent).toBe("5 objects");
    expect(find("select-2").getAttribute("aria-pressed")).toBe("false");
  });

  it.each([
    ["hide-2", { kind: "hide_objects", ids: [4, 2], hidden: true }],
    ["lock-2", { kind: "lock_objects", ids: [4, 2], locked: true }],
    ["delete-2", { kind: "delete_objects", ids: [4, 2] }],
    ["hide-3", { kind: "hide_objects", ids: [3], hidden: true }],
  ])("%s is for all that are selected, if it is one of them", (testId, request) => {
    const { sent, click, select } = open(makeObjects(5));
    select(4, 2);
    click(testId);
    expect(sent).toEqual([request]);
  });

  it("get one name together", () => {
    const { sent, select, find, key } = open(makeObjects(3));
    select(1, 2);
    find("rename-1").click();
    (find("edit-1") as HTMLInputElement).value = "plate";
    key("edit-1", "Enter");
    expect(sent).toEqual([{ kind: "relabel_objects", ids: [1, 2], label: "plate" }]);
  });

  it("Ctrl+A selects all", () => {
    const { sent, key } = open(makeObjects(3));
    expect(key("select-2", "a", { ctrlKey: true }).defaultPrevented).toBe(true);
    expect(sent).toEqual([{ kind: "select_objects", ids: [1, 2, 3] }]);
  });
});

describe("hidden and locked objects", () => {
  it("say so, and are shown and unlocked again", () => {
    const { sent, find, click } = open([
      makeObject(1, { label: "cup", hidden: true, locked: true }),
    ]);
    expect(find("select-1").title).toContain("hidden, locked");
    expect(find("hide-1").getAttribute("aria-label")).toBe("Show cup");
    expect(find("lock-1").getAttribute("aria-label")).toBe("Unlock cup");
    click("hide-1");
    click("lock-1");
    expect(sent).toEqual([
      { kind: "hide_objects", ids: [1], hidden: false },
      { kind: "lock_objects", ids: [1], locked: false },
    ]);
  });

  it("a locked one has no button to delete or refine it, and stays when others go", () => {
    const { sent, find, key, select } = open([makeObject(1, { locked: true }), makeObject(2)]);
    for (const testId of ["delete-1", "refine-1"]) {
      expect((find(testId) as HTMLButtonElement).disabled).toBe(true);
    }
    select(1, 2);
    key("select-2", "Delete");
    expect(sent).toEqual([{ kind: "delete_object", id: 2 }]);
  });

  it("one button hides all, and shows all when none is left to hide", () => {
    const { sent, find, show } = open([makeObject(1, { hidden: true }), makeObject(2)]);
    find("hide-all").click();
    show({ objects: [makeObject(1, { hidden: true }), makeObject(2, { hidden: true })] });
    expect(find("hide-all").title).toBe("Show all objects");
    find("hide-all").click();
    expect(sent).toEqual([
      { kind: "hide_objects", ids: [1, 2], hidden: true },
      { kind: "hide_objects", ids: [1, 2], hidden: false },
    ]);
    show({ objects: [] });
    expect(find("hide-all").hidden).toBe(true);
  });
});

describe("colours", () => {
  it("a click on the swatch offers the palette; one choice is for all that are selected", () => {
    const { sent, find, click, select, root } = open(makeObjects(3));
    select(1, 2);
    click("color-1");
    expect(find("colors").hidden).toBe(false);
    root.querySelectorAll<HTMLElement>(".samwidget-color")[1]?.click();
    expect(sent).toEqual([{ kind: "recolor_objects", ids: [1, 2], color: "#ff3a14" }]);
    expect(find("colors").hidden).toBe(true);
  });

  it("any other colour, too", () => {
    const { sent, find, click } = open(makeObjects(1));
    click("color-1");
    const custom = find("custom-color") as HTMLInputElement;
    expect(custom.value).toBe("#336699");
    custom.value = "#123456";
    custom.dispatchEvent(new Event("change", { bubbles: true }));
    expect(sent).toEqual([{ kind: "recolor_objects", ids: [1], color: "#123456" }]);
  });

  it("the keyboard goes into the palette and back", () => {
    const { sent, find, click, key } = open([makeObject(1, { color: "#ff3a14" })]);
    click("color-1", { detail: 0 });
    expect((document.activeElement as HTMLElement).dataset.color).toBe("#ff3a14");
    const press = (name: string): void => {
      const init = { key: name, bubbles: true, cancelable: true };
      document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", init));
    };
    press("ArrowRight");
    expect((document.activeElement as HTMLElement).dataset.color).toBe("#f7e500");
    press("Escape");
    expect(find("colors").hidden).toBe(true);
    expect(document.activeElement).toBe(find("color-1"));
    expect(sent).toEqual([]);
    expect(key("color-1", "t").defaultPrevented).toBe(false);
  });

  it("Escape closes the palette and does nothing else, wherever the keyboard is", () => {
    const { find, click } = open(makeObjects(1));
    click("color-1");
    const event = new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
    expect([find("colors").hidden, event.defaultPrevented]).toEqual([true, true]);
  });

  it("a press elsewhere closes the palette, and so does the end of the view", () => {
    const { find, click, end } = open(makeObjects(1));
    click("color-1");
    document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    expect(find("colors").hidden).toBe(true);
    click("color-1");
    end();
    expect(find("colors").hidden).toBe(true);
  });
});

describe("the place in the list", () => {
  it("Alt+arrows move the row, with what is selected together, and keep the keyboard on it", () => {
    const { sent, key, find, select } = open(makeObjects(4));
    find("select-2").focus();
    key("select-2", "ArrowDown", { altKey: true });
    key("select-1", "ArrowUp", { altKey: true });
    key("select-4", "ArrowDown", { altKey: true });
    select(3, 4);
    key("select-4", "ArrowUp", { altKey: true });
    expect(sent).toEqual([
      { kind: "reorder_objects", ids: [2], index: 2 },
      { kind: "reorder_objects", ids: [3, 4], index: 1 },
    ]);
    expect(document.activeElement).toBe(find("select-2"));
  });

  it("a drag by the handle puts the row between others; one that is called off does not", () => {
    const { sent, find, list } = open(makeObjects(4));
    for (const [index, row] of [...list.children].entries()) {
      Object.defineProperty(row, "offsetTop", { value: index * 28 });
      Object.defineProperty(row, "offsetHeight", { value: 28 });
    }
    const drag = (type: string, clientY: number): void => {
      const init = { pointerId: 5, button: 0, clientY, bubbles: true, cancelable: true };
      find("move-1").dispatchEvent(new PointerEvent(type, init));
    };
    drag("pointerdown", 14);
    drag("pointermove", 75);
    expect(list.querySelector(".samwidget-drop")).not.toBeNull();
    drag("pointerup", 75);
    expect(sent).toEqual([{ kind: "reorder_objects", ids: [1], index: 2 }]);
    drag("pointerdown", 14);
    drag("pointermove", 75);
    drag("pointercancel", 75);
    drag("pointerup", 75);
    drag("pointerdown", 14);
    drag("pointerup", 14);
    expect(sent.length).toBe(1);
    expect(list.querySelector(".samwidget-drop")).toBeNull();
  });
});

describe("the name of the next object", () => {
  const type = (input: HTMLElement, text: string): void => {
    (input as HTMLInputElement).value = text;
    input.dispatchEvent(new Event("input"));
  };
  const options = (root: HTMLElement): string[] =>
    [...root.querySelectorAll("[role=listbox]:not([hidden]) .samwidget-choice-name")].map(
      (option) => option.textContent,
    );

  it("is chosen from classes by keys, and the canvas has the keyboard again", () => {
    const { sent, show, find, key, root, controls, focused } = open([]);
    show({ controls: { ...controls, classes: ["cup", "mug"], class_colors: ["#ff8000", ""] } });
    find("label").focus();
    expect(options(root)).toEqual(["cup", "mug"]);
    expect(find("label").getAttribute("aria-expanded")).toBe("true");
    key("label", "ArrowDown");
    key("label", "ArrowDown");
    const active = find("label").getAttribute("aria-activedescendant") ?? "";
    expect(document.getElementById(active)?.textContent).toBe("mug2");
    key("label", "Enter");
    expect(sent).toEqual([{ kind: "set_label", label: "mug" }]);
    expect(focused()).toBe(1);
    expect(options(root)).toEqual([]);
  });

  it("may be a new class, by a click", () => {
    const { sent, show, find, root, controls } = open([]);
    show({ controls: { ...controls, classes: ["cup"], class_colors: [""] } });
    find("label").focus();
    type(find("label"), "mug");
    expect(options(root)).toEqual(["New class “mug”"]);
    root.querySelector<HTMLElement>("[role=option]")?.click();
    expect(sent).toEqual([
      { kind: "add_class", name: "mug", color: "" },
      { kind: "set_label", label: "mug" },
    ]);
  });

  it("is free text when nothing is chosen; Escape leaves it", () => {
    const { sent, find, key } = open(makeObjects(1));
    find("label").focus();
    type(find("label"), " plate ");
    key("label", "Enter");
    expect(sent).toEqual([{ kind: "set_label", label: "plate" }]);
    type(find("label"), "saucer");
    key("label", "Escape");
    expect((find("label") as HTMLInputElement).value).toBe("plate");
    expect(sent.length).toBe(1);
  });

  it("an object in the list takes a class the same way", () => {
    const { sent, show, find, root, controls } = open(makeObjects(1));
    show({ controls: { ...controls, classes: ["cup"], class_colors: [""] } });
    find("rename-1").click();
    root.querySelector<HTMLElement>("[role=option]")?.click();
    expect(sent).toEqual([{ kind: "relabel_object", id: 1, label: "cup" }]);
    expect(() => find("edit-1")).toThrow();
  });
});
