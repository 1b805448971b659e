// The draft with its border elsewhere, before the kernel says so: from the level field. Pure.

import type { DraftState, LevelField } from "../contract/protocol";
import { raised } from "../frame/levels";
import type { Shown } from "./optimism";

/** How far the slider reaches, in logits: fields tell of the model's logits up to there. */
export const THRESHOLD_REACH = 4;

/** The last border of each field: it is asked for again at each frame. */
const moved = new WeakMap<LevelField, { logits: number; field: LevelField }>();

/** The draft with its border at another threshold, in logits; itself where there is none to move. */
export function withThreshold(draft: DraftState, threshold: number): DraftState {
  if (draft.threshold === null || draft.threshold === threshold) return draft;
  const logits = threshold - draft.threshold;
  return {
    ...draft,
    threshold,
    field: draft.field && at(draft.field, logits),
    candidates: draft.candidates.map((field) => at(field, logits)),
  };
}

/** The state with this candidate's mask instead of the draft's, as long as it is one. */
export function peeking(shown: Shown, field: LevelField | null): Shown {
  const index = field ? shown.draft.candidates.indexOf(field) : -1;
  // The chosen one is there already, larger.
  if (index < 0 || index === shown.draft.choice) return shown;
  return { ...shown, draft: { ...shown.draft, field } };
}

function at(field: LevelField, logits: number): LevelField {
  const known = moved.get(field);
  if (known?.logits === logits) return known.field;
  const now = { logits, field: raised(field, logits) };
  moved.set(field, now);
  return now.field;
}
