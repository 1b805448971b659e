import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WireEdit } from "../../contract/protocol";
import type { Shown } from "../../state/optimism";
import { createMaskMenu } from "../../ui/masks";
import { makeField, makeObject, makeState } from "../helpers";

let sent: WireEdit[];
let focused: number;
let controller: AbortController;

beforeEach(() => {
  sent = [];
  focused = 0;
  controller = new AbortController();
  document.body.replaceChildren();
});
afterEach(() => controller.abort());

function open(
  changes: Partial<Shown["controls"]> & { selection?: number[] } = {},
  drafted = false,
) {
  const menu = createMaskMenu(
    { send: (edit) => sent.push(edit), scale: () => 0.5, focusCanvas: () => focused++ },
    controller.signal,
  );
  document.body.append(menu.button, menu.element);
  const { draft, found, controls } = makeState();
  const shown: Shown = {
    draft: drafted ? { ...draft, painted: true, field: makeField(4, 4, () => 255) } : draft,
    objects: [makeObject(1), makeObject(2)],
    found,
    controls: { ...controls, ...changes },
  };
  menu.update(shown, false);
  const find = (name: string): HTMLButtonElement => {
    const item = menu.element.querySelector<HTMLButtonElement>(`[data-testid="mask-${name}"]`);
    if (!item) throw new Error(`no ${name}`);
    return item;
  };
  return { menu, shown, find };
}

const press = (target: EventTarget, key: string): boolean =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));

describe("the menu of masks", () => {
  it("opens and closes by its button", () => {
    const { menu } = open();
    expect(menu.element.hidden).toBe(true);
    menu.button.click();
    expect(menu.element.hidden).toBe(false);
    expect(menu.button.getAttribute("aria-expanded")).toBe("true");
    menu.button.click();
    expect(menu.element.hidden).toBe(true);
    expect(menu.close()).toBe(false);
    menu.button.click();
    expect(menu.close()).toBe(true);
    expect(menu.element.hidden).toBe(true);
  });

  it.each([
    ["nothing", {}, false, ["exclusive"]],
    [
      "one object",
      { selected: 2 },
      false,
      ["fill-holes", "drop-islands", "grow", "shrink", "smooth", "split", "exclusive"],
    ],
    [
      "two objects",
      { selected: 2, selection: [1, 2] },
      false,
      [
        "fill-holes",
        "drop-islands",
        "grow",
        "shrink",
        "smooth",
        "union",
        "subtract",
        "intersect",
        "split",
        "exclusive",
      ],
    ],
    ["a draft", {}, true, ["fill-holes", "drop-islands", "grow", "shrink", "smooth", "exclusive"]],
  ] as const)("offers what can be done to %s", (_, controls, drafted, expected) => {
    const { menu } = open({ ...controls } as object, drafted);
    const usable = [...menu.element.querySelectorAll("button")].filter((item) => !item.disabled);
    expect(usable.map((item) => item.dataset.testid?.replace("mask-", ""))).toEqual(expected);
  });

  it("sends the edit, by what can be seen at this zoom", () => {
    const { find } = open({ selected: 2 });
    find("grow").click();
    find("fill-holes").click();
    expect(sent).toEqual([
      { kind: "reshape_mask", operation: "grow", amount: 4, id: 2 },
      { kind: "reshape_mask", operation: "fill_holes", amount: 1, id: 2 },
    ]);
  });

  it("combines in the order in which objects were chosen", () => {
    const { find } = open({ selected: 1, selection: [2, 1] });
    find("subtract").click();
    expect(sent).toEqual([{ kind: "combine_objects", operation: "subtract", ids: [2, 1] }]);
  });

  it("shows and changes whether masks may overlap", () => {
    const { find } = open({ exclusive: true });
    expect(find("exclusive").getAttribute("aria-checked")).toBe("true");
    find("exclusive").click();
    expect(sent).toEqual([{ kind: "set_exclusive", exclusive: false }]);
  });

  it("is gone through by the arrow keys, round the end and past what is disabled", () => {
    const { menu, find } = open({ selected: 2 });
    menu.button.click();
    find("fill-holes").focus();
    press(find("fill-holes"), "ArrowUp");
    expect(document.activeElement).toBe(find("exclusive"));
    press(find("exclusive"), "ArrowUp");
    expect(document.activeElement).toBe(find("split"));
    press(find("split"), "ArrowUp");
    expect(document.activeElement).toBe(find("smooth"));
    press(find("smooth"), "Home");
    expect(document.activeElement).toBe(find("fill-holes"));
    expect(press(find("fill-holes"), "x")).toBe(true); // left to others
    expect(press(find("fill-holes"), "Escape")).toBe(false);
    expect(menu.element.hidden).toBe(true);
    expect(focused).toBe(1);
  });

  it("closes, and offers nothing, where no kernel is", () => {
    const { menu, shown } = open({ selected: 2 });
    menu.button.click();
    menu.update(shown, true);
    expect(menu.element.hidden).toBe(true);
    expect(menu.button.disabled).toBe(true);
  });

  it("ends with its view", () => {
    const { find } = open({ selected: 2 });
    controller.abort();
    find("grow").click();
    expect(sent).toEqual([]);
  });
});
