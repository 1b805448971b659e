// What an edit makes of the state, as far as the browser can know it before the kernel answers.

import type {
  Controls,
  DraftState,
  FilterFound,
  FoundState,
  ObjectState,
  PointPrompt,
  Request,
  WireEdit,
} from "../contract/protocol";

/** The part of the state that edits change. */
export interface Shown {
  readonly draft: DraftState;
  readonly objects: readonly ObjectState[];
  readonly found: FoundState | null;
  readonly controls: Controls;
}

/** What only the kernel can know after an edit. */
export type Unknown =
  | "everything"
  | "objects"
  | "found.shown"
  | "draft.points"
  | "draft.box_xyxy"
  | "controls.selected"
  | "controls.draft_color";

export interface Effect {
  readonly shown: Shown;
  readonly unknown: readonly Unknown[];
}

export const EMPTY_DRAFT: DraftState = {
  points: [],
  box_xyxy: null,
  field: null,
  scores: [],
  choice: 0,
  reopened: null,
};

/** Is there an object in the making? */
export function hasDraft(draft: DraftState): boolean {
  return hasPrompts(draft) || draft.reopened !== null;
}

/** The state as it will be when `edit` has been carried out; unchanged where the kernel will refuse. */
export function applyEdit(shown: Shown, edit: WireEdit): Effect {
  const { draft, objects, controls } = shown;
  switch (edit.kind) {
    case "add_point": {
      const point: PointPrompt = { x: edit.x, y: edit.y, label: edit.label };
      return drafted(shown, { ...draft, points: [...draft.points, point] });
    }
    case "move_point": {
      const { index, x, y } = edit;
      if (!draft.points[index]) return same(shown);
      const points = draft.points.map((point, i) => (i === index ? { ...point, x, y } : point));
      return drafted(shown, { ...draft, points });
    }
    case "remove_point": {
      if (!draft.points[edit.index]) return same(shown);
      const points = draft.points.filter((_, i) => i !== edit.index);
      return withPrompts(shown, { ...draft, points });
    }
    case "set_box": {
      const { box_xyxy } = edit;
      if (box_xyxy === null && draft.box_xyxy === null) return same(shown);
      return withPrompts(shown, { ...draft, box_xyxy });
    }
    case "choose_mask": {
      const { index } = edit;
      if (index === draft.choice || draft.scores[index] === undefined) return same(shown);
      return drafted(shown, { ...draft, choice: index });
    }
    case "clear_prompts":
      return hasDraft(draft) ? cleared(shown) : same(shown);
    case "commit":
      return hasDraft(draft) ? committed(shown) : same(shown);
    case "reopen_object":
      return reopened(shown, edit.id);
    case "select_object":
      if (edit.id !== null && !hasObject(shown, edit.id)) return same(shown);
      return same({ ...shown, controls: { ...controls, selected: edit.id } });
    case "delete_object": {
      if (!hasObject(shown, edit.id)) return same(shown);
      const selected = controls.selected === edit.id ? null : controls.selected;
      const rest = objects.filter((object) => object.id !== edit.id);
      return step({ ...shown, objects: rest, controls: { ...controls, selected } });
    }
    case "relabel_object": {
      const { id, label } = edit;
      if (!objects.some((object) => object.id === id && object.label !== label)) return same(shown);
      const renamed = objects.map((object) => (object.id === id ? { ...object, label } : object));
      return step({ ...shown, objects: renamed });
    }
    case "clear_all": {
      if (!hasDraft(draft) && objects.length === 0) return same(shown);
      const nothing = {
        ...shown,
        draft: EMPTY_DRAFT,
        objects: [],
        controls: { ...controls, selected: null },
      };
      return step(nothing, draft.reopened === null ? [] : ["controls.draft_color"]);
    }
    case "take_found":
      return taken(shown, edit.ids);
    case "filter_found":
      return filtered(shown, edit);
    case "drop_found":
      return same(shown.found ? { ...shown, found: null } : shown);
    case "look_closer":
      return same({ ...shown, controls: { ...controls, region_xyxy: edit.region_xyxy } });
    case "set_label":
      return same({ ...shown, controls: { ...controls, label: edit.label } });
    case "set_classes":
      return same({ ...shown, controls: { ...controls, classes: edit.classes } });
    case "set_tool":
      return same({ ...shown, controls: { ...controls, tool: edit.tool } });
    case "undo":
      return { shown, unknown: controls.can_undo ? ["everything"] : [] };
    case "redo":
      return { shown, unknown: controls.can_redo ? ["everything"] : [] };
    default:
      edit satisfies never;
      return same(shown);
  }
}

/** An edit changes the state; the other requests only ask for something. */
export function isEdit(request: Request): request is WireEdit {
  switch (request.kind) {
    case "preview":
    case "cancel":
    case "refresh":
    case "report_views":
    case "leave_page":
    case "find_everything":
    case "find_text":
    case "show_view":
    case "stop_finding":
      return false;
    default:
      request satisfies WireEdit;
      return true;
  }
}

/**
 * Do both hold the same, as far as edits make it and all but `unknown` is known?
 *
 * What was found changes by itself while a search goes on, so it tells nothing of edits.
 */
