// A LevelField as the model's logits: another border, how sure it is, probabilities. Pure.

import { ISO_LEVEL, LEVEL_CLAMP, type LevelField } from "../contract/protocol";
import { fieldBytes } from "./field";

const LOGITS_PER_LEVEL = LEVEL_CLAMP / ISO_LEVEL;
/** Stability compares the masks whose borders are so many logits above and below. */
const STABILITY_OFFSET = 1;

/** The field whose border is where this one is `logits` above its own. */
export function raised(field: LevelField, logits: number): LevelField {
  const by = logits / LOGITS_PER_LEVEL;
  const bytes = fieldBytes(field);
  const moved = new Uint8Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) {
    const level = (bytes[index] ?? 0) - by;
    // A byte's side of the border is exact, whatever is rounded.
    moved[index] = level > ISO_LEVEL ? Math.min(Math.ceil(level), 255) : Math.max(level, 0);
  }
  return { ...field, data: new DataView(moved.buffer) };
}

/** How little the mask depends on its threshold, 0 to 1; null when there is no mask. */
export function stability(field: LevelField): number | null {
  const offset = STABILITY_OFFSET / LOGITS_PER_LEVEL;
  const bytes = fieldBytes(field);
  let inner = 0;
  let outer = 0;
  for (let row = 0; row < field.height; row++) {
    const start = row * field.stride;
    for (let index = start; index < start + field.width; index++) {
      const level = bytes[index] ?? 0;
      if (level > ISO_LEVEL - offset) outer++;
      if (level > ISO_LEVEL + offset) inner++;
    }
  }
  return outer > 0 ? inner / outer : null;
}

/** The probability, 0 to 1, of each level there is, where the border is at `threshold` logits. */
export function probabilities(threshold: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, level) =>
    sigmoid((level - ISO_LEVEL) * LOGITS_PER_LEVEL + threshold),
  );
}

export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
