// The strip that asks what to look for: words, or everything in how much detail.

import type { Preset } from "../contract/protocol";
import { ariaShortcuts, tooltip } from "../tools/keys";
import { buttonMaker, h, KEEP_KEYS } from "./dom";
import { icon } from "./icons";

export interface FinderActions {
  /** Search for what the phrases name, commas between them. */
  findText(text: string): void;
  findEverything(): void;
  /** The strip was opened or closed. */
  onToggle(): void;
  focusCanvas(): void;
}

export interface FinderState {
  /** A search can be begun. */
  canFind: boolean;
  readOnly: boolean;
}

export interface Finder {
  element: HTMLElement;
  readonly isOpen: boolean;
  /** In how much detail everything is searched for. */
  readonly preset: Preset;
  /** Show it with the cursor in the field. */
  open(): void;
  close(): void;
  update(state: FinderState): void;
}

const PRESETS: readonly [preset: Preset, name: string, title: string][] = [
  ["fast", "Fast", "Few clicks: the large things, in the least time"],
  ["balanced", "Balanced", "As many clicks as suit the model"],
  ["fine", "Fine", "Also in four enlarged parts of the picture, for small things: takes longest"],
];

export function createFinder(actions: FinderActions, signal: AbortSignal): Finder {
  const input = h("input", {
    type: "text",
    class: "samwidget-input samwidget-find-text",
    placeholder: "What to find: a wheel, a door",
    "aria-label": "What to find, phrases with commas between them",
    title: "Phrases with commas between them; each is a class",
    autocomplete: "off",
    spellcheck: "false",
    enterkeyhint: "search",
    "data-testid": "find-text",
    ...KEEP_KEYS,
  });
  const button = buttonMaker(signal);
  const find = button("find-text-go", "Find what the words name (Enter)", () => submit(), "Find");
  find.classList.add("samwidget-outlined", "samwidget-find-go");
  const preset = h(
    "select",
    {
      class: "samwidget-input samwidget-preset",
      "aria-label": "Detail of the search for everything",
      "data-testid": "preset",
      ...KEEP_KEYS,
    },
    ...PRESETS.map(([value, name]) => h("option", { value }, name)),
  );
  preset.value = "balanced";
  const everything = button(
    "find-everything-go",
    tooltip("Find everything in this much detail", "everything"),
    actions.findEverything,
    icon("everything"),
    "Everything",
  );
  everything.setAttribute("aria-keyshortcuts", ariaShortcuts("everything"));
  everything.classList.add("samwidget-outlined");
  const close = button("find-close", "Close (Esc)", () => shut(), icon("close"));

  const element = h(
    "div",
    {
      class: "samwidget-finder",
      role: "search",
      "aria-label": "Find in the picture",
      "data-testid": "finder",
      hidden: true,
    },
    h("div", { class: "samwidget-find-words" }, icon("find"), input, find),
    h("div", { class: "samwidget-find-all" }, preset, everything, close),
  );

  let canFind = false;
  const chosen = (): Preset => PRESETS.find(([value]) => value === preset.value)?.[0] ?? "balanced";
  const describe = (): void => {
    preset.title = PRESETS.find(([value]) => value === preset.value)?.[2] ?? "";
  };
  const refresh = (): void => {
    find.disabled = !canFind || input.value.trim() === "";
  };
  const submit = (): void => {
    const text = input.value.trim();
    if (!canFind || text === "") return;
    actions.findText(text);
    actions.focusCanvas();
  };
  const shut = (): void => {
    element.hidden = true;
    actions.focusCanvas();
    actions.onToggle();
  };

  describe();
  preset.addEventListener("change", describe, { signal });
  input.addEventListener("input", refresh, { signal });
  input.addEventListener(
    "keydown",
    (event) => {
      event.stopPropagation();
      if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
      event.preventDefault();
      if (event.key === "Enter") submit();
      else shut();
    },
    { signal },
  );
  preset.addEventListener("keydown", (event) => event.stopPropagation(), { signal });

  return {
    element,
    get isOpen() {
      return !element.hidden;
    },
    get preset() {
      return chosen();
    },
    open() {
      const wasOpen = !element.hidden;
      element.hidden = false;
      input.focus({ preventScroll: true });
      input.select();
      if (!wasOpen) actions.onToggle();
    },
    close: shut,
    update(state) {
      canFind = state.canFind;
      input.disabled = state.readOnly;
      preset.disabled = state.readOnly;
      everything.disabled = !canFind;
      refresh();
    },
  };
}