export function agree(a: Shown, b: Shown, unknown: ReadonlySet<Unknown>): boolean {
  if (unknown.has("everything")) return false;
  const known = (part: Unknown, equal: () => boolean): boolean => unknown.has(part) || equal();
  return (
    a.draft.reopened === b.draft.reopened &&
    a.controls.tool === b.controls.tool &&
    a.controls.label === b.controls.label &&
    equalLists(a.controls.classes, b.controls.classes, (one, other) => one === other) &&
    known("controls.selected", () => a.controls.selected === b.controls.selected) &&
    known("draft.points", () => equalLists(a.draft.points, b.draft.points, samePoint)) &&
    known("draft.box_xyxy", () => sameBox(a.draft.box_xyxy, b.draft.box_xyxy)) &&
    known("objects", () => equalLists(a.objects, b.objects, sameObject))
  );
}

// ---------------------------------------------------------------------------------------- parts

/** Nothing that undo would take back. */
function same(shown: Shown): Effect {
  return { shown, unknown: [] };
}

/** A step of the history. */
function step(shown: Shown, unknown: readonly Unknown[] = []): Effect {
  const controls = { ...shown.controls, can_undo: true, can_redo: false };
  return { shown: { ...shown, controls }, unknown };
}

/** A step that changes the draft: who starts a new object has finished with the one before. */
function drafted(shown: Shown, draft: DraftState, unknown: readonly Unknown[] = []): Effect {
  const selected = hasDraft(shown.draft) ? shown.controls.selected : null;
  return step({ ...shown, draft, controls: { ...shown.controls, selected } }, unknown);
}

function withPrompts(shown: Shown, draft: DraftState): Effect {
  if (hasPrompts(draft)) return drafted(shown, draft);
  // A reopened object without any prompt is as it was when it was opened.
  if (draft.reopened !== null) return drafted(shown, draft, ["draft.points", "draft.box_xyxy"]);
  return drafted(shown, EMPTY_DRAFT);
}

// What becomes an object is drawn as the draft until the kernel tells of the object.

function cleared(shown: Shown): Effect {
  const { draft } = shown;
  if (draft.reopened === null) return step({ ...shown, draft: EMPTY_DRAFT });
  const left = { ...EMPTY_DRAFT, field: draft.field };
  return step({ ...shown, draft: left }, ["objects", "controls.draft_color"]);
}

function committed(shown: Shown): Effect {
  const { draft, controls } = shown;
  const after = {
    ...shown,
    draft: { ...EMPTY_DRAFT, field: draft.field },
    controls: { ...controls, selected: draft.reopened },
  };
  const unknown: Unknown[] = ["objects", "controls.draft_color"];
  if (draft.reopened === null) unknown.push("controls.selected");
  return step(after, unknown);
}

function reopened(shown: Shown, id: number): Effect {
  const { draft, objects, controls } = shown;
  const opened = objects.find((object) => object.id === id);
  if (!opened) return same(shown);
  const { field, score, color } = opened;
  const after = {
    ...shown,
    draft: { ...EMPTY_DRAFT, field, scores: [score], reopened: id },
    objects: objects.filter((object) => object !== opened),
    controls: { ...controls, selected: null, draft_color: color },
  };
  const unknown: Unknown[] = ["draft.points", "draft.box_xyxy"];
  if (draft.reopened !== null) unknown.unshift("objects"); // that one goes back to its place
  return step(after, unknown);
}

/** What is taken stays on the screen as it is until the kernel tells of the objects. */
function taken(shown: Shown, ids: readonly number[] | null): Effect {
  const { found } = shown;
  const left = new Set(found?.shown);
  const chosen = ids === null ? left : new Set(ids.filter((id) => left.has(id)));
  const isKnown = ids === null || ids.every((id) => found?.masks.some((mask) => mask.id === id));
  if (!isKnown || chosen.size === 0) return same(shown);
  const unknown: Unknown[] = ["objects", "controls.draft_color", "found.shown"];
  if (chosen.size === 1) unknown.push("controls.selected");
  return step(shown, unknown);
}

function filtered(shown: Shown, { kind: _, ...thresholds }: FilterFound): Effect {
  const { found } = shown;
  if (
    !found ||
    thresholds.pred_iou_thresh < found.least_pred_iou_thresh ||
    thresholds.stability_score_thresh < found.least_stability_score_thresh ||
    thresholds.detection_score_thresh < found.least_detection_score_thresh
  ) {
    return same(shown);
  }
  const now = { ...found, ...thresholds };
  return { shown: { ...shown, found: now }, unknown: ["found.shown"] };
}

function hasPrompts(draft: DraftState): boolean {
  return draft.points.length > 0 || draft.box_xyxy !== null;
}

function hasObject({ objects }: Shown, id: number): boolean {
  return objects.some((object) => object.id === id);
}

function samePoint(a: PointPrompt, b: PointPrompt): boolean {
  return sameNumber(a.x, b.x) && sameNumber(a.y, b.y) && a.label === b.label;
}

function sameObject(a: ObjectState, b: ObjectState): boolean {
  return a.id === b.id && a.label === b.label;
}

function sameBox(a: DraftState["box_xyxy"], b: DraftState["box_xyxy"]): boolean {
  return (
    a === b ||
    (a !== null &&
      b !== null &&
      a.every((value, index) => sameNumber(value, b[index] ?? Number.NaN)))
  );
}

/** The kernel keeps coordinates in single precision. */
function sameNumber(a: number, b: number): boolean {
  return Math.fround(a) === Math.fround(b);
}

function equalLists<T>(
  a: readonly T[],
  b: readonly T[],
  equal: (one: T, other: T) => boolean,
): boolean {
  return (
    a === b ||
    (a.length === b.length &&
      a.every((one, index) => {
        const other = b[index];
        return other !== undefined && (one === other || equal(one, other));
      }))
  );
}
