// What a search for everything has found, as layers and tools want it.

import type { FoundMask, FoundState } from "../contract/protocol";

const ordered = new WeakMap<FoundState, readonly FoundMask[]>();
const NONE: readonly FoundMask[] = [];

/** The masks that are shown, the smallest first: one inside another is reached before it. */
export function shownMasks(found: FoundState | null): readonly FoundMask[] {
  if (!found) return NONE;
  let masks = ordered.get(found);
  if (!masks) {
    const known = new Map(found.masks.map((mask) => [mask.id, mask]));
    masks = found.shown
      .flatMap((id) => known.get(id) ?? [])
      .sort((one, other) => one.area - other.area);
    ordered.set(found, masks);
  }
  return masks;
}

/** Is the search still under way? */
export function isSearching(found: FoundState | null): boolean {
  return found !== null && found.progress !== null;
}

/** How many of the shown masks each label has. */
export function countsOf(found: FoundState): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { label } of shownMasks(found)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}
