// The menu of what can be done to a whole mask.

import type { WireEdit } from "../contract/protocol";
import type { Shown } from "../state/optimism";
import { combineEdit, type Reshaping, reshapeEdit, splitEdit } from "../tools/masks";
import { h, KEEP_KEYS, setAttribute } from "./dom";
import { icon } from "./icons";

export interface MaskMenuActions {
  send(edit: WireEdit): void;
  /** Css pixels per image pixel: one step is what can be seen. */
  scale(): number;
  /** Give the keyboard back to the canvas. */
  focusCanvas(): void;
}

export interface MaskMenu {
  /** The button, for the toolbar. */
  button: HTMLButtonElement;
  /** What it opens. */
  element: HTMLElement;
  close(): void;
  update(shown: Shown, readOnly: boolean): void;
}

type Make = (shown: Shown, scale: number) => WireEdit | null;

const reshape =
  (operation: Reshaping): Make =>
  (shown, scale) =>
    reshapeEdit(shown, operation, scale);

const ITEMS: readonly (readonly [name: string, text: string, hint: string, make: Make] | null)[] = [
  ["fill-holes", "Fill holes", "all that is enclosed", reshape("fill_holes")],
  ["drop-islands", "Drop islands", "the largest part stays", reshape("drop_islands")],
  ["grow", "Grow", "by 2 pixels of the screen", reshape("grow")],
  ["shrink", "Shrink", "by 2 pixels of the screen", reshape("shrink")],
  ["smooth", "Smooth", "round off what is small", reshape("smooth")],
  null,
  ["union", "Unite", "the selected objects", (shown) => combineEdit(shown, "union")],
  [
    "subtract",
    "Subtract",
    "the later selected from the first",
    (shown) => combineEdit(shown, "subtract"),
  ],
  [
    "intersect",
    "Intersect",
    "what the selected have in common",
    (shown) => combineEdit(shown, "intersect"),
  ],
  ["split", "Split", "each part an object", splitEdit],
];

export function createMaskMenu(actions: MaskMenuActions, signal: AbortSignal): MaskMenu {
  const button = h("button", {
    type: "button",
    class: "samwidget-button",
    title: "Change the mask: fill holes, grow, smooth, unite, split …",
    "aria-label": "Change the mask",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    "data-testid": "mask-menu",
    ...KEEP_KEYS,
  });
  button.append(icon("mask"), h("span", { class: "samwidget-wide samwidget-menu-label" }, "Mask"));
  let shown: Shown | null = null;
  const show = (open: boolean): void => {
    element.hidden = !open;
    if (open) {
      // Below its button, as far as it fits into the widget.
      const room = (element.offsetParent?.clientWidth ?? 0) - element.offsetWidth - 8;
      element.style.left = `${Math.max(8, Math.min(button.offsetLeft, room))}px`;
      element.style.top = `${button.offsetTop + button.offsetHeight + 4}px`;
    }
    setAttribute(button, "aria-expanded", String(open));
  };
  const item = (name: string, text: string, hint: string, role: string): HTMLButtonElement =>
    h(
      "button",
      {
        type: "button",
        class: "samwidget-menu-item",
        role,
        tabindex: -1,
        "data-testid": `mask-${name}`,
        ...KEEP_KEYS,
      },
      h("span", { class: "samwidget-menu-mark", "aria-hidden": "true" }),
      h("span", {}, text),
      h("span", { class: "samwidget-menu-hint" }, hint),
    );
  const line = (): HTMLElement => h("div", { class: "samwidget-menu-line", role: "separator" });
  const made: { element: HTMLButtonElement; make: Make }[] = [];
  const children: HTMLElement[] = [];
  for (const each of ITEMS) {
    if (!each) {
      children.push(line());
      continue;
    }
    const [name, text, hint, make] = each;
    const one = item(name, text, hint, "menuitem");
    one.addEventListener(
      "click",
      () => {
        const edit = shown && make(shown, actions.scale());
        if (edit) actions.send(edit);
      },
      { signal },
    );
    made.push({ element: one, make });
    children.push(one);
  }
  const exclusive = item(
    "exclusive",
    "No overlaps",
    "a new mask takes its pixels",
    "menuitemcheckbox",
  );
  exclusive.addEventListener(
    "click",
    () => {
      if (!shown) return;
      actions.send({ kind: "set_exclusive", exclusive: !shown.controls.exclusive });
    },
    { signal },
  );
  const element = h(
    "div",
    {
      class: "samwidget-menu",
      role: "menu",
      "aria-label": "Change the mask",
      "data-testid": "mask-menu-items",
      hidden: true,
    },
    ...children,
    line(),
    exclusive,
  );
  const items = [...made.map((one) => one.element), exclusive];

  button.addEventListener(
    "click",
    (event) => {
      const opens = element.hidden !== false;
      show(opens);
      // By the keyboard: its first item has the focus.
      if (opens && event.detail === 0) items.find((one) => !one.disabled)?.focus();
    },
    { signal },
  );
  element.addEventListener(
    "keydown",
    (event) => {
      const usable = items.filter((one) => !one.disabled);
      const at = usable.indexOf(event.target as HTMLButtonElement);
      const moves: Record<string, number> = {
        ArrowDown: (at + 1) % usable.length,
        ArrowUp: (at - 1 + usable.length) % usable.length,
        Home: 0,
        End: usable.length - 1,
      };
      const to = moves[event.key];
      if (to !== undefined) usable[to]?.focus();
      else if (event.key === "Escape" || event.key === "Tab") {
        show(false);
        actions.focusCanvas();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );

  return {
    button,
    element,
    close: () => show(false),
    update(now, readOnly) {
      shown = now;
      button.disabled = readOnly;
      for (const { element: one, make } of made) one.disabled = readOnly || !make(now, 1);
      setAttribute(exclusive, "aria-checked", String(now.controls.exclusive));
      if (readOnly) show(false);
    },
  };
}
