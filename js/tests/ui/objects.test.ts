import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeObject } from "../helpers";
import { makeObjects, open } from "./panel";

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

describe("many objects", () => {
  it("change only the rows that are other values", () => {
    const objects = makeObjects(300);
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
    show({ objects: objects.map((one) => (one.id === 200 ? { ...one, label: "saucer" } : one)) });
    select(3);
    for (const record of observer.takeRecords()) {
      const { target } = record;
      const element = target instanceof Element ? target : target.parentElement;
      changed.add(element?.closest<HTMLElement>("[data-id]")?.dataset.id ?? "the list");
    }
    observer.disconnect();
    // Row 1 was the one that Tab reached.
    expect([...changed].sort()).toEqual(["1", "200", "3"]);
    expect(find("select-200").textContent).toContain("saucer");
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
