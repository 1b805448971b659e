// The corner by which a view is made larger and smaller.

import { h, KEEP_KEYS, setAttribute } from "./dom";

const LEAST_WIDTH_PX = 240;
const LEAST_HEIGHT_PX = 140;
const STEP_PX = 20;

/** A handle that sizes `root` and, in it, `stage`; a double click gives the usual size back. */
export function createResizeHandle(
  root: HTMLElement,
  stage: HTMLElement,
  signal: AbortSignal,
): HTMLElement {
  const handle = h("div", {
    class: "samwidget-resize",
    role: "separator",
    tabindex: 0,
    title: "Drag to resize; double-click for the usual size",
    "aria-label": "Size of the picture: arrow keys change it",
    "aria-orientation": "horizontal",
    "data-testid": "resize",
    ...KEEP_KEYS,
  });
  let drag: { id: number; x: number; y: number; width: number; height: number } | null = null;

  const setSize = (width: number, height: number): void => {
    const room = root.parentElement?.clientWidth ?? 0;
    const isFull = room > 0 && width >= room;
    const wide = isFull ? "100%" : `${Math.round(Math.max(width, LEAST_WIDTH_PX))}px`;
    const tall = Math.round(Math.max(height, LEAST_HEIGHT_PX));
    root.classList.add("samwidget-sized");
    root.style.setProperty("--sw-width", wide);
    root.style.setProperty("--sw-stage-height", `${tall}px`);
    setAttribute(handle, "aria-valuenow", String(tall));
  };
  const reset = (): void => {
    root.classList.remove("samwidget-sized");
    handle.removeAttribute("aria-valuenow");
  };

  handle.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      event.stopPropagation();
      const { offsetWidth: width } = root;
      const { offsetHeight: height } = stage;
      drag = { id: event.pointerId, x: event.clientX, y: event.clientY, width, height };
      handle.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  handle.addEventListener(
    "pointermove",
    (event) => {
      if (drag?.id !== event.pointerId) return;
      setSize(drag.width + event.clientX - drag.x, drag.height + event.clientY - drag.y);
    },
    { signal },
  );
  for (const end of ["pointerup", "pointercancel"] as const) {
    handle.addEventListener(
      end,
      () => {
        drag = null;
      },
      { signal },
    );
  }
  handle.addEventListener("dblclick", reset, { signal });
  handle.addEventListener(
    "keydown",
    (event) => {
      const by: Record<string, [dx: number, dy: number]> = {
        ArrowLeft: [-STEP_PX, 0],
        ArrowRight: [STEP_PX, 0],
        ArrowUp: [0, -STEP_PX],
        ArrowDown: [0, STEP_PX],
      };
      const step = by[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      setSize(root.offsetWidth + step[0], stage.offsetHeight + step[1]);
    },
    { signal },
  );
  return handle;
}
