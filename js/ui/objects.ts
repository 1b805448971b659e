// The strip below the picture: the next object's label and a chip for each committed object.

import type { ObjectState, Request } from "../contract/protocol";
import type { Shown } from "../state/optimism";
import { h, KEEP_KEYS, setAttribute, setText } from "./dom";
import { icon } from "./icons";
import { createLabelField } from "./label";
import { scorePercent } from "./toolbar";

export interface ObjectsActions {
  send(request: Request): void;
  /** Give the keyboard back to the canvas. */
  focusCanvas(): void;
}

export interface ObjectStrip {
  element: HTMLElement;
  update(shown: Shown): void;
}

interface Chip {
  element: HTMLElement;
  update(object: ObjectState, selected: boolean): void;
  dispose(): void;
}

export function createObjectStrip(actions: ObjectsActions, signal: AbortSignal): ObjectStrip {
  const label = createLabelField(
    (text) => actions.send({ kind: "set_label", label: text }),
    actions.focusCanvas,
    signal,
  );
  const list = h("div", { class: "samwidget-chips", role: "list", "aria-label": "Objects" });
  const element = h("div", { class: "samwidget-objects" }, label.element, list);
  const chips = new Map<number, Chip>();
  signal.addEventListener("abort", () => {
    for (const chip of chips.values()) chip.dispose();
    chips.clear();
  });

  return {
    element,
    update({ objects, controls }) {
      label.update(controls);
      const ids = new Set(objects.map((object) => object.id));
      for (const [id, chip] of chips) {
        if (ids.has(id)) continue;
        chip.dispose();
        chips.delete(id);
      }
      for (const [index, object] of objects.entries()) {
        let chip = chips.get(object.id);
        if (!chip) {
          chip = createChip(object.id, actions);
          chips.set(object.id, chip);
        }
        chip.update(object, object.id === controls.selected);
        if (list.children[index] !== chip.element) {
          list.insertBefore(chip.element, list.children[index] ?? null);
        }
      }
    },
  };
}

function createChip(id: number, actions: ObjectsActions): Chip {
  const controller = new AbortController();
  const { signal } = controller;
  let current: ObjectState | null = null;
  let selected = false;

  const swatch = h("span", { class: "samwidget-swatch", "aria-hidden": "true" });
  const name = h("span", { class: "samwidget-chip-label" });
  const score = h("span", { class: "samwidget-chip-score" });
  const body = h(
    "button",
    { type: "button", class: "samwidget-chip-body", "data-testid": `select-${id}`, ...KEEP_KEYS },
    swatch,
    name,
    score,
  );
  const remove = h(
    "button",
    {
      type: "button",
      class: "samwidget-chip-delete",
      title: "Delete this object",
      "data-testid": `delete-${id}`,
      ...KEEP_KEYS,
    },
    icon("close"),
  );
  const element = h(
    "div",
    { class: "samwidget-chip", role: "listitem", "data-testid": `object-${id}` },
    body,
    remove,
  );

  const edit = (): void => {
    if (!current || body.hidden) return;
    const input = h("input", {
      type: "text",
      class: "samwidget-chip-input",
      value: current.label,
      "aria-label": "Label of this object",
      "data-testid": `edit-${id}`,
      ...KEEP_KEYS,
    });
    const before = current.label;
    let open = true;
    const close = (label: string): void => {
      if (!open) return;
      open = false;
      if (label !== before) actions.send({ kind: "relabel_object", id, label });
      body.hidden = false;
      input.remove();
    };
    input.addEventListener("blur", () => close(input.value.trim()), { signal });
    input.addEventListener(
      "keydown",
      (event) => {
        event.stopPropagation();
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        close(event.key === "Enter" ? input.value.trim() : before);
        actions.focusCanvas();
      },
      { signal },
    );
    body.hidden = true;
    element.prepend(input);
    input.focus();
    input.select();
  };

  body.addEventListener(
    "click",
    (event) => {
      // The second click of a double click must not take the selection back.
      if (event.detail > 1) return;
      actions.send({ kind: "select_object", id: selected ? null : id });
    },
    { signal },
  );
  body.addEventListener("dblclick", edit, { signal });
  body.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "F2") {
        event.preventDefault();
        event.stopPropagation();
        edit();
      } else if (event.key === "Delete" || event.key === "Backspace") {
        event.preventDefault();
        event.stopPropagation();
        actions.send({ kind: "delete_object", id });
      }
    },
    { signal },
  );
  remove.addEventListener("click", () => actions.send({ kind: "delete_object", id }), { signal });

  return {
    element,
    update(object, isSelected) {
      current = object;
      selected = isSelected;
      const title = object.label || `object ${id}`;
      swatch.style.backgroundColor = object.color;
      setText(name, title);
      setText(score, scorePercent(object.score));
      setAttribute(body, "aria-pressed", String(isSelected));
      const area = object.area.toLocaleString("en-US");
      const hint = `${title}: ${area} px, predicted quality ${scorePercent(object.score)}. Double-click to rename (F2)`;
      setAttribute(body, "title", hint);
      setAttribute(remove, "aria-label", `Delete ${title}`);
      element.classList.toggle("samwidget-selected", isSelected);
    },
    dispose() {
      controller.abort();
      element.remove();
    },
  };
}
