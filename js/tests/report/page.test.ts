import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mountReport } from "../../report/page";

const PAGE = `
<main class="stage" tabindex="0">
<svg viewBox="0 0 200 100" width="200" height="100"><g fill-opacity="0.45">
<path data-object="0" d="M0 0h9v9h-9z"><title>cup &lt;b&gt; · score 0.90</title></path>
<path data-object="1" d="M20 0h9v9h-9z"><title>spoon · score 0.80</title></path>
</g></svg>
<div class="zoom"><button data-zoom="out"></button><button data-zoom="in"></button>
<button data-zoom="fit"></button><button data-zoom="actual"></button></div>
</main>
<aside><input type="checkbox" data-all checked><input type="checkbox" data-outlines>
<input type="range" data-opacity min="0" max="100" value="45">
<table><tbody>
<tr data-object="0"><td><input type="checkbox" checked></td></tr>
<tr data-object="1"><td><input type="checkbox" checked></td></tr>
</tbody></table></aside>`;

let root: HTMLElement;
let unmount: () => void;

function one<T extends Element = HTMLElement>(selector: string): T {
  const found = root.querySelector<T>(selector);
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
}

function pointer(target: Element, kind: string, x: number, y: number, pointerId = 1): void {
  const init = { clientX: x, clientY: y, pointerId, bubbles: true, button: 0 };
  target.dispatchEvent(new PointerEvent(kind, init));
}

function press(key: string, kind = "keydown"): KeyboardEvent {
  const event = new KeyboardEvent(kind, { key, bubbles: true, cancelable: true });
  one(".stage").dispatchEvent(event);
  return event;
}

const viewBox = () => (one("svg").getAttribute("viewBox") ?? "").split(" ").map(Number);
const path = (id: number) => one<SVGPathElement>(`path[data-object="${id}"]`);
const box = (id: number) => one<HTMLInputElement>(`tr[data-object="${id}"] input`);

