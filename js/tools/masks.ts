// Edits of whole masks, as the menu offers them.

import type { CombineObjects, ReshapeMask, WireEdit } from "../contract/protocol";
import { hasDraft, type Shown } from "../state/optimism";

/** How much a mask grows, shrinks or is smoothed at once, in css pixels: what can be seen. */
const STEP_PX = { grow: 2, shrink: 2, smooth: 4 } as const;

export type Reshaping = ReshapeMask["operation"];

/** The edit of the draft, else of the selected object; null when there is neither. */
export function reshapeEdit(
  { draft, controls }: Shown,
  operation: Reshaping,
  scale: number,
): ReshapeMask | null {
  const id = hasDraft(draft) ? null : controls.selected;
  if (hasDraft(draft) ? draft.field === null : id === null) return null;
  const isShare = operation === "fill_holes" || operation === "drop_islands";
  const pixels = isShare ? 1 : Math.max(1, Math.round(STEP_PX[operation] / scale));
  return { kind: "reshape_mask", operation, amount: Math.min(pixels, 1000), id };
}

/** The edit of the selected objects, in the order in which they were chosen. */
export function combineEdit(
  { controls: { selection } }: Shown,
  operation: CombineObjects["operation"],
): WireEdit | null {
  return selection.length < 2 ? null : { kind: "combine_objects", operation, ids: selection };
}

export function splitEdit({ controls, draft }: Shown): WireEdit | null {
  if (hasDraft(draft) || controls.selected === null) return null;
  return { kind: "split_object", id: controls.selected };
}
