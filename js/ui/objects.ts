// Below the picture: what the next object is called, and the list of the committed ones.

import type { ObjectState, WireEdit } from "../contract/protocol";
import type { Shown } from "../state/optimism";
import {
  clickRequest,
  deleteRequest,
  relabelRequest,
  reorderRequest,
  stepRequest,
  targets,
} from "../tools/list";
import { refine } from "../tools/select";
import { createColorPicker } from "./colors";
import { createCompletion } from "./completion";
import { h, KEEP_KEYS, setText } from "./dom";
import { countText } from "./format";
import { icon } from "./icons";
import { createNameField } from "./name";
import { dragRows } from "./reorder";
import { createRow, type Row } from "./row";

export interface ObjectsActions {
  send(edit: WireEdit): void;
  /** Give the keyboard back to the canvas. */
  focusCanvas(): void;
}

export interface ObjectPanel {
  element: HTMLElement;
  update(shown: Shown, readOnly: boolean): void;
}

const NOTHING: readonly number[] = [];

export function createObjectPanel(actions: ObjectsActions, signal: AbortSignal): ObjectPanel {
  const { send, focusCanvas } = actions;
  const rows = new Map<number, Row>();
  /** What the rows show. */
  let objects: readonly ObjectState[] = [];
  let controls: Shown["controls"] | null = null;
  let selection: readonly number[] = NOTHING;
  let readOnly = false;
  /** The one row that Tab reaches; the arrow keys move it. */
  let current: Row | null = null;

  const completion = createCompletion(
    () => ({
      controls: controls ?? { classes: [], class_colors: [] },
      labels: objects.map(({ label }) => label),
    }),
    signal,
  );
  const colors = createColorPicker(signal);
  const name = createNameField(send, focusCanvas, completion, signal);
  const count = h("span", { class: "samwidget-count", "data-testid": "object-count" });
  const hideAll = h("button", {
    type: "button",
    class: "samwidget-row-action samwidget-hide-all",
    "data-testid": "hide-all",
    ...KEEP_KEYS,
  });
  const list = h("div", { class: "samwidget-list", role: "list", "aria-label": "Objects" });
  const right = h("div", { class: "samwidget-objects-right" }, count, hideAll);
  const head = h("div", { class: "samwidget-objects-head" }, name.element, right);
  const element = h(
    "div",
    { class: "samwidget-objects" },
    head,
    list,
    completion.element,
    colors.element,
  );

  const rowOf = (target: EventTarget | null): Row | null => {
    const found = target instanceof Element ? target.closest<HTMLElement>("[data-id]") : null;
    return (found && rows.get(Number(found.dataset.id))) ?? null;
  };
  const order = (): number[] => objects.map(({ id }) => id);
  const makeCurrent = (row: Row | null): void => {
    if (row === current) return;
    current?.setCurrent(false);
    current = row;
    current?.setCurrent(true);
  };
  const rename = (row: Row): void => {
    if (readOnly) return;
    row.edit(
      (label, choice) => {
        if (label === null) return;
        if (choice === "new") send({ kind: "add_class", name: label, color: "" });
        send(relabelRequest(targets(row.id, selection), label));
      },
      focusCanvas,
      completion.attach,
    );
  };
  const recolor = (row: Row, byKey: boolean): void => {
    colors.open(row.swatch, row.object?.color ?? "", byKey, (color) => {
      send({ kind: "recolor_objects", ids: [...targets(row.id, selection)], color });
    });
  };
  const move = (row: Row, edit: WireEdit | null): void => {
    if (!edit) return;
    const hadFocus = row.element.contains(document.activeElement);
    send(edit);
    if (hadFocus) row.focus(); // an element that is put elsewhere loses it
    reveal(list, row.element);
  };
  const act = (row: Row, action: string | undefined, event: MouseEvent): void => {
    const ids = [...targets(row.id, selection)];
    switch (action) {
      case "select": {
        // The second click of a double click must not take the selection back.
        if (event.detail > 1) return;
        const click = { id: row.id, toggle: event.ctrlKey || event.metaKey, range: event.shiftKey };
        send(clickRequest(click, selection, order()));
        break;
      }
      case "color":
        recolor(row, event.detail === 0);
        break;
      case "hide":
        send({ kind: "hide_objects", ids, hidden: !row.object?.hidden });
        break;
      case "lock":
        send({ kind: "lock_objects", ids, locked: !row.object?.locked });
        break;
      case "rename":
        rename(row);
        break;
      case "refine":
        for (const edit of refine(row.id, controls?.tool ?? "positive")) send(edit);
        break;
      case "delete":
        send(deleteRequest(ids, objects));
        break;
    }
  };
  const step = (row: Row, key: string): HTMLElement | null => {
    const { element: from } = row;
    const to = {
      ArrowDown: from.nextElementSibling,
      ArrowUp: from.previousElementSibling,
      Home: list.firstElementChild,
      End: list.lastElementChild,
    }[key];
    return (to as HTMLElement | null | undefined) ?? null;
  };
  /** True when the key was one of the list's own. */
  const press = (row: Row, event: KeyboardEvent): boolean => {
    const { key } = event;
    const isArrow = key === "ArrowUp" || key === "ArrowDown";
    if (event.altKey) {
      if (!isArrow || event.ctrlKey || event.metaKey) return false;
      const by = key === "ArrowUp" ? -1 : 1;
      if (!readOnly) move(row, stepRequest(targets(row.id, selection), by, order()));
      return true;
    }
    if (event.ctrlKey || event.metaKey) {
      if (key.toLowerCase() !== "a" || event.shiftKey) return false;
      if (!readOnly) send({ kind: "select_objects", ids: order() });
      return true;
    }
    const next = rowOf(step(row, key));
    if (next) {
      makeCurrent(next);
      next.focus();
      reveal(list, next.element);
      return true;
    }
    if (key === "F2") {
      rename(row);
      return true;
    }
    if (key === "Delete" || key === "Backspace") {
      if (readOnly) return false;
      const ids = targets(row.id, selection);
      if (!row.object?.locked && ids.length === 1) {
        const { nextElementSibling: below, previousElementSibling: above } = row.element;
        (rowOf(below) ?? rowOf(above))?.focus();
      }
      send(deleteRequest(ids, objects));
      return true;
    }
    return isArrow || key === "Home" || key === "End";
  };

  list.addEventListener(
    "click",
    (event) => {
      const row = rowOf(event.target);
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (row && button) act(row, button.dataset.action, event);
    },
    { signal },
  );
  list.addEventListener(
    "dblclick",
    (event) => {
      const row = rowOf(event.target);
      const isName =
        event.target instanceof Element && event.target.closest("[data-action=select]");
      if (row && isName) rename(row);
    },
    { signal },
  );
  list.addEventListener("focusin", (event) => makeCurrent(rowOf(event.target) ?? current), {
    signal,
  });
  list.addEventListener("pointerover", (event) => rowOf(event.target)?.equip(), { signal });
  list.addEventListener(
    "keydown",
    (event) => {
      const row = rowOf(event.target);
      if (!row || (event.target instanceof Element && event.target.matches("input"))) return;
      if (!press(row, event)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );
  dragRows(
    list,
    {
      drop(id, place) {
        const row = rows.get(id);
        if (row) move(row, reorderRequest(targets(id, selection), place, order()));
      },
    },
    signal,
  );
  hideAll.addEventListener(
    "click",
    () => {
      const hidden = objects.some((object) => !object.hidden);
      send({ kind: "hide_objects", ids: order(), hidden });
    },
    { signal },
  );

  /** Rows are kept by id, and touched only where the object is another value. */
  const updateRows = (now: readonly ObjectState[]): void => {
    const ids = new Set(now.map((object) => object.id));
    for (const [id, row] of rows) {
      if (ids.has(id)) continue;
      if (row === current) current = null;
      row.dispose();
      rows.delete(id);
    }
    let place = list.firstElementChild;
    for (const object of now) {
      let row = rows.get(object.id);
      if (!row) {
        row = createRow(object.id, signal);
        row.setReadOnly(readOnly);
        rows.set(object.id, row);
      }
      row.update(object);
      if (row.element === place) place = place.nextElementSibling;
      else list.insertBefore(row.element, place);
    }
    if (!current) makeCurrent(rowOf(list.firstElementChild));
  };
  const updateHideAll = (): void => {
    const isAnyShown = objects.some((object) => !object.hidden);
    const text = isAnyShown ? "Hide all objects" : "Show all objects";
    hideAll.hidden = objects.length === 0;
    hideAll.disabled = readOnly;
    if (hideAll.title === text) return;
    hideAll.title = text;
    hideAll.setAttribute("aria-label", text);
    hideAll.replaceChildren(icon(isAnyShown ? "eye" : "hidden"));
  };
  const updateSelection = (now: readonly number[]): void => {
    const before = selection;
    if (now.length === before.length && now.every((id, at) => id === before[at])) return;
    const chosen = new Set(now);
    for (const id of before) if (!chosen.has(id)) rows.get(id)?.setSelected(false);
    for (const id of now) if (!before.includes(id)) rows.get(id)?.setSelected(true);
    selection = now;
    const last = rows.get(now.at(-1) ?? Number.NaN);
    if (!last || before.at(-1) === last.id) return;
    last.equip();
    if (!list.contains(document.activeElement)) makeCurrent(last);
    reveal(list, last.element);
  };

  return {
    element,
    update(shown, isReadOnly) {
      controls = shown.controls;
      name.update(controls, isReadOnly);
      if (isReadOnly !== readOnly) {
        readOnly = isReadOnly;
        if (readOnly) colors.close();
        for (const row of rows.values()) row.setReadOnly(readOnly);
      }
      if (shown.objects !== objects) {
        objects = shown.objects;
        updateRows(objects);
      }
      updateSelection(controls.selection.filter((id) => rows.has(id)));
      setText(count, countText(objects.length, selection.length));
      count.hidden = objects.length === 0;
      updateHideAll();
    },
  };
}

/** Scroll the list, and never the page, so that the row is in sight. */
function reveal(list: HTMLElement, row: HTMLElement): void {
  const top = row.offsetTop;
  const bottom = top + row.offsetHeight;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}
