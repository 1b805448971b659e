// Dragging rows of the list to another place by their handles.

import { h } from "./dom";

export interface Reordering {
  /** Put the dragged row before the one that is at `place` now. */
  drop(id: number, place: number): void;
}

const EDGE_PX = 18;
const SCROLL_PX = 10;

/** The place among rows of these middles at which a row that is let go at `y` lands. */
export function placeAt(y: number, middles: readonly number[]): number {
  const below = middles.findIndex((middle) => y < middle);
  return below < 0 ? middles.length : below;
}

export function dragRows(list: HTMLElement, { drop }: Reordering, signal: AbortSignal): void {
  const line = h("div", { class: "samwidget-drop", "aria-hidden": "true" });
  let dragged: { row: HTMLElement; pointer: number; place: number | null } | null = null;

  const rows = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("[data-id]")];
  const end = (): void => {
    dragged?.row.classList.remove("samwidget-dragged");
    line.remove();
    dragged = null;
  };

  list.addEventListener(
    "pointerdown",
    (event) => {
      const handle = event.target instanceof Element ? event.target.closest("[data-handle]") : null;
      const row = handle?.closest<HTMLElement>("[data-id]");
      if (!handle || !row || event.button !== 0 || handle.matches(":disabled")) return;
      event.preventDefault();
      handle.setPointerCapture?.(event.pointerId);
      dragged = { row, pointer: event.pointerId, place: null };
      row.classList.add("samwidget-dragged");
    },
    { signal },
  );
  list.addEventListener(
    "pointermove",
    (event) => {
      if (!dragged || event.pointerId !== dragged.pointer) return;
      const box = list.getBoundingClientRect();
      if (event.clientY < box.top + EDGE_PX) list.scrollTop -= SCROLL_PX;
      else if (event.clientY > box.bottom - EDGE_PX) list.scrollTop += SCROLL_PX;
      const all = rows();
      const y = event.clientY - box.top + list.scrollTop;
      const middles = all.map((row) => row.offsetTop + row.offsetHeight / 2);
      dragged.place = placeAt(y, middles);
      const next = all[dragged.place];
      const last = all.at(-1);
      const top = next ? next.offsetTop : (last?.offsetTop ?? 0) + (last?.offsetHeight ?? 0);
      line.style.top = `${top}px`;
      if (!line.isConnected) list.append(line);
    },
    { signal },
  );
  list.addEventListener(
    "pointerup",
    (event) => {
      if (!dragged || event.pointerId !== dragged.pointer) return;
      const { row, place } = dragged;
      end();
      if (place !== null && row.isConnected) drop(Number(row.dataset.id), place);
    },
    { signal },
  );
  list.addEventListener("pointercancel", end, { signal });
  signal.addEventListener("abort", end);
}
