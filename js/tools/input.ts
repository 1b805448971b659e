// DOM events of a view, put into the tools' terms. Decides nothing itself.

import type { KeyInput } from "./keys";
import type { WheelInput } from "./pan";
import type { PointerInput } from "./types";

export interface InputHandler {
  /** The event is null where a key has pressed. */
  pointerDown(input: PointerInput, event: PointerEvent | null): void;
  pointerMove(input: PointerInput): void;
  pointerUp(input: PointerInput, event: Pick<PointerEvent, "timeStamp">): void;
  pointerCancel(id: number): void;
  pointerLeave(): void;
  doubleClick(input: PointerInput): void;
  /** True when the wheel was used; else the notebook scrolls. */
  wheel(input: WheelInput): boolean;
  /** True when the key was one of ours. */
  key(input: KeyInput): boolean;
  space(held: boolean): void;
  /** A key was let go; null when the focus goes, and with it all that are held. */
  keyUp(key: string | null): void;
}

export function listenToInput(
  root: HTMLElement,
  canvas: HTMLCanvasElement,
  handler: InputHandler,
  signal: AbortSignal,
): void {
  const locate = (event: MouseEvent): { x: number; y: number } => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const read = (event: PointerEvent): PointerInput => ({
    ...locate(event),
    id: event.pointerId,
    device:
      event.pointerType === "touch" || event.pointerType === "pen" ? event.pointerType : "mouse",
    button: event.button,
    alt: event.altKey,
    ctrl: event.ctrlKey,
    shift: event.shiftKey,
  });

  canvas.addEventListener(
    "pointerdown",
    (event) => {
      // No middle-button autoscroll; Shift is left to the browser's own menu.
      if (event.button === 1) event.preventDefault();
      root.dataset.focus = "pointer";
      canvas.focus({ preventScroll: true });
      try {
        canvas.setPointerCapture(event.pointerId);
      } catch {
        // The pointer is gone already: its end will come as pointercancel, or not matter.
      }
      handler.pointerDown(read(event), event);
    },
    { signal },
  );
  canvas.addEventListener("pointermove", (event) => handler.pointerMove(read(event)), { signal });
  canvas.addEventListener("pointerup", (event) => handler.pointerUp(read(event), event), {
    signal,
  });
  canvas.addEventListener("pointercancel", (e) => handler.pointerCancel(e.pointerId), { signal });
  canvas.addEventListener("pointerleave", () => handler.pointerLeave(), { signal });
  canvas.addEventListener(
    "dblclick",
    (event) =>
      handler.doubleClick({
        ...locate(event),
        id: -1,
        device: "mouse",
        button: event.button,
        alt: event.altKey,
        ctrl: event.ctrlKey,
        shift: event.shiftKey,
      }),
    { signal },
  );
  canvas.addEventListener(
    "contextmenu",
    (event) => {
      if (event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );
  canvas.addEventListener(
    "wheel",
    (event) => {
      const used = handler.wheel({
        ...locate(event),
        deltaY: event.deltaY,
        mode: event.deltaMode,
        ctrl: event.ctrlKey || event.metaKey,
        focused: canvas.matches(":focus"),
      });
      if (!used) return;
      event.preventDefault();
      event.stopPropagation();
    },
    { signal, passive: false },
  );

  root.addEventListener(
    "keydown",
    (event) => {
      if (event.isComposing) return;
      if (event.key === "Tab") root.dataset.focus = "keyboard";
      const target = focusKind(event.target);
      const isSpace = event.key === " " && target === "canvas";
      if (isSpace) handler.space(true);
      const used =
        isSpace ||
        handler.key({
          key: keyOf(event),
          ctrl: event.ctrlKey || event.metaKey,
          shift: event.shiftKey,
          alt: event.altKey,
          target,
        });
      if (!used) return;
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );
  root.addEventListener(
    "keyup",
    (event) => {
      // Tab into the widget: its keydown went to the element before.
      if (event.key === "Tab") root.dataset.focus = "keyboard";
      if (event.key === " ") handler.space(false);
      handler.keyUp(event.key);
    },
    { signal },
  );
  root.addEventListener(
    "focusout",
    () => {
      handler.space(false);
      handler.keyUp(null);
    },
    { signal },
  );
  // A mouse click on a button leaves the keyboard with the canvas, so that Enter still commits.
  root.addEventListener(
    "mousedown",
    (event) => {
      if (!(event.target instanceof Element) || !event.target.closest("button")) return;
      event.preventDefault();
      canvas.focus({ preventScroll: true });
    },
    { signal },
  );
}

/** With Alt a digit may write something else, as on a Mac: the key counts. */
function keyOf({ key, code, altKey }: KeyboardEvent): string {
  return altKey && /^Digit\d$/.test(code) ? code.slice(-1) : key;
}

function focusKind(target: EventTarget | null): KeyInput["target"] {
  if (!(target instanceof Element)) return "canvas";
  if (target.closest("input:not([type=range]), select, textarea")) return "text";
  return target.closest("button, input") ? "button" : "canvas";
}
