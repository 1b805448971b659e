// What edits of the object list and of the classes make of the state. Pure; the twin of
// samwidget/editing/list_edits.py and class_edits.py.

import {
  type Controls,
  type ObjectState,
  PALETTE,
  type SetClasses,
  type WireEdit,
} from "../contract/protocol";
import type { Shown } from "./optimism";

/** Red, green and blue of colours that are alike are nearer than this. */
const ALIKE = 70;

type ListEdit = Extract<
  WireEdit,
  {
    kind:
      | "delete_objects"
      | "relabel_objects"
      | "recolor_objects"
      | "hide_objects"
      | "lock_objects"
      | "reorder_objects";
  }
>;

/** The state after the edit; null where nothing changes or the kernel will refuse. */
export function listed(shown: Shown, edit: ListEdit): Shown | null {
  if (!edit.ids.every((id) => hasObject(shown, id))) return null;
  const ids = new Set(edit.ids);
  switch (edit.kind) {
    case "delete_objects":
      return deleted(shown, ids);
    case "relabel_objects":
      return changed(shown, ids, (object) => relabelled(object, edit.label, shown.controls));
    case "recolor_objects": {
      if (!isColor(edit.color)) return null;
      const color = edit.color.toLowerCase();
      return changed(shown, ids, (object) => ({ ...object, color }));
    }
    case "hide_objects":
      return changed(shown, ids, (object) => ({ ...object, hidden: edit.hidden }));
    case "lock_objects":
      return changed(shown, ids, (object) => ({ ...object, locked: edit.locked }));
    case "reorder_objects":
      return reordered(shown, ids, edit.index);
    default:
      edit satisfies never;
      return null;
  }
}

/** Select these; the last one is what edits of a single object are about. */
export function selectedObjects(shown: Shown, ids: readonly number[]): Shown {
  if (!ids.every((id) => hasObject(shown, id))) return shown;
  const selection = [...new Set(ids)];
  const selected = selection.at(-1) ?? null;
  return { ...shown, controls: { ...shown.controls, selected, selection } };
}

/**
 * `selected` is the last of `selection`: an edit that sets it alone selects nothing else. Applied
 * after each edit, as in Python's Document.
 */
export function withSelection(shown: Shown): Shown {
  const { selected, selection } = shown.controls;
  let now: number[];
  if (selected === null) now = [];
  else if (selection.at(-1) !== selected) now = [selected];
  else now = selection.filter((id) => id === selected || hasObject(shown, id));
  if (now.length === selection.length && now.every((id, index) => id === selection[index])) {
    return shown;
  }
  return { ...shown, controls: { ...shown.controls, selection: now } };
}

/** The colour of a label's class, null when it has none of its own. */
export function classColor(
  { classes, class_colors }: Pick<Controls, "classes" | "class_colors">,
  label: string,
): string | null {
  return class_colors[classes.indexOf(label)] || null;
}

/** What the next object looks like under this label; null when only the kernel knows. */
export function draftColor(now: Controls, before: Controls): string | null {
  const color = classColor(now, now.label);
  if (color) return color;
  return classColor(before, before.label) ? null : now.draft_color;
}

/** The controls after a class was added; the same ones where nothing changes. */
export function withClass(controls: Controls, name: string, color: string): Controls {
  const { classes, class_colors } = controls;
  const at = classes.indexOf(name);
  if (!name || (color && !isColor(color)) || (at >= 0 && !color)) return controls;
  const isColored = class_colors.some(Boolean);
  const asked = color.toLowerCase() || (isColored ? freeColor(class_colors, classes.length) : "");
  if (at < 0) {
    return { ...controls, classes: [...classes, name], class_colors: [...class_colors, asked] };
  }
  if (class_colors[at] === asked) return controls;
  return { ...controls, class_colors: class_colors.map((one, i) => (i === at ? asked : one)) };
}

