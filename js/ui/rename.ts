// The field in which an object of the list gets another name.

import type { Completion } from "./completion";
import type { Choice } from "./completions";
import { h, KEEP_KEYS } from "./dom";

export interface NameEditor {
  readonly input: HTMLInputElement;
  readonly complete: Completion["attach"];
  /** Take the keyboard. */
  begin(): void;
  /** Gone without a word. */
  dispose(): void;
}

interface Hooks {
  /** The name, null when it stays as it was; and which choice it was, null for what was written. */
  onName(name: string | null, choice: Choice["kind"] | null): void;
  /** By a key, or a choice: somebody else should have the keyboard. */
  onLeave(): void;
  complete: Completion["attach"];
}

export function openNameEditor(
  id: number,
  before: string,
  { onName, onLeave, complete }: Hooks,
  signal: AbortSignal,
): NameEditor {
  const input = h("input", {
    type: "text",
    class: "samwidget-input samwidget-row-input",
    value: before,
    "aria-label": "Name of this object",
    autocomplete: "off",
    spellcheck: "false",
    "data-testid": `edit-${id}`,
    ...KEEP_KEYS,
  });
  const own = new AbortController();
  signal.addEventListener("abort", () => own.abort(), { signal: own.signal });
  let isOpen = true;
  const close = (text: string, choice: Choice["kind"] | null = null): void => {
    if (!isOpen) return;
    isOpen = false;
    onName(text === before ? null : text, choice);
    input.remove();
    own.abort();
  };
  complete(
    input,
    (choice) => {
      close(choice.name, choice.kind);
      onLeave();
    },
    own.signal,
  );
  input.addEventListener("blur", () => close(input.value.trim()), { signal: own.signal });
  input.addEventListener(
    "keydown",
    (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      close(event.key === "Enter" ? input.value.trim() : before);
      onLeave();
    },
    { signal: own.signal },
  );
  return {
    input,
    complete,
    begin() {
      input.focus({ preventScroll: true });
      input.select();
    },
    dispose() {
      isOpen = false;
      input.remove();
      own.abort();
    },
  };
}
