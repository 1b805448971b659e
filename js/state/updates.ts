// From one revision of the state to the next. Pure.

import type { FoundState, ObjectState, Snapshot, Update } from "../contract/protocol";
import { changedImages } from "./images";
import { EMPTY_DRAFT } from "./optimism";

/** Of a kernel that has told nothing yet; no revision is that low. */
export const NOTHING: Snapshot = {
  revision: -1,
  image: null,
  status: { phase: "empty", message: "", progress: null, device: "" },
  draft: EMPTY_DRAFT,
  objects: [],
  found: null,
  controls: {
    tool: "positive",
    label: "",
    classes: [],
    selected: null,
    draft_color: "#1f77b4",
    can_undo: false,
    can_redo: false,
    model: "",
    region_xyxy: null,
    selection: [],
    class_colors: [],
    kept: null,
    exclusive: false,
  },
  images: null,
};

/**
 * The state after an update: the same one when the update tells nothing new, null when something
 * before it is missing.
 */
export function applyUpdate(now: Snapshot, update: Update): Snapshot | null {
  const { after, revision, image, status, draft, controls } = update;
  if (after === null ? revision === now.revision : revision <= now.revision) return now;
  if (after !== null && after !== now.revision) return null;
  const objects = update.objects ? changedObjects(now.objects, update.objects) : now.objects;
  const found = update.found ? changedFound(now.found, update.found.found) : now.found;
  if (!objects || found === undefined) return null;
  return {
    revision,
    image: image ? image.image : now.image,
    status: status ?? now.status,
    draft: draft ?? now.draft,
    objects,
    found,
    controls: controls ?? now.controls,
    images: update.images ? changedImages(now.images, update.images.images) : now.images,
  };
}

/** Objects that did not change are the same ones as before, masks, too: outlines are cached by them. */
function changedObjects(
  before: readonly ObjectState[],
  { order, changed }: NonNullable<Update["objects"]>,
): ObjectState[] | null {
  const known = new Map(before.map((object) => [object.id, object]));
  for (const object of changed) {
    const field = object.field ?? known.get(object.id)?.field;
    if (!field) return null;
    known.set(object.id, { ...object, field });
  }
  const objects = order.map((id) => known.get(id));
  return objects.every((object) => object !== undefined) ? objects : null;
}

/** Masks of one search are told once; undefined when one that is shown was never told here. */
function changedFound(
  before: FoundState | null,
  now: FoundState | null,
): FoundState | null | undefined {
  if (!now) return null;
  const masks = before?.search === now.search ? [...before.masks, ...now.masks] : now.masks;
  const known = new Map(masks.map((mask) => [mask.id, mask]));
  if (!now.shown.every((id) => known.has(id))) return undefined;
  return { ...now, masks: [...known.values()] };
}
