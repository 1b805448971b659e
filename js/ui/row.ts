// One committed object in the list. It has no listeners: the list has them for all.

import type { ObjectState } from "../contract/protocol";
import { h, KEEP_KEYS, setAttribute, setText } from "./dom";
import { areaPixels, scorePercent } from "./format";
import { type IconName, icon } from "./icons";

export interface Row {
  readonly id: number;
  readonly element: HTMLElement;
  update(object: ObjectState): void;
  setSelected(isSelected: boolean): void;
  /** Whether Tab reaches it. */
  setCurrent(isCurrent: boolean): void;
  setReadOnly(isReadOnly: boolean): void;
  focus(): void;
  /** Gone for good, and with it a name that is just being written. */
  dispose(): void;
  /** Let the person write another name; null when it stays as it was. */
  edit(onName: (name: string | null) => void, onLeave: () => void): void;
}

export function createRow(id: number, signal: AbortSignal): Row {
  const swatch = h("span", { class: "samwidget-swatch", "aria-hidden": "true" });
  const name = h("span", { class: "samwidget-row-name" });
  const score = h("span", { class: "samwidget-row-number" });
  const area = h("span", { class: "samwidget-row-number samwidget-row-area" });
  const body = h(
    "button",
    {
      type: "button",
      class: "samwidget-row-body",
      tabindex: -1,
      "data-action": "select",
      "data-testid": `select-${id}`,
      ...KEEP_KEYS,
    },
    swatch,
    name,
    score,
    area,
  );
  const button = (action: string, iconName: IconName, title: string): HTMLButtonElement =>
    h(
      "button",
      {
        type: "button",
        class: "samwidget-row-action",
        tabindex: -1,
        title,
        "data-action": action,
        "data-testid": `${action}-${id}`,
        ...KEEP_KEYS,
      },
      icon(iconName),
    );
  const actions = [
    button("rename", "rename", "Rename (F2)"),
    button("refine", "refine", "Refine with more clicks"),
    button("delete", "delete", "Delete this object"),
  ];
  const element = h(
    "div",
    { class: "samwidget-row", role: "listitem", "data-id": id, "data-testid": `object-${id}` },
    body,
    ...actions,
  );
  let shown: ObjectState | null = null;
  let isEditing = false;
  setAttribute(body, "aria-pressed", "false");

  return {
    id,
    element,
    update(object) {
      if (object === shown) return;
      shown = object;
      const title = object.label || `object ${id}`;
      const percent = scorePercent(object.score);
      const pixels = areaPixels(object.area);
      swatch.style.backgroundColor = object.color;
      setText(name, title);
      name.classList.toggle("samwidget-unnamed", object.label === "");
      setText(score, percent);
      setText(area, pixels);
      setAttribute(body, "title", `${title}: ${pixels}, predicted quality ${percent}`);
      for (const [index, verb] of ["Rename", "Refine", "Delete"].entries()) {
        const action = actions[index];
        if (action) setAttribute(action, "aria-label", `${verb} ${title}`);
      }
    },
    setSelected(isSelected) {
      element.classList.toggle("samwidget-selected", isSelected);
      setAttribute(body, "aria-pressed", String(isSelected));
    },
    setCurrent(isCurrent) {
      for (const each of [body, ...actions]) each.tabIndex = isCurrent ? 0 : -1;
    },
    setReadOnly(isReadOnly) {
      for (const each of [body, ...actions]) each.disabled = isReadOnly;
    },
    focus() {
      body.focus({ preventScroll: true });
    },
    dispose() {
      isEditing = false; // a browser blurs what it removes
      element.remove();
    },
    edit(onName, onLeave) {
      if (!shown || isEditing) return;
      const before = shown.label;
      const input = h("input", {
        type: "text",
        class: "samwidget-input samwidget-row-input",
        value: before,
        "aria-label": "Name of this object",
        "data-testid": `edit-${id}`,
        ...KEEP_KEYS,
      });
      isEditing = true;
      const close = (text: string): void => {
        if (!isEditing) return;
        isEditing = false;
        onName(text === before ? null : text);
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
          onLeave();
        },
        { signal },
      );
      body.hidden = true;
      element.prepend(input);
      input.focus();
      input.select();
    },
  };
}
