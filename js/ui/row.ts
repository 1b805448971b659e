// One committed object in the list. It has no listeners: the list has them for all.

import type { ObjectState } from "../contract/protocol";
import type { Choice } from "./completions";
import { h, KEEP_KEYS, setAttribute, setText } from "./dom";
import { areaPixels, scorePercent } from "./format";
import { type NameEditor, openNameEditor } from "./rename";
import { createAction, createTools, type RowTools } from "./row_tools";

export interface Row {
  readonly id: number;
  readonly element: HTMLElement;
  /** What it shows. */
  readonly object: ObjectState | null;
  /** The button that shows its colour. */
  readonly swatch: HTMLElement;
  update(object: ObjectState): void;
  /** Give it its tools: of a thousand rows only those that somebody turns to have them. */
  equip(): void;
  setSelected(isSelected: boolean): void;
  /** Whether Tab reaches it. */
  setCurrent(isCurrent: boolean): void;
  setReadOnly(isReadOnly: boolean): void;
  focus(): void;
  /** Gone for good, and with it a name that is just being written. */
  dispose(): void;
  /** Let the person write another name; null when it stays as it was. */
  edit(
    onName: (name: string | null, choice: Choice["kind"] | null) => void,
    onLeave: () => void,
    complete: NameEditor["complete"],
  ): void;
}

export function createRow(id: number, signal: AbortSignal): Row {
  const color = h("span", { class: "samwidget-swatch", "aria-hidden": "true" });
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
    name,
    score,
    area,
  );
  const swatch = createAction(id, "color", color);
  const room = h("div", { class: "samwidget-row-tools" });
  const element = h(
    "div",
    { class: "samwidget-row", role: "listitem", "data-id": id, "data-testid": `object-${id}` },
    swatch,
    body,
    room,
  );
  let shown: ObjectState | null = null;
  let isCurrent = false;
  let readOnly = false;
  let tools: RowTools | null = null;
  let editor: NameEditor | null = null;
  setAttribute(body, "aria-pressed", "false");

  const updateButtons = (): void => {
    for (const each of [body, swatch]) {
      each.tabIndex = isCurrent ? 0 : -1;
      each.disabled = readOnly;
    }
    if (shown) tools?.update(shown, titleOf(shown), isCurrent, readOnly);
  };
  const equip = (): void => {
    if (tools) return;
    tools = createTools(id);
    element.prepend(tools.handle);
    room.append(...tools.buttons);
    updateButtons();
  };

  return {
    id,
    element,
    swatch,
    equip,
    get object() {
      return shown;
    },
    update(object) {
      if (object === shown) return;
      shown = object;
      const title = titleOf(object);
      const percent = scorePercent(object.score);
      const pixels = areaPixels(object.area);
      color.style.backgroundColor = object.color;
      setText(name, title);
      name.classList.toggle("samwidget-unnamed", object.label === "");
      setText(score, percent);
      setText(area, pixels);
      element.classList.toggle("samwidget-row-hidden", object.hidden);
      const states = `${object.hidden ? ", hidden" : ""}${object.locked ? ", locked" : ""}`;
      setAttribute(body, "title", `${title}: ${pixels}, predicted quality ${percent}${states}`);
      setAttribute(swatch, "aria-label", `Colour of ${title}`);
      if (object.hidden || object.locked) equip();
      updateButtons();
    },
    setSelected(isSelected) {
      element.classList.toggle("samwidget-selected", isSelected);
      setAttribute(body, "aria-pressed", String(isSelected));
    },
    setCurrent(isNow) {
      isCurrent = isNow;
      if (isNow) equip();
      updateButtons();
    },
    setReadOnly(isReadOnly) {
      readOnly = isReadOnly;
      updateButtons();
    },
    focus() {
      body.focus({ preventScroll: true });
    },
    dispose() {
      editor?.dispose(); // a browser blurs what it removes
      element.remove();
    },
    edit(onName, onLeave, complete) {
      if (!shown || editor) return;
      body.hidden = true;
      const done: typeof onName = (text, choice) => {
        editor = null;
        body.hidden = false;
        onName(text, choice);
      };
      editor = openNameEditor(id, shown.label, { onName: done, onLeave, complete }, signal);
      swatch.after(editor.input);
      editor.begin();
    },
  };
}

function titleOf({ label, id }: ObjectState): string {
  return label || `object ${id}`;
}
