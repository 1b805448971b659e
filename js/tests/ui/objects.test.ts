import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ObjectState, WireEdit } from "../../contract/protocol";
import type { Shown } from "../../state/optimism";
import { createObjectPanel } from "../../ui/objects";
import { makeField, makeObject, makeState } from "../helpers";

const field = makeField(2, 2, () => 255);

function makeObjects(count: number): ObjectState[] {
  return Array.from({ length: count }, (_, index) =>
    makeObject(index + 1, { label: `cup ${index + 1}`, area: 1234 * (index + 1), field }),
  );
}

function open(objects: readonly ObjectState[]) {
  const controller = new AbortController();
  const sent: WireEdit[] = [];
  let focused = 0;
  const panel = createObjectPanel(
    {
      send: (edit) => sent.push(edit),
      focusCanvas: () => {
        focused++;
      },
    },
    controller.signal,
  );
  document.body.replaceChildren(panel.element);
  const { draft, controls } = makeState();
  let shown: Shown = { draft, objects, found: null, controls };
  const show = (changes: Partial<Shown>, readOnly = false): void => {
    shown = { ...shown, ...changes };
    panel.update(shown, readOnly);
  };
  const select = (...ids: number[]): void =>
    show({ controls: { ...controls, selected: ids.at(-1) ?? null, selection: ids } });
  show({});
  /** As a person does it: with the pointer over the row. */
  const find = (testId: string): HTMLElement => {
    const row = panel.element.querySelector(`[data-id="${/-(\d+)$/.exec(testId)?.[1]}"]`);
    row?.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
    const found = panel.element.querySelector<HTMLElement>(`[data-testid="${testId}"]`);
    if (!found) throw new Error(`no ${testId}`);
    return found;
  };
  const key = (testId: string, name: string, more: KeyboardEventInit = {}): KeyboardEvent => {
    const init = { key: name, bubbles: true, cancelable: true, ...more };
    const event = new KeyboardEvent("keydown", init);
    find(testId).dispatchEvent(event);
    return event;
  };
  const list = panel.element.querySelector<HTMLElement>('[role="list"]');
  if (!list) throw new Error("no list");
  const click = (testId: string, more: MouseEventInit = {}): void => {
    find(testId).dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1, ...more }));
  };
  const end = (): void => controller.abort();
  const root = panel.element;
  return {
    sent,
    show,
    select,
    find,
    key,
    click,
    list,
    root,
    end,
    controls,
    focused: () => focused,
  };
}

beforeEach(() => {
  document.body.replaceChildren();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("the list of objects", () => {
  it("tells colour, name, score and area of each, and how many there are", () => {
    const { find, show } = open([makeObject(7, { label: "cup", area: 12345, score: 1.04 })]);
    expect(find("select-7").textContent).toBe("cup100%12,345 px");
    expect(find("color-7").querySelector<HTMLElement>("span")?.style.backgroundColor).toBe(
      "#336699",
    );
    expect(find("object-count").textContent).toBe("1 object");
    show({ objects: makeObjects(3) });
    expect(find("object-count").textContent).toBe("3 objects");
    show({ objects: [] });
    expect(find("object-count").hidden).toBe(true);
  });

  it("an object without a name is called by its number", () => {
    expect(open([makeObject(7)]).find("select-7").textContent).toContain("object 7");
  });

  it.each([
    ["select-2", [{ kind: "select_object", id: 2 }]],
    ["delete-2", [{ kind: "delete_object", id: 2 }]],
    ["refine-2", [{ kind: "reopen_object", id: 2 }]],
  ])("%s asks for it", (testId, requests) => {
    const { find, sent } = open(makeObjects(3));
    find(testId).click();
    expect(sent).toEqual(requests);
  });

  it("a click on the selected one takes the selection back, the second of a double click not", () => {
    const { find, sent, select } = open(makeObjects(3));
    select(2);
    find("select-2").dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 2 }));
    expect(sent).toEqual([]);
    find("select-2").click();
    expect(sent).toEqual([{ kind: "select_object", id: null }]);
  });

  it.each(["rename-2", "F2", "double click"])("renames by %s", (how) => {
    const { find, key, sent, focused } = open(makeObjects(3));
    if (how === "F2") key("select-2", "F2");
    else if (how === "rename-2") find("rename-2").click();
    else find("select-2").dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    const input = find("edit-2") as HTMLInputElement;
    expect(input.value).toBe("cup 2");
    input.value = " saucer ";
    key("edit-2", "Enter");
    expect(sent).toEqual([{ kind: "relabel_object", id: 2, label: "saucer" }]);
    expect(focused()).toBe(1);
    expect(() => find("edit-2")).toThrow();
  });

  it("an object that goes while its name is written sends nothing", () => {
    const { find, sent, show } = open(makeObjects(2));
    find("rename-2").click();
    const input = find("edit-2") as HTMLInputElement;
    input.value = "saucer";
    show({ objects: makeObjects(1) });
    input.dispatchEvent(new FocusEvent("blur"));
    expect(sent).toEqual([]);
  });
});

