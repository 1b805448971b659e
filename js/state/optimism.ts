// What the screen shows before the kernel's answer: requests on their way, folded into the state.

import type {
  BoxXYXY,
  Controls,
  DraftState,
  ObjectState,
  PointPrompt,
  Request,
  SyncedState,
} from "../contract/protocol";

/** The part of the synced state that a request can change at once. */
export interface Shown {
  draft: DraftState;
  objects: ObjectState[];
  controls: Controls;
}

export interface Pending {
  seq: number;
  request: Request;
  /** The kernel has answered; its state may still be on the way. */
  answered: boolean;
  /** The kernel's state when the request was sent. */
  sentAt: Pick<SyncedState, "_draft" | "_objects">;
}

export const EMPTY_DRAFT: DraftState = {
  points: [],
  box_xyxy: null,
  field: null,
  scores: [],
  choice: 0,
};

/** The state as it will be when `request` has been carried out, as far as the browser can know. */
export function applyRequest(shown: Shown, request: Request): Shown {
  const next = applyEffect(shown, request);
  if (next.draft === shown.draft && next.objects === shown.objects) return next;
  const controls = { ...next.controls, can_undo: true, can_redo: false };
  // Who starts a new object has finished with the one before.
  if (!hasPrompts(shown.draft) && hasPrompts(next.draft)) controls.selected = null;
  return { ...next, controls };
}

function applyEffect(shown: Shown, request: Request): Shown {
  const { draft, objects, controls } = shown;
  switch (request.kind) {
    case "add_point": {
      const point = { x: request.x, y: request.y, label: request.label };
      return { ...shown, draft: { ...draft, points: [...draft.points, point] } };
    }
    case "move_point": {
      const { index, x, y } = request;
      const points = draft.points.map((point, i) => (i === index ? { ...point, x, y } : point));
      return { ...shown, draft: { ...draft, points } };
    }
    case "remove_point":
      return { ...shown, draft: withoutPoint(draft, request.index) };
    case "set_box":
      return { ...shown, draft: withBox(draft, request.box_xyxy) };
    case "choose_mask":
      return { ...shown, draft: { ...draft, choice: request.index } };
    case "clear_prompts":
      return { ...shown, draft: EMPTY_DRAFT };
    case "commit":
      // The new object's id and area are the kernel's to give: only the prompts go at once.
      return { ...shown, draft: { ...EMPTY_DRAFT, field: draft.field } };
    case "select_object":
      return { ...shown, controls: { ...controls, selected: request.id } };
    case "delete_object": {
      const selected = controls.selected === request.id ? null : controls.selected;
      return {
        ...shown,
        objects: objects.filter((object) => object.id !== request.id),
        controls: { ...controls, selected },
      };
    }
    case "relabel_object": {
      const { id, label } = request;
      return { ...shown, objects: objects.map((o) => (o.id === id ? { ...o, label } : o)) };
    }
    case "set_label":
      return { ...shown, controls: { ...controls, label: request.label } };
    case "set_tool":
      return { ...shown, controls: { ...controls, tool: request.tool } };
    case "undo":
    case "redo":
    case "preview":
    case "cancel":
      return shown;
    default:
      request satisfies never;
      return shown;
  }
}

/** Does the kernel's state hold what the request asked for, so that folding it in would repeat it? */
export function isCaughtUp(pending: Pending, draft: DraftState, objects: ObjectState[]): boolean {
  const { request, sentAt } = pending;
  if (draft === sentAt._draft && objects === sentAt._objects) return false;
  switch (request.kind) {
    case "add_point": {
      const before = countPoints(sentAt._draft, request, request.label);
      return countPoints(draft, request, request.label) > before;
    }
    case "remove_point": {
      const removed = sentAt._draft.points[request.index];
      if (!removed) return draft !== sentAt._draft;
      const before = countPoints(sentAt._draft, removed, removed.label);
      return countPoints(draft, removed, removed.label) < before;
    }
    case "clear_prompts":
      return draft !== sentAt._draft;
    case "commit":
      return draft !== sentAt._draft && draft.points.length === 0 && draft.box_xyxy === null;
    case "move_point":
    case "set_box":
    case "choose_mask":
    case "select_object":
    case "delete_object":
    case "relabel_object":
    case "set_label":
    case "set_tool":
    case "undo":
    case "redo":
    case "preview":
    case "cancel":
      return false; // folding these in twice is harmless: they stay until their reply
    default:
      request satisfies never;
      return false;
  }
}

function withoutPoint(draft: DraftState, index: number): DraftState {
  const points = draft.points.filter((_, i) => i !== index);
  const rest = { ...draft, points };
  return isEmpty(rest) ? EMPTY_DRAFT : rest;
}

function withBox(draft: DraftState, box_xyxy: BoxXYXY | null): DraftState {
  const rest = { ...draft, box_xyxy };
  return isEmpty(rest) ? EMPTY_DRAFT : rest;
}

function isEmpty(draft: DraftState): boolean {
  return draft.points.length === 0 && draft.box_xyxy === null;
}

export function hasPrompts(draft: DraftState): boolean {
  return !isEmpty(draft);
}

function countPoints(
  draft: DraftState,
  at: { x: number; y: number },
  label: PointPrompt["label"],
): number {
  return draft.points.filter((p) => p.x === at.x && p.y === at.y && p.label === label).length;
}