/** The controls with other classes; the same ones where the kernel will refuse. */
export function withClasses(controls: Controls, { classes, colors }: SetClasses): Controls {
  if (colors === null) {
    const class_colors = classes.map((name) => classColor(controls, name) ?? "");
    return { ...controls, classes, class_colors };
  }
  if (colors.length !== classes.length || colors.some((color) => color && !isColor(color))) {
    return controls;
  }
  const class_colors = colors.map((color) => color.toLowerCase());
  for (const [index, color] of class_colors.entries()) {
    if (!color) class_colors[index] = freeColor(class_colors, index);
  }
  return { ...controls, classes, class_colors };
}

/**
 * The first colour of the palette that is like no class's; where there is none, the first that no
 * class has, else one that goes with an index. As values/palette.py has it.
 */
export function freeColor(used: readonly string[], index: number): string {
  const unused = PALETTE.filter((one) => !used.includes(one));
  const free = unused.find((one) => !used.some((other) => other && areAlike(one, other)));
  return free ?? unused[0] ?? PALETTE[index % PALETTE.length] ?? "";
}

/** Easily taken for each other? */
function areAlike(color: string, other: string): boolean {
  const parts = [1, 3, 5].map((at) => channel(color, at) - channel(other, at));
  return parts.reduce((sum, part) => sum + part * part, 0) < ALIKE ** 2;
}

function channel(color: string, at: number): number {
  return Number.parseInt(color.slice(at, at + 2), 16);
}

/** Objects of a class whose colour has changed take it. */
export function repainted(
  objects: readonly ObjectState[],
  now: Controls,
  before: Controls,
): readonly ObjectState[] {
  const after = objects.map((object) => {
    const color = classColor(now, object.label);
    const isNew = color !== null && color !== classColor(before, object.label);
    return isNew && color !== object.color ? { ...object, color } : object;
  });
  return after.every((object, index) => object === objects[index]) ? objects : after;
}

/** An object under another label, in the colour of that class if it has one. */
export function relabelled(object: ObjectState, label: string, controls: Controls): ObjectState {
  if (object.label === label) return object;
  return { ...object, label, color: classColor(controls, label) ?? object.color };
}

function deleted(shown: Shown, ids: ReadonlySet<number>): Shown | null {
  const { objects, controls } = shown;
  if (ids.size === 0 || objects.some(({ id, locked }) => locked && ids.has(id))) return null;
  const { selected } = controls;
  const left = selected !== null && ids.has(selected) ? null : selected;
  const rest = objects.filter(({ id }) => !ids.has(id));
  return { ...shown, objects: rest, controls: { ...controls, selected: left } };
}

function reordered(shown: Shown, ids: ReadonlySet<number>, index: number): Shown | null {
  const { objects } = shown;
  const others = objects.filter(({ id }) => !ids.has(id));
  if (index < 0 || index > others.length) return null;
  const moved = objects.filter(({ id }) => ids.has(id));
  const after = [...others.slice(0, index), ...moved, ...others.slice(index)];
  const isSame = after.every((object, at) => object === objects[at]);
  return isSame ? null : { ...shown, objects: after };
}

function changed(
  shown: Shown,
  ids: ReadonlySet<number>,
  change: (object: ObjectState) => ObjectState,
): Shown | null {
  let isChanged = false;
  const objects = shown.objects.map((object) => {
    const after = ids.has(object.id) ? change(object) : object;
    if (sameListed(object, after)) return object;
    isChanged = true;
    return after;
  });
  return isChanged ? { ...shown, objects } : null;
}

/** Are both the same object, looking and called the same? */
export function sameListed(a: ObjectState, b: ObjectState): boolean {
  return (
    a.id === b.id &&
    a.label === b.label &&
    a.color === b.color &&
    a.hidden === b.hidden &&
    a.locked === b.locked
  );
}

function isColor(color: string): boolean {
  return /^#[0-9a-f]{6}$/i.test(color);
}

function hasObject({ objects }: Shown, id: number): boolean {
  return objects.some((object) => object.id === id);
}