function check(input: HTMLInputElement, isOn: boolean): void {
  input.checked = isOn;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

beforeEach(() => {
  root = document.createElement("div");
  root.innerHTML = PAGE;
  document.body.append(root);
  const stage = one(".stage");
  vi.spyOn(stage, "clientWidth", "get").mockReturnValue(400);
  vi.spyOn(stage, "clientHeight", "get").mockReturnValue(200);
  stage.setPointerCapture = () => {};
  stage.hasPointerCapture = () => true;
  unmount = mountReport(root);
});

afterEach(() => {
  unmount();
  root.remove();
});

describe("the picture", () => {
  it("begins whole", () => {
    expect(viewBox()).toEqual([0, 0, 200, 100]);
    expect(root.classList.contains("live")).toBe(true);
  });

  it("is zoomed at the pointer by the wheel, without scrolling the page", () => {
    const event = new WheelEvent("wheel", { deltaY: -400, cancelable: true });
    Object.defineProperties(event, { clientX: { value: 100 }, clientY: { value: 50 } });
    one(".stage").dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    expect(viewBox()).toEqual([25, 12.5, 100, 50]); // (50, 25) stays a quarter in
  });

  it("is moved by dragging, and not beyond its border", () => {
    press("+");
    press("+");
    const [x = 0, y = 0, width] = viewBox();
    pointer(one(".stage"), "pointerdown", 100, 100);
    pointer(one(".stage"), "pointermove", 80, 90);
    pointer(one(".stage"), "pointerup", 80, 90);
    const scale = 400 / (width ?? 1);
    expect(viewBox()[0]).toBeCloseTo(x + 20 / scale, 2);
    expect(viewBox()[1]).toBeCloseTo(y + 10 / scale, 2);
    pointer(one(".stage"), "pointerdown", 100, 100);
    pointer(one(".stage"), "pointermove", 4000, 4000);
    expect(viewBox().slice(0, 2)).toEqual([0, 0].map((side) => expect.closeTo(side, 3)));
  });

  it("is scaled by two fingers", () => {
    pointer(one(".stage"), "pointerdown", 150, 100, 1);
    pointer(one(".stage"), "pointerdown", 250, 100, 2);
    pointer(one(".stage"), "pointermove", 350, 100, 2);
    expect(viewBox()[2]).toBeCloseTo(100, 1); // from 100 apart to 200
  });

  it.each([
    ["in", 200 / 1.25],
    ["actual", 400],
  ])("has a button %s", (name, width) => {
    press("+");
    one(`[data-zoom="fit"]`).click();
    expect(viewBox()[2]).toBe(200);
    one(`[data-zoom="${name}"]`).click();
    expect(viewBox()[2]).toBeCloseTo(Math.min(width, 200), 3); // never smaller than fits
  });

  it.each([
    ["+", 160],
    ["0", 200],
  ])("follows the key %s", (key, width) => {
    expect(press(key).defaultPrevented).toBe(true);
    expect(viewBox()[2]).toBeCloseTo(width, 3);
  });

  it("leaves keys that it does not know to the browser", () => {
    expect(press("Tab").defaultPrevented).toBe(false);
    const copy = new KeyboardEvent("keydown", { key: "m", ctrlKey: true, cancelable: true });
    one(".stage").dispatchEvent(copy);
    expect(copy.defaultPrevented).toBe(false);
  });
});

describe("an object", () => {
  it("is hidden and shown by its box, and the box for all says how many are", () => {
    const all = one<HTMLInputElement>("[data-all]");
    check(box(0), false);
    expect(path(0).classList.contains("off")).toBe(true);
    expect(path(1).classList.contains("off")).toBe(false);
    expect([all.checked, all.indeterminate]).toEqual([false, true]);
    check(all, false);
    expect(path(1).classList.contains("off")).toBe(true);
    expect([all.checked, all.indeterminate]).toEqual([false, false]);
    check(all, true);
    expect(path(0).classList.contains("off")).toBe(false);
    expect(box(0).checked).toBe(true);
  });

  it("says class and score under the pointer, as text", () => {
    pointer(path(0), "pointermove", 10, 10);
    const tip = one(".tip");
    expect([tip.hidden, tip.textContent]).toEqual([false, "cup <b> · score 0.90"]);
    expect(tip.children.length).toBe(0);
    expect(one('tr[data-object="0"]').classList.contains("hot")).toBe(true);
    pointer(path(0), "pointerleave", 10, 10);
    expect(tip.hidden).toBe(true);
    expect(path(0).querySelector("title")).toBeNull(); // no second tooltip
    expect(path(0).getAttribute("aria-label")).toBe("cup <b> · score 0.90");
  });

  it("lights up when its row is pointed at", () => {
    one('tr[data-object="1"]').dispatchEvent(new PointerEvent("pointerenter"));
    expect(path(1).classList.contains("hot")).toBe(true);
    expect(path(0).classList.contains("hot")).toBe(false);
    expect(one(".tip").hidden).toBe(true);
  });
});

describe("all masks", () => {
  it("are hidden while M is held", () => {
    press("m");
    expect(path(0).classList.contains("off")).toBe(true);
    expect(box(0).checked).toBe(true);
    press("m", "keyup");
    expect(path(0).classList.contains("off")).toBe(false);
  });

  it("become outlines, and more or less opaque", () => {
    press("o");
    expect(one("svg").classList.contains("outlines")).toBe(true);
    expect(one<HTMLInputElement>("[data-outlines]").checked).toBe(true);
    const opacity = one<HTMLInputElement>("[data-opacity]");
    opacity.value = "80";
    opacity.dispatchEvent(new Event("input"));
    expect(one("g").getAttribute("fill-opacity")).toBe("0.8");
  });
});

it("leaves nothing behind when it ends", () => {
  unmount();
  const before = viewBox();
  press("+");
  one(`[data-zoom="in"]`).click();
  expect(viewBox()).toEqual(before);
  expect(root.querySelector(".tip")).toBeNull();
});

it("does without a picture or objects", () => {
  const empty = document.createElement("div");
  expect(() => mountReport(empty)()).not.toThrow();
});
