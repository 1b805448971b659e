// What edits of pixels make of masks, as far as the browser draws it before the kernel answers.

import type {
  CombineObjects,
  DraftState,
  LevelField,
  PaintPolygon,
  PaintStroke,
  SetOutline,
} from "../contract/protocol";
import { isWhole } from "../frame/field";
import { paintedField } from "../frame/painting";
import { type PointXY, polygonSpans, type Spans, strokeSpans, unionSpans } from "../frame/spans";

export type PathEdit = PaintStroke | PaintPolygon | SetOutline;

/** The same edit is folded into the state again and again while it is on its way. */
const done = new WeakMap<PathEdit, { before: LevelField | null; after: LevelField | null }>();

/** The mask after an edit that carries a path; the same one where it is not known. */
export function fieldAfter(before: LevelField | null, edit: PathEdit): LevelField | null {
  const known = done.get(edit);
  if (known && known.before === before) return known.after;
  const after = isWhole(before) ? painted(before, edit) : before;
  done.set(edit, { before, after });
  return after;
}

function painted(before: LevelField | null, edit: PathEdit): LevelField | null {
  switch (edit.kind) {
    case "paint_stroke":
      return paintedField(before, spansOf(edit), edit.add);
    case "paint_polygon":
      return paintedField(before, polygonSpans([edit.points]), edit.add);
    case "set_outline":
      return paintedField(null, polygonSpans(edit.rings), true);
  }
}

const strokes = new WeakMap<PaintStroke, Spans>();

function spansOf(edit: PaintStroke): Spans {
  let spans = strokes.get(edit);
  if (!spans) {
    spans = strokeSpans(edit.points, edit.radius);
    strokes.set(edit, spans);
  }
  return spans;
}

/** The stroke with one more point; what is covered already is not found out again. */
export function extended(edit: PaintStroke, [x, y]: PointXY): PaintStroke {
  const next: PaintStroke = { ...edit, points: [...edit.points, [x, y]] };
  const more = strokeSpans(next.points.slice(-2), edit.radius);
  strokes.set(next, unionSpans(spansOf(edit), more));
  return next;
}

/** The draft that a hand has painted: it has no candidates any more. */
export function paintedDraft(draft: DraftState, changes: Partial<DraftState>): DraftState {
  return {
    ...draft,
    scores: [],
    choice: 0,
    painted: true,
    rings: null,
    threshold: null,
    candidates: [],
    ...changes,
  };
}

/** A draft whose mask a model is to make of it. */
export function refinedDraft(draft: DraftState): DraftState {
  return { ...draft, painted: false, rings: null, threshold: draft.threshold ?? 0 };
}

/** The corners that a new mask has when it is a polygon. */
export function ringsAfter(before: LevelField | null, edit: PathEdit): DraftState["rings"] {
  if (edit.kind === "set_outline") return edit.rings;
  return edit.kind === "paint_polygon" && edit.add && !before ? [edit.points] : null;
}

/** Which objects are gone when several are made one. */
export function goneAfter({ operation, ids }: CombineObjects): ReadonlySet<number> {
  return new Set(operation === "subtract" ? [] : ids.slice(1).filter((id) => id !== ids[0]));
}
