// What the canvas shows and the kernel has confirmed, as attributes for tests and other scripts.

import { isSearching } from "../state/found";
import { hasDraft } from "../state/optimism";
import type { Store } from "../state/store";
import type { Scene } from "./scene";

export function paintedAttributes({ shown, ...scene }: Scene, store: Store): [string, string][] {
  const { draft, found } = shown;
  const settled = draft.field ? "mask" : hasDraft(draft) ? "waiting" : "none";
  return [
    ["data-phase", store.status.phase],
    ["data-kernel", store.isReadOnly ? "gone" : "there"],
    ["data-objects", String(store.objects.length)],
    ["data-points", String(draft.points.length)],
    ["data-draft", store.waiting ? "waiting" : settled],
    ["data-threshold", String(draft.threshold ?? "none")],
    ["data-heat", String(scene.heat)],
    ["data-preview", String(scene.preview !== null && !scene.previewTaken)],
    ["data-search", isSearching(found) ? "on" : found ? "over" : "none"],
    ["data-found", String(scene.found.length)],
    ["data-region", shown.controls.region_xyxy?.join(" ") ?? "all"],
    ["data-lit", scene.lit ? String(scene.lit.id) : "none"],
    ["data-detail", scene.detail.phase],
  ];
}
