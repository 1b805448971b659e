// What an edit makes of the state, as far as the browser can know it before the kernel answers.

import type {
  CombineObjects,
  Controls,
  DraftState,
  FilterFound,
  FoundState,
  ObjectState,
  PointPrompt,
  Request,
  WireEdit,
} from "../contract/protocol";
import {
  draftColor,
  listed,
  repainted,
  sameListed,
  selectedObjects,
  withClass,
  withClasses,
  withSelection,
} from "./list";
import {
  fieldAfter,
  goneAfter,
  type PathEdit,
  paintedDraft,
  refinedDraft,
  ringsAfter,
} from "./painting";
import { equalLists, sameBox, samePoint } from "./same";
import { withThreshold } from "./threshold";

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
  | "draft.painted"
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
  painted: false,
  rings: null,
  threshold: 0,
  candidates: [],
};

const RESTORED: readonly Unknown[] = [
  "objects",
  "draft.points",
  "draft.box_xyxy",
  "controls.selected",
  "controls.draft_color",
];

/** Is there an object in the making? */
export function hasDraft(draft: DraftState): boolean {
  return hasPrompts(draft) || draft.reopened !== null || draft.painted;
}

/** The state as it will be when `edit` has been carried out; unchanged where the kernel will refuse. */
export function applyEdit(shown: Shown, edit: WireEdit): Effect {
  const effect = effectOf(shown, edit);
  return { ...effect, shown: withSelection(effect.shown) };
}

