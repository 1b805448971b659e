// What clicks, keys and drags in the list of objects ask for. Pure.

import type { ObjectState, WireEdit } from "../contract/protocol";

/** What is done to one of several selected objects is done to all of them. */
export function targets(id: number, selection: readonly number[]): readonly number[] {
  return selection.includes(id) ? selection : [id];
}

export interface ListClick {
  id: number;
  /** Add it to the selection, or take it out. */
  toggle: boolean;
  /** Select from the last selected one up to it. */
  range: boolean;
}

/** The selection after a click on an object in the list; `order` are the ids in the list. */
export function clickRequest(
  { id, toggle, range }: ListClick,
  selection: readonly number[],
  order: readonly number[],
): WireEdit {
  const last = selection.at(-1);
  if (range && last !== undefined) {
    const [from, to] = [order.indexOf(last), order.indexOf(id)].sort((a, b) => a - b);
    const between = order.slice(from, (to ?? 0) + 1).filter((one) => one !== last);
    return { kind: "select_objects", ids: [...between, last] };
  }
  if (toggle) return toggled(id, selection);
  const isAlone = selection.length === 1 && last === id;
  return { kind: "select_object", id: isAlone ? null : id };
}

/** Add an object to the selection, or take it out. */
export function toggled(id: number, selection: readonly number[]): WireEdit {
  const others = selection.filter((one) => one !== id);
  const ids = others.length < selection.length ? others : [...selection, id];
  return { kind: "select_objects", ids };
}

/** Locked ones stay, unless there is nothing else: then the kernel says why nothing happens. */
export function deleteRequest(ids: readonly number[], objects: readonly ObjectState[]): WireEdit {
  const locked = new Set(objects.flatMap((object) => (object.locked ? [object.id] : [])));
  const free = ids.filter((id) => !locked.has(id));
  const chosen = free.length > 0 ? free : ids;
  const [only] = chosen;
  if (chosen.length === 1 && only !== undefined) return { kind: "delete_object", id: only };
  return { kind: "delete_objects", ids: [...chosen] };
}

export function relabelRequest(ids: readonly number[], label: string): WireEdit {
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) return { kind: "relabel_object", id: only, label };
  return { kind: "relabel_objects", ids: [...ids], label };
}

/** Put objects before the one that stands at `place` in the list; null where that moves nothing. */
export function reorderRequest(
  ids: readonly number[],
  place: number,
  order: readonly number[],
): WireEdit | null {
  const moved = order.filter((id) => ids.includes(id));
  const others = order.filter((id) => !ids.includes(id));
  const index = order.slice(0, place).filter((id) => !ids.includes(id)).length;
  const after = [...others.slice(0, index), ...moved, ...others.slice(index)];
  if (after.every((id, at) => id === order[at])) return null;
  return { kind: "reorder_objects", ids: moved, index };
}

/** One place up (-1) or down (1) in the list. */
export function stepRequest(
  ids: readonly number[],
  by: -1 | 1,
  order: readonly number[],
): WireEdit | null {
  const places = ids.map((id) => order.indexOf(id));
  const place = by < 0 ? Math.min(...places) - 1 : Math.max(...places) + 2;
  return place < 0 || place > order.length ? null : reorderRequest(ids, place, order);
}