describe("the keyboard", () => {
  it("Tab reaches one row, the arrows the others", () => {
    const { find, key, list } = open(makeObjects(4));
    const reachable = (): string[] =>
      [...list.querySelectorAll<HTMLElement>('[data-action="select"]')].flatMap((button) =>
        button.tabIndex === 0 ? [button.dataset.testid ?? ""] : [],
      );
    expect(reachable()).toEqual(["select-1"]);
    find("select-1").focus();
    expect(key("select-1", "ArrowDown").defaultPrevented).toBe(true);
    expect(document.activeElement).toBe(find("select-2"));
    key("select-2", "End");
    expect(document.activeElement).toBe(find("select-4"));
    key("select-4", "ArrowDown");
    expect(reachable()).toEqual(["select-4"]);
    key("select-4", "ArrowUp");
    key("select-3", "Home");
    expect(document.activeElement).toBe(find("select-1"));
    expect(find("delete-1").tabIndex).toBe(0);
    expect(find("delete-2").tabIndex).toBe(-1);
  });

  it("Delete deletes and goes on with a neighbour; other keys pass", () => {
    const { find, key, sent } = open(makeObjects(3));
    find("select-3").focus();
    key("select-3", "Delete");
    expect(sent).toEqual([{ kind: "delete_object", id: 3 }]);
    expect(document.activeElement).toBe(find("select-2"));
    expect(key("select-2", "t").defaultPrevented).toBe(false);
    expect(key("select-2", "Enter").defaultPrevented).toBe(false);
  });

  it("the row that Tab reaches goes with its object", () => {
    const { find, show } = open(makeObjects(3));
    find("select-1").focus();
    show({ objects: makeObjects(3).slice(1) });
    expect(find("select-2").tabIndex).toBe(0);
  });
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

describe("without a kernel", () => {
  it("the rows are to look at only, also those that were there before", () => {
    const { find, key, sent, show } = open(makeObjects(2));
    show({}, true);
    for (const testId of [
      "select-1",
      "color-1",
      "hide-1",
      "lock-1",
      "move-1",
      "rename-1",
      "refine-1",
      "delete-1",
      "hide-all",
      "label",
    ]) {
      expect(find(testId).hasAttribute("disabled"), testId).toBe(true);
    }
    key("select-1", "Delete");
    key("select-1", "F2");
    key("select-1", "ArrowDown", { altKey: true });
    key("select-1", "a", { ctrlKey: true });
    expect(sent).toEqual([]);
    expect(find("select-1").textContent).toContain("cup 1");
  });
});

describe("a thousand objects", () => {
  it("change only the rows that are other values", () => {
    const objects = makeObjects(1000);
    const { find, show, list, select } = open(objects);
    const rows = [...list.children];
    const changed = new Set<string>();
    const observer = new MutationObserver((records) => {
      for (const { target } of records) {
        const element = target instanceof Element ? target : target.parentElement;
        changed.add(element?.closest<HTMLElement>("[data-id]")?.dataset.id ?? "the list");
      }
    });
    const everything = { attributes: true, characterData: true, childList: true, subtree: true };
    observer.observe(list, everything);
    show({ objects: objects.map((one) => (one.id === 500 ? { ...one, label: "saucer" } : one)) });
    select(3);
    for (const record of observer.takeRecords()) {
      const { target } = record;
      const element = target instanceof Element ? target : target.parentElement;
      changed.add(element?.closest<HTMLElement>("[data-id]")?.dataset.id ?? "the list");
    }
    observer.disconnect();
    // Row 1 was the one that Tab reached.
    expect([...changed].sort()).toEqual(["1", "3", "500"]);
    expect(find("select-500").textContent).toContain("saucer");
    expect([...list.children]).toEqual(rows);
  });

  it("keep their order when one comes back to its place", () => {
    const objects = makeObjects(5);
    const { show, list } = open(objects.filter(({ id }) => id !== 3));
    const kept = [...list.children];
    show({ objects });
    expect([...list.children].map((row) => (row as HTMLElement).dataset.id)).toEqual([
      "1",
      "2",
      "3",
      "4",
      "5",
    ]);
    expect(kept.every((row) => row.isConnected)).toBe(true);
  });

  it("the selected one is scrolled into sight, and the page stays where it is", () => {
    const { list, find, select } = open(makeObjects(100));
    Object.defineProperty(list, "clientHeight", { value: 140 });
    for (const [index, row] of [...list.children].entries()) {
      Object.defineProperty(row, "offsetTop", { value: index * 28 });
      Object.defineProperty(row, "offsetHeight", { value: 28 });
    }
    const intoView = vi.spyOn(Element.prototype, "scrollIntoView");
    select(50);
    expect(list.scrollTop).toBe(50 * 28 - 140);
    select(49);
    expect(list.scrollTop).toBe(50 * 28 - 140);
    select(2);
    expect(list.scrollTop).toBe(28);
    expect(intoView).not.toHaveBeenCalled();
    expect(find("select-2").getAttribute("aria-pressed")).toBe("true");
    expect(find("select-50").getAttribute("aria-pressed")).toBe("false");
  });
});
