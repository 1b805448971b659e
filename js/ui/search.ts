// What looks for things by itself: the strip that asks, the one that shows what was found, and the
// requests between them and the kernel.

import type { FoundState, WireEdit } from "../contract/protocol";
import { isSearching } from "../state/found";
import type { WidgetModel } from "../state/model";
import { createFinder } from "./finder";
import { createFoundPanel } from "./found";

export interface Search {
  elements: readonly HTMLElement[];
  /** A search can be begun. */
  readonly canFind: boolean;
  /** The strip that asks is shown. */
  readonly isOpen: boolean;
  findEverything(): void;
  /** Show the strip that asks, with the cursor in its field. */
  open(): void;
  toggle(): void;
  stop(): void;
  update(found: FoundState | null, readOnly: boolean): void;
}

export function createSearch(
  model: WidgetModel,
  send: (edit: WireEdit) => void,
  focusCanvas: () => void,
  onToggle: () => void,
  signal: AbortSignal,
): Search {
  const canFind = (): boolean => {
    const { status, state, isReadOnly } = model.store;
    return status.phase === "ready" && !isReadOnly && !isSearching(state.found);
  };
  const stop = (): void => void model.send({ kind: "stop_finding" });
  const findEverything = (): void => {
    if (canFind()) void model.send({ kind: "find_everything", preset: finder.preset });
  };
  const finder = createFinder(
    {
      findText: (text) => void model.send({ kind: "find_text", text }),
      findEverything,
      onToggle,
      focusCanvas,
    },
    signal,
  );
  const panel = createFoundPanel(
    {
      filter: (thresholds) => model.filterFound(thresholds),
      takeAll: () => send({ kind: "take_found", ids: null }),
      drop: () => send({ kind: "drop_found" }),
      stop,
    },
    signal,
  );
  return {
    elements: [finder.element, panel.element],
    get canFind() {
      return canFind();
    },
    get isOpen() {
      return finder.isOpen;
    },
    findEverything,
    open: finder.open,
    toggle: () => (finder.isOpen ? finder.close() : finder.open()),
    stop,
    update(found, readOnly) {
      finder.update({ canFind: canFind(), readOnly });
      panel.update(found, model.isFiltering, readOnly);
    },
  };
}
