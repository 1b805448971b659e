// What the next object is called: free text, or one of the classes.

import type { Controls } from "../contract/protocol";
import { ariaShortcuts, tooltip } from "../tools/keys";
import { h, KEEP_KEYS } from "./dom";

export interface NameField {
  element: HTMLElement;
  update(controls: Controls, readOnly: boolean): void;
}

export function createNameField(
  setName: (name: string) => void,
  onDone: () => void,
  signal: AbortSignal,
): NameField {
  const swatch = h("span", { class: "samwidget-swatch", "aria-hidden": "true" });
  const input = h("input", {
    type: "text",
    class: "samwidget-input",
    placeholder: "Name…",
    "aria-label": "Name of the next object",
    title: "Name of the next object",
    autocomplete: "off",
    spellcheck: "false",
    "data-testid": "label",
    ...KEEP_KEYS,
  });
  const select = h("select", {
    class: "samwidget-input",
    "aria-label": "Class of the next object",
    title: tooltip("Class of the next object", "classes"),
    "aria-keyshortcuts": ariaShortcuts("classes"),
    "data-testid": "label",
    ...KEEP_KEYS,
  });
  const element = h("div", { class: "samwidget-next" }, swatch, input);

  let sent = "";
  const send = (name: string): void => {
    if (name === sent) return;
    sent = name;
    setName(name);
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
      ...names.map((name) => h("option", { value: name }, name || "no class")),
    );
  };

  return {
    element,
    update({ classes, label, draft_color }, readOnly) {
      input.disabled = readOnly;
      select.disabled = readOnly;
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
