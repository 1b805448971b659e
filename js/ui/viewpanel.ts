// The panel of how this view shows things: masks, picture, zoom.

import { type Look, USUAL_LOOK } from "../state/look";
import { ariaShortcuts, type KeyName, tooltip } from "../tools/keys";
import type { ViewCommand } from "../tools/viewkeys";
import { h, KEEP_KEYS, setAttribute } from "./dom";
import { icon } from "./icons";
import { createSlider } from "./slider";

export interface ViewPanelActions {
  setOpacity(opacity: number): void;
  run(command: ViewCommand): void;
  /** It was opened or closed. */
  onToggle(): void;
}

export interface ViewPanel {
  /** Opens and closes it. */
  readonly button: HTMLElement;
  readonly element: HTMLElement;
  /** Sections of others, between masks and zoom. */
  readonly middle: HTMLElement;
  readonly isOpen: boolean;
  close(): void;
  update(look: Look, zoom: { fits: boolean; scale: number }, isFullScreen: boolean): void;
}

export function createViewPanel(actions: ViewPanelActions, signal: AbortSignal): ViewPanel {
  const button = (
    testId: string,
    text: string,
    onClick: (event: MouseEvent) => void,
    key?: KeyName,
  ): HTMLButtonElement => {
    const element = h("button", {
      type: "button",
      class: "samwidget-button",
      title: key ? tooltip(text, key) : text,
      "aria-label": text,
      "aria-keyshortcuts": key && ariaShortcuts(key),
      "data-testid": testId,
      ...KEEP_KEYS,
    });
    element.addEventListener("click", onClick, { signal });
    return element;
  };
  const chip = (testId: string, text: string, key: KeyName, command: ViewCommand) => {
    const element = button(testId, text, () => actions.run(command), key);
    element.classList.add("samwidget-chip");
    element.append(text);
    return element;
  };

  const opacity = createSlider(
    {
      testId: "opacity",
      name: "Opacity",
      title: "How much the masks cover of the picture",
      least: 0,
      most: 1,
      step: 0.05,
      say: (value) => `${Math.round(value * 100)}%`,
      onInput: actions.setOpacity,
    },
    signal,
  );
  opacity.set(USUAL_LOOK.opacity);
  const outlines = chip("outlines", "Outlines only", "outlines", { do: "toggle_outlines" });
  const cutout = chip("cutout", "Cut-out", "cutout", { do: "toggle_cutout" });
  const fit = chip("view-fit", "Whole picture", "fit", { do: "fit" });
  const actual = chip("actual-size", "100 %", "actualSize", { do: "actual_size" });
  const full = chip("full-screen", "Full screen", "fullScreen", { do: "full_screen" });

  const toggle = (): void => {
    element.hidden = !element.hidden;
    setAttribute(opener, "aria-expanded", String(!element.hidden));
    actions.onToggle();
  };
  /** A key that has pressed a button wants to go on where the panel is. */
  const toggleByButton = ({ detail }: MouseEvent): void => {
    toggle();
    if (detail === 0) (element.hidden ? opener : close).focus();
  };
  const opener = button("view", "View: masks, picture, zoom", toggleByButton);
  opener.append(icon("view"));
  setAttribute(opener, "aria-expanded", "false");
  const close = button("close-view", "Close the view panel", toggleByButton);
  close.append(icon("close"));

  const middle = h("div");
  const section = (title: string, ...children: (Node | string)[]): HTMLElement =>
    h(
      "div",
      { class: "samwidget-viewsection", role: "group", "aria-label": title },
      h("div", { class: "samwidget-viewtitle", "aria-hidden": "true" }, title),
      ...children,
    );
  const row = (...children: Node[]): HTMLElement =>
    h("div", { class: "samwidget-chips" }, ...children);
  const element = h(
    "div",
    {
      class: "samwidget-viewpanel",
      role: "dialog",
      "aria-label": "View",
      "data-testid": "view-panel",
      hidden: true,
    },
    h("div", { class: "samwidget-help-head" }, h("strong", {}, "View"), close),
    section("Masks", opacity.element, row(outlines, cutout)),
    middle,
    section("Zoom", row(fit, actual, full)),
  );
  element.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      toggle();
      opener.focus();
    },
    { signal },
  );

  return {
    button: opener,
    element,
    middle,
    get isOpen() {
      return !element.hidden;
    },
    close() {
      if (!element.hidden) toggle();
    },
    update(look, { fits, scale }, isFullScreen) {
      opacity.set(look.opacity);
      setAttribute(outlines, "aria-pressed", String(look.outlinesOnly));
      setAttribute(cutout, "aria-pressed", String(look.cutout));
      setAttribute(full, "aria-pressed", String(isFullScreen));
      fit.disabled = fits;
      // A picture that fits in larger than that cannot be made smaller.
      actual.disabled = fits && scale >= 1;
    },
  };
}
