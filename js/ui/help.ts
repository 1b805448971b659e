// The popover that lists keys and mouse.

import { h, KEEP_KEYS } from "./dom";
import { icon } from "./icons";

export interface HelpPopover {
  element: HTMLElement;
  open: boolean;
  show(open: boolean): void;
}

export function createHelp(
  rows: readonly (readonly [string, string])[],
  onClose: () => void,
  signal: AbortSignal,
): HelpPopover {
  const close = h(
    "button",
    {
      type: "button",
      class: "samwidget-button",
      title: "Close (Esc)",
      "aria-label": "Close the help",
      ...KEEP_KEYS,
    },
    icon("close"),
  );
  close.addEventListener("click", onClose, { signal });
  const list = h("dl", { class: "samwidget-keys" });
  for (const [keys, meaning] of rows) {
    const parts = keys.split(", ").flatMap((key, index) => {
      const cap = h("kbd", {}, key);
      return index === 0 ? [cap] : [" ", cap];
    });
    list.append(h("dt", {}, ...parts), h("dd", {}, meaning));
  }
  const element = h(
    "div",
    {
      class: "samwidget-help",
      role: "dialog",
      "aria-label": "Keys and mouse",
      "data-testid": "help-popover",
      hidden: true,
    },
    h("div", { class: "samwidget-help-head" }, h("strong", {}, "Keys and mouse"), close),
    list,
  );
  return {
    element,
    get open() {
      return !element.hidden;
    },
    show(open) {
      element.hidden = !open;
    },
  };
}
