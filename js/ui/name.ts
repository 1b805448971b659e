// What the next object is called: one of the classes, or free text.

import type { Controls, WireEdit } from "../contract/protocol";
import { ariaShortcuts, tooltip } from "../tools/keys";
import type { Completion } from "./completion";
import { h, KEEP_KEYS, setAttribute } from "./dom";

export interface NameField {
  element: HTMLElement;
  update(controls: Controls, readOnly: boolean): void;
}

export function createNameField(
  send: (edit: WireEdit) => void,
  onDone: () => void,
  completion: Completion,
  signal: AbortSignal,
): NameField {
  const swatch = h("span", { class: "samwidget-swatch", "aria-hidden": "true" });
  const input = h("input", {
    type: "text",
    class: "samwidget-input",
    placeholder: "Name…",
    "aria-label": "Class or name of the next object",
    title: tooltip("Class or name of the next object", "classes"),
    "aria-keyshortcuts": ariaShortcuts("classes"),
    autocomplete: "off",
    spellcheck: "false",
    "data-testid": "label",
    ...KEEP_KEYS,
  });
  const element = h("div", { class: "samwidget-next" }, swatch, input);

  let sent = "";
  const name = (label: string): void => {
    if (label === sent) return;
    sent = label;
    send({ kind: "set_label", label });
  };
  completion.attach(
    input,
    (choice) => {
      input.value = choice.name;
      if (choice.kind === "new") send({ kind: "add_class", name: choice.name, color: "" });
      name(choice.name);
      onDone();
    },
    signal,
  );
  input.addEventListener("focus", () => input.select(), { signal });
  input.addEventListener("change", () => name(input.value.trim()), { signal });
  input.addEventListener(
    "keydown",
    (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      if (event.key === "Escape") input.value = sent;
      else name(input.value.trim());
      onDone();
    },
    { signal },
  );

  return {
    element,
    update({ classes, label, draft_color }, readOnly) {
      input.disabled = readOnly;
      swatch.style.backgroundColor = draft_color;
      sent = label;
      setAttribute(input, "placeholder", classes.length > 0 ? "Class…" : "Name…");
      if (!input.matches(":focus") && input.value !== label) input.value = label;
    },
  };
}
