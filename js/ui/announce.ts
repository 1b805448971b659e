// What a screen reader is told: what has become of the picture, and where the keys' cursor is.

import type { ObjectState } from "../contract/protocol";
import type { Point } from "../frame/viewport";
import { hasDraft, type Shown } from "../state/optimism";
import { objectAt } from "../tools/select";
import { h, setText } from "./dom";
import { areaPixels, counted, scorePercent } from "./format";

/** Of what comes within this time only the last is said. */
const REST_MS = 250;

export class Announcer {
  readonly element = h("div", {
    class: "samwidget-heard",
    role: "status",
    "aria-live": "polite",
    "data-testid": "announcement",
  });
  #shown: Shown | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(signal: AbortSignal) {
    signal.addEventListener("abort", () => this.#stop());
  }

  update(shown: Shown): void {
    const before = this.#shown;
    this.#shown = shown;
    const text = before && before !== shown ? announcement(before, shown) : "";
    if (text) this.say(text);
  }

  say(text: string): void {
    this.#stop();
    this.#timer = setTimeout(() => setText(this.element, text), REST_MS);
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** The difference between two states in a sentence; empty where there is none worth one. */
export function announcement(before: Shown, now: Shown): string {
  const known = new Set(before.objects.map(({ id }) => id));
  const added = now.objects.filter(({ id }) => !known.has(id));
  const total = counted(now.objects.length, "object");
  if (added.length > 1) return `${added.length} objects added, ${total}`;
  if (added[0]) return `Added ${nameOf(added[0])}, ${areaPixels(added[0].area)}, ${total}`;
  if (now.draft.reopened !== null && now.draft.reopened !== before.draft.reopened) {
    return "Object open to be refined";
  }
  if (now.objects.length < before.objects.length) return `Removed, ${total}`;
  if (now.controls.tool !== before.controls.tool) return `Tool: ${now.controls.tool}`;
  const { draft } = now;
  if (draft.field && draft.field !== before.draft.field && hasDraft(draft)) return maskText(now);
  if (hasDraft(before.draft) && !hasDraft(draft)) return "Prompts cleared";
  const { selected } = now.controls;
  if (selected !== before.controls.selected) {
    const object = now.objects.find(({ id }) => id === selected);
    return object ? `Selected ${nameOf(object)}` : "Nothing selected";
  }
  return "";
}

/** Where the keys' cursor is. */
export function placeText({ x, y }: Point, { objects }: Shown): string {
  const object = objectAt(objects, { x, y });
  return `${Math.floor(x)}, ${Math.floor(y)}${object ? `, on ${nameOf(object)}` : ""}`;
}

function maskText({ draft }: Shown): string {
  const { points, box_xyxy, scores, choice } = draft;
  const prompts = [box_xyxy && "a box", points.length > 0 && counted(points.length, "point")];
  const from = prompts.filter(Boolean).join(" and ");
  const score = scores[choice];
  const which = scores.length > 1 ? `Mask ${choice + 1} of ${scores.length}` : "Mask";
  const quality = score === undefined ? "" : `, predicted quality ${scorePercent(score)}`;
  return `${which}${from ? ` from ${from}` : ""}${quality}`;
}

function nameOf({ id, label }: ObjectState): string {
  return label || `object ${id}`;
}
