// Below the picture: what the next object is called, and the list of the committed ones.

import type { ObjectState, WireEdit } from "../contract/protocol";
import type { Shown } from "../state/optimism";
import { refine } from "../tools/select";
import { h, setText } from "./dom";
import { createNameField } from "./name";
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

export function createObjectPanel(actions: ObjectsActions, signal: AbortSignal): ObjectPanel {
  const { send, focusCanvas } = actions;
  const name = createNameField(
    (text) => send({ kind: "set_label", label: text }),
    focusCanvas,
    signal,
  );
  const count = h("span", { class: "samwidget-count", "data-testid": "object-count" });
  const list = h("div", { class: "samwidget-list", role: "list", "aria-label": "Objects" });
  const head = h("div", { class: "samwidget-objects-head" }, name.element, count);
  const element = h("div", { class: "samwidget-objects" }, head, list);

  const rows = new Map<number, Row>();
  /** What the rows show. */
  let objects: readonly ObjectState[] = [];
  let selected: number | null = null;
  let readOnly = false;
  let tool: Shown["controls"]["tool"] = "positive";
  /** The one row that Tab reaches; the arrow keys move it. */
  let current: Row | null = null;

  const rowOf = (target: EventTarget | null): Row | null => {
    const found = target instanceof Element ? target.closest<HTMLElement>("[data-id]") : null;
    return (found && rows.get(Number(found.dataset.id))) ?? null;
  };
  const makeCurrent = (row: Row | null): void => {
    if (row === current) return;
    current?.setCurrent(false);
    current = row;
    current?.setCurrent(true);
  };
  const rename = (row: Row): void => {
    if (readOnly) return;
    row.edit((label) => {
      if (label !== null) send({ kind: "relabel_object", id: row.id, label });
    }, focusCanvas);
  };
  const act = (row: Row, action: string | undefined, clicks: number): void => {
    switch (action) {
      case "select":
        // The second click of a double click must not take the selection back.
        if (clicks > 1) return;
        send({ kind: "select_object", id: row.id === selected ? null : row.id });
        break;
      case "rename":
        rename(row);
        break;
      case "refine":
        for (const edit of refine(row.id, tool)) send(edit);
        break;
      case "delete":
        send({ kind: "delete_object", id: row.id });
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

  list.addEventListener(
    "click",
    (event) => {
      const row = rowOf(event.target);
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (row && button) act(row, button.dataset.action, event.detail);
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
  list.addEventListener(
    "keydown",
    (event) => {
      const row = rowOf(event.target);
      if (!row || (event.target instanceof Element && event.target.matches("input"))) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const next = rowOf(step(row, event.key));
      if (next) {
        makeCurrent(next);
        next.focus();
        reveal(list, next.element);
      } else if (event.key === "F2") {
        rename(row);
      } else if ((event.key === "Delete" || event.key === "Backspace") && !readOnly) {
        (
          rowOf(row.element.nextElementSibling) ?? rowOf(row.element.previousElementSibling)
        )?.focus();
        send({ kind: "delete_object", id: row.id });
      } else if (!["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
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

  return {
    element,
    update(shown, isReadOnly) {
      const { controls } = shown;
      name.update(controls, isReadOnly);
      tool = controls.tool;
      if (isReadOnly !== readOnly) {
        readOnly = isReadOnly;
        for (const row of rows.values()) row.setReadOnly(readOnly);
      }
      if (shown.objects !== objects) {
        objects = shown.objects;
        updateRows(objects);
        setText(count, objects.length === 1 ? "1 object" : `${objects.length} objects`);
        count.hidden = objects.length === 0;
      }
      const chosen = controls.selected === null ? null : (rows.get(controls.selected) ?? null);
      if ((chosen?.id ?? null) !== selected) {
        if (selected !== null) rows.get(selected)?.setSelected(false);
        chosen?.setSelected(true);
        if (chosen) {
          if (!list.contains(document.activeElement)) makeCurrent(chosen);
          reveal(list, chosen.element);
        }
      }
      selected = chosen?.id ?? null;
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
