// The list of classes and labels below a name that is being written: one list for all such inputs.

import type { Controls } from "../contract/protocol";
import { type Choice, completions } from "./completions";
import { h, setAttribute } from "./dom";
import { createPopup } from "./popup";

export interface CompletionState {
  controls: Pick<Controls, "classes" | "class_colors">;
  labels: Iterable<string>;
}

export interface Completion {
  element: HTMLElement;
  /** Complete what is written into `input`; to be called before it gets listeners for keys. */
  attach(input: HTMLInputElement, onPick: (choice: Choice) => void, signal: AbortSignal): void;
}

let counter = 0;

export function createCompletion(state: () => CompletionState, signal: AbortSignal): Completion {
  const id = `samwidget-choices-${++counter}`;
  const popup = createPopup(
    { class: "samwidget-choices", role: "listbox", id, "aria-label": "Classes" },
    signal,
  );
  const { element: list } = popup;
  let choices: readonly Choice[] = [];
  let active = -1;
  let input: HTMLInputElement | null = null;
  let pick: (choice: Choice) => void = () => {};

  const close = (): void => popup.close();
  const onClosed = (): void => {
    if (input) {
      setAttribute(input, "aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    input = null;
  };
  const activate = (index: number): void => {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const option = list.children[active];
    if (!(option instanceof HTMLElement)) {
      input?.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    if (input) setAttribute(input, "aria-activedescendant", option.id);
    const { offsetTop: top, offsetHeight: height } = option;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + height > list.scrollTop + list.clientHeight) {
      list.scrollTop = top + height - list.clientHeight;
    }
  };
  const show = (of: HTMLInputElement, isTyped: boolean, onPick: (choice: Choice) => void): void => {
    const { controls, labels } = state();
    choices = completions(of.value, isTyped, controls, labels);
    active = -1;
    list.replaceChildren(...choices.map((choice, index) => optionOf(choice, `${id}-${index}`)));
    if (choices.length === 0) {
      close();
      return;
    }
    pick = onPick;
    if (popup.anchor === of) {
      popup.place();
    } else {
      popup.open(of, onClosed);
      input = of;
      setAttribute(of, "aria-expanded", "true");
    }
    of.removeAttribute("aria-activedescendant");
  };
  const choose = (index: number): void => {
    const choice = choices[index];
    const take = pick;
    close();
    if (choice) take(choice);
  };

  // The input keeps the focus: what is written would be taken as it stands otherwise.
  list.addEventListener("mousedown", (event) => event.preventDefault(), { signal });
  list.addEventListener(
    "click",
    (event) => {
      const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      if (option) choose([...list.children].indexOf(option));
    },
    { signal },
  );

  return {
    element: list,
    attach(of, onPick, ofSignal) {
      for (const [name, value] of [
        ["role", "combobox"],
        ["aria-autocomplete", "list"],
        ["aria-controls", id],
        ["aria-expanded", "false"],
      ] as const) {
        of.setAttribute(name, value);
      }
      const listen = { signal: ofSignal };
      of.addEventListener("focus", () => show(of, false, onPick), listen);
      of.addEventListener("click", () => input !== of && show(of, false, onPick), listen);
      of.addEventListener("input", () => show(of, true, onPick), listen);
      of.addEventListener("blur", () => input === of && close(), listen);
      of.addEventListener(
        "keydown",
        (event) => {
          if (event.isComposing) return;
          const isOpen = input === of;
          if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            if (!isOpen) show(of, false, onPick);
            const step = event.key === "ArrowDown" ? 1 : -1;
            const from = active < 0 && step < 0 ? choices.length : active;
            if (choices.length > 0) activate((from + step + choices.length) % choices.length);
          } else if (event.key === "Enter" && isOpen && active >= 0) {
            choose(active);
          } else {
            if (event.key === "Escape" || event.key === "Enter") close();
            return;
          }
          event.preventDefault();
          event.stopImmediatePropagation();
        },
        listen,
      );
    },
  };
}

function optionOf({ kind, name, color, key }: Choice, id: string): HTMLElement {
  const swatch = h("span", { class: "samwidget-swatch", "aria-hidden": "true" });
  if (color) swatch.style.backgroundColor = color;
  else swatch.classList.add("samwidget-no-color");
  const text = kind === "new" ? `New class “${name}”` : name;
  const option = h(
    "div",
    { class: "samwidget-choice", role: "option", id, "aria-selected": "false", "data-kind": kind },
    swatch,
    h("span", { class: "samwidget-choice-name" }, text),
  );
  if (key) option.append(h("kbd", { "aria-hidden": "true" }, key));
  return option;
}
