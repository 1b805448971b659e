// The label of the next object: free text, or one of the classes.

import type { Controls } from "../contract/protocol";
import { h, KEEP_KEYS } from "./dom";

export interface LabelField {
  element: HTMLElement;
  update(controls: Controls): void;
}

export function createLabelField(
  setLabel: (label: string) => void,
  onDone: () => void,
  signal: AbortSignal,
): LabelField {
  const swatch = h("span", { class: "samwidget-swatch", "aria-hidden": "true" });
  const input = h("input", {
    type: "text",
    class: "samwidget-input",
    placeholder: "Label…",
    "aria-label": "Label of the next object",
    title: "Label of the next object",
    autocomplete: "off",
    spellcheck: "false",
    "data-testid": "label",
    ...KEEP_KEYS,
  });
  const select = h("select", {
    class: "samwidget-input",
    "aria-label": "Class of the next object",
    title: "Class of the next object (1 – 9)",
    "data-testid": "label",
    ...KEEP_KEYS,
  });
  const element = h("div", { class: "samwidget-next" }, swatch, input);

  let sent = "";
  const send = (label: string): void => {
    if (label === sent) return;
    sent = label;
    setLabel(label);
  };
  input.addEventListener("change", () => send(input.value.trim()), { signal });
  select.addEventListener("change", () => send(select.value), { signal });
  input.addEventListener(
    "keydown",
    (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      if (event.key === "Escape") input.value = sent;
      onDone();
    },
    { signal },
  );
  select.addEventListener("keydown", (event) => event.stopPropagation(), { signal });

  let options = "";
  const updateOptions = (classes: readonly string[], label: string): void => {
    const names = classes.includes(label) ? classes : [label, ...classes];
    const key = JSON.stringify(names);
    if (key === options) return;
    options = key;
    select.replaceChildren(
      ...names.map((name) => h("option", { value: name }, name || "no label")),
    );
  };

  return {
    element,
    update({ classes, label, draft_color }) {
      swatch.style.backgroundColor = draft_color;
      sent = label;
      const control = classes.length > 0 ? select : input;
      if (element.lastElementChild !== control) element.lastElementChild?.replaceWith(control);
      if (control === select) {
        updateOptions(classes, label);
        if (select.value !== label) select.value = label;
      } else if (!input.matches(":focus") && input.value !== label) {
        input.value = label;
      }
    },
  };
}
