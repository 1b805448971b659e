// A small panel above everything else, next to what it belongs to.

import { h } from "./dom";

export interface Popup {
  readonly element: HTMLElement;
  readonly anchor: HTMLElement | null;
  /** Show it at `anchor`; a press anywhere else closes it. */
  open(anchor: HTMLElement, onClose?: () => void): void;
  /** Its content has changed: find its place anew. */
  place(): void;
  close(): void;
}

const GAP_PX = 4;

export function createPopup(
  attributes: Record<string, string>,
  signal: AbortSignal,
  ...content: HTMLElement[]
): Popup {
  // In the top layer nothing around it cuts it off, not even the cell's output.
  const element = h("div", { ...attributes, popover: "manual", hidden: true }, ...content);
  element.classList.add("samwidget-popup");
  let opened: AbortController | null = null;
  let anchor: HTMLElement | null = null;
  let closed: (() => void) | null = null;

  const place = (): void => {
    if (!anchor) return;
    const at = anchor.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = element;
    const right = document.documentElement.clientWidth - offsetWidth - GAP_PX;
    const below = at.bottom + GAP_PX;
    const above = at.top - GAP_PX - offsetHeight;
    const fits = below + offsetHeight <= document.documentElement.clientHeight || above < 0;
    element.style.left = `${Math.max(GAP_PX, Math.min(at.left, right))}px`;
    element.style.top = `${fits ? below : above}px`;
  };
  const close = (): void => {
    if (!opened) return;
    opened.abort();
    opened = null;
    anchor = null;
    element.hidePopover?.();
    element.hidden = true;
    const tell = closed;
    closed = null;
    tell?.();
  };
  signal.addEventListener("abort", close);

  return {
    element,
    get anchor() {
      return anchor;
    },
    open(at, onClose) {
      close();
      anchor = at;
      closed = onClose ?? null;
      opened = new AbortController();
      const inside = (event: Event): boolean => {
        const path = event.composedPath();
        return path.includes(element) || path.includes(at);
      };
      const options = { signal: opened.signal, capture: true };
      document.addEventListener("pointerdown", (event) => inside(event) || close(), options);
      document.addEventListener(
        "keydown",
        (event) => {
          // A field that the popup belongs to has its own say.
          if (event.key !== "Escape" || at instanceof HTMLInputElement) return;
          event.preventDefault();
          event.stopPropagation();
          close();
        },
        options,
      );
      document.addEventListener("scroll", place, { ...options, passive: true });
      window.addEventListener("resize", place, options);
      element.hidden = false;
      element.showPopover?.();
      place();
    },
    place,
    close,
  };
}