function effectOf(shown: Shown, edit: WireEdit): Effect {
  const { draft, objects, controls } = shown;
  switch (edit.kind) {
    case "add_point": {
      const point: PointPrompt = { x: edit.x, y: edit.y, label: edit.label };
      return refined(shown, { ...draft, points: [...draft.points, point] });
    }
    case "add_points": {
      if (edit.points.length === 0) return same(shown);
      const points = edit.points.map(([x, y, label]) => ({ x, y, label }));
      return refined(shown, { ...draft, points: [...draft.points, ...points] });
    }
    case "move_point": {
      const { index, x, y } = edit;
      if (!draft.points[index]) return same(shown);
      const points = draft.points.map((point, i) => (i === index ? { ...point, x, y } : point));
      return refined(shown, { ...draft, points });
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
      const field = draft.candidates[index] ?? draft.field;
      return drafted(shown, { ...draft, choice: index, field });
    }
    case "set_threshold": {
      const { threshold } = edit;
      const moved = withThreshold(draft, threshold);
      return moved === draft || draft.scores.length === 0 ? same(shown) : drafted(shown, moved);
    }
    case "refit_mask":
      if (draft.scores.length === 0 && !draft.painted) return same(shown);
      return drafted(shown, refinedDraft(draft), draft.box_xyxy === null ? ["draft.box_xyxy"] : []);
    case "clear_prompts":
      return hasDraft(draft) ? cleared(shown) : same(shown);
    case "commit":
      return hasDraft(draft) ? committed(shown) : same(shown);
    case "reopen_object":
      return reopened(shown, edit.id);
    case "select_object":
      return same(selectedObjects(shown, edit.id === null ? [] : [edit.id]));
    case "delete_object":
      return ifAny(shown, listed(shown, { kind: "delete_objects", ids: [edit.id] }));
    case "relabel_object": {
      const { id, label } = edit;
      return ifAny(shown, listed(shown, { kind: "relabel_objects", ids: [id], label }));
    }
    case "clear_all": {
      const kept = objects.filter(({ locked }) => locked);
      if (!hasDraft(draft) && objects.length === kept.length) return same(shown);
      const nothing = {
        ...shown,
        draft: EMPTY_DRAFT,
        objects: kept,
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
    case "paint_stroke":
    case "paint_polygon":
    case "set_outline":
      return painted(shown, edit);
    case "reshape_mask":
      // What becomes of the mask, if anything, the kernel tells.
      if (isDraft(shown, edit.id)) return { shown, unknown: ["draft.painted"] };
      return hasObject(shown, edit.id) ? step(shown, ["objects"]) : same(shown);
    case "combine_objects":
      return combined(shown, edit);
    case "split_object":
      if (!hasObject(shown, edit.id)) return same(shown);
      return step(shown, ["objects", "controls.draft_color"]);
    case "set_exclusive":
      return same({ ...shown, controls: { ...controls, exclusive: edit.exclusive } });
    case "set_label":
      return controlled(shown, { ...controls, label: edit.label });
    case "set_classes":
      return controlled(shown, withClasses(controls, edit));
    case "add_class":
      return controlled(shown, withClass(controls, edit.name, edit.color));
    case "select_objects":
      return same(selectedObjects(shown, edit.ids));
    case "delete_objects":
    case "relabel_objects":
    case "recolor_objects":
    case "hide_objects":
    case "lock_objects":
    case "reorder_objects":
      return ifAny(shown, listed(shown, edit));
    case "set_tool":
      return same({ ...shown, controls: { ...controls, tool: edit.tool } });
    case "undo":
      return { shown, unknown: controls.can_undo ? ["everything"] : [] };
    case "redo":
      return { shown, unknown: controls.can_redo ? ["everything"] : [] };
    case "restore_work":
      if (!controls.kept) return same(shown);
      return { shown: { ...shown, controls: { ...controls, kept: null } }, unknown: RESTORED };
    case "drop_work":
      return same(controls.kept ? { ...shown, controls: { ...controls, kept: null } } : shown);
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
    case "show_view":
    case "find_text":
    case "stop_finding":
    case "read_patch":
    case "describe_channels":
    case "render_picture":
    case "go_to_image":
    case "finish_image":
    case "fetch_thumbnail":
    case "read_detail":
      return false;
    default:
      request satisfies WireEdit;
      return true;
  }
}

/** Does an edit change something about the image, not only the person's settings? */
export function isOfImage(request: Request): boolean {
  return isEdit(request) && !["set_tool", "set_label", "set_classes"].includes(request.kind);
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
    equalLists(a.controls.classes, b.controls.classes, Object.is) &&
    equalLists(a.controls.class_colors, b.controls.class_colors, Object.is) &&
    known("controls.selected", () =>
      equalLists(a.controls.selection, b.controls.selection, Object.is),
    ) &&
    a.controls.exclusive === b.controls.exclusive &&
    known("draft.painted", () => a.draft.painted === b.draft.painted) &&
    known("draft.points", () => equalLists(a.draft.points, b.draft.points, samePoint)) &&
    known("draft.box_xyxy", () => sameBox(a.draft.box_xyxy, b.draft.box_xyxy)) &&
    known("objects", () => equalLists(a.objects, b.objects, sameListed))
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

/** A step if there is anything after it that is not before. */
function ifAny(shown: Shown, after: Shown | null): Effect {
  return after ? step(after) : same(shown);
}

/** Settings that say which colour classes and the next object have. */
function controlled(shown: Shown, controls: Controls): Effect {
  const before = shown.controls;
  if (controls === before) return same(shown);
  const objects = repainted(shown.objects, controls, before);
  if (shown.draft.reopened !== null) {
    // An object that is refined has its own colour, or its class's if that has changed.
    const isSame = controls.class_colors === before.class_colors;
    return {
      shown: { ...shown, objects, controls },
      unknown: isSame ? [] : ["controls.draft_color"],
    };
  }
  const color = draftColor(controls, before);
  const draft_color = color ?? before.draft_color;
  return {
    shown: { ...shown, objects, controls: { ...controls, draft_color } },
    unknown: color === null ? ["controls.draft_color"] : [],
  };
}

/** A step that changes the draft: who starts a new object has finished with the one before. */
function drafted(shown: Shown, draft: DraftState, unknown: readonly Unknown[] = []): Effect {
  const selected = hasDraft(shown.draft) ? shown.controls.selected : null;
  return step({ ...shown, draft, controls: { ...shown.controls, selected } }, unknown);
}

/** What was painted is what the model refines. */
function refined(shown: Shown, draft: DraftState): Effect {
  return drafted(shown, refinedDraft(draft));
}

function withPrompts(shown: Shown, draft: DraftState): Effect {
  if (hasPrompts(draft)) return refined(shown, draft);
  if (draft.painted) return drafted(shown, draft);
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
  if (!opened || opened.locked) return same(shown);
  const { field, score, color } = opened;
  const after = {
    ...shown,
    draft: { ...EMPTY_DRAFT, field, scores: [score], reopened: id, threshold: null },
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

/** Pixels are added or taken away; what is drawn is what the kernel will say, within a cell. */
function painted(shown: Shown, edit: PathEdit): Effect {
  const { draft, objects } = shown;
  if (isDraft(shown, edit.id)) {
    const isErasing = edit.kind !== "set_outline" && !edit.add;
    if (isErasing && !hasDraft(draft)) return same(shown);
    const field = fieldAfter(draft.field, edit);
    const rings = ringsAfter(draft.field, edit);
    return drafted(shown, paintedDraft(draft, { field, rings }));
  }
  const target = objects.find((object) => object.id === edit.id);
  if (!target) return same(shown);
  const after = {
    ...target,
    field: fieldAfter(target.field, edit),
    rings: ringsAfter(target.field, edit),
  };
  const changed = objects.map((object) => (object === target ? after : object));
  return step({ ...shown, objects: changed }, ["objects"]);
}

function combined(shown: Shown, edit: CombineObjects): Effect {
  const isKnown = edit.ids.every((id) => hasObject(shown, id));
  if (!isKnown || new Set(edit.ids).size < 2) return same(shown);
  const gone = goneAfter(edit);
  const { selected } = shown.controls;
  const left = selected !== null && gone.has(selected) ? null : selected;
  return step({ ...shown, controls: { ...shown.controls, selected: left } }, ["objects"]);
}

/** Does an edit of pixels with this id work on the draft? */
function isDraft({ draft }: Shown, id: number | null): boolean {
  return id === null || id === draft.reopened;
}

function hasPrompts(draft: DraftState): boolean {
  return draft.points.length > 0 || draft.box_xyxy !== null;
}

function hasObject({ objects }: Shown, id: number | null): boolean {
  return objects.some((object) => object.id === id);
}
