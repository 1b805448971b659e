// The popup in which an object gets another colour.

import { PALETTE } from "../contract/protocol";
import { h, KEEP_KEYS, setAttribute } from "./dom";
import { createPopup } from "./popup";

export interface ColorPicker {
  element: HTMLElement;
  /** Let the person choose; `byKey` takes the keyboard into the popup, and back afterwards. */
  open(anchor: HTMLElement, color: string, byKey: boolean, onColor: (color: string) => void): void;
  close(): void;
}

export function createColorPicker(signal: AbortSignal): ColorPicker {
  const swatches = PALETTE.map((color) => {
    const element = h("button", {
      type: "button",
      class: "samwidget-color",
      title: color,
      "aria-label": `Colour ${color}`,
      "data-color": color,
      ...KEEP_KEYS,
    });
    element.style.backgroundColor = color;
    return element;
  });
  const custom = h("input", {
    type: "color",
    class: "samwidget-color-input",
    "aria-label": "Any other colour",
    title: "Any other colour",
    "data-testid": "custom-color",
    ...KEEP_KEYS,
  });
  const other = h("label", { class: "samwidget-color-other" }, custom, "Other…");
  const popup = createPopup(
    { class: "samwidget-colors", role: "dialog", "aria-label": "Colour", "data-testid": "colors" },
    signal,
    ...swatches,
    other,
  );
  const { element } = popup;
  let choose: (color: string) => void = () => {};

  element.addEventListener(
    "click",
    (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (!button?.dataset.color) return;
      choose(button.dataset.color);
      popup.close();
    },
    { signal },
  );
  // "input" would come for each place of the pointer in the browser's own picker.
  custom.addEventListener(
    "change",
    () => {
      choose(custom.value);
      popup.close();
    },
    { signal },
  );
  element.addEventListener(
    "keydown",
    (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -5, ArrowDown: 5 }[event.key];
      if (!by || event.target === custom) return;
      event.preventDefault();
      event.stopPropagation();
      const at = swatches.indexOf(event.target as HTMLButtonElement) + by;
      (swatches[at] ?? (by > 0 ? custom : swatches[0]))?.focus();
    },
    { signal },
  );

  return {
    element,
    open(anchor, color, byKey, onColor) {
      if (popup.anchor === anchor) {
        popup.close();
        return;
      }
      choose = onColor;
      custom.value = color;
      for (const swatch of swatches) {
        setAttribute(swatch, "aria-pressed", String(swatch.dataset.color === color));
      }
      popup.open(anchor, byKey ? () => anchor.focus({ preventScroll: true }) : undefined);
      if (byKey) (swatches.find((one) => one.dataset.color === color) ?? swatches[0])?.focus();
    },
    close: popup.close,
  };
}
