// Listeners that tests look for when a view is gone.

import { vi } from "vitest";

export interface Listener {
  what: string;
  target: EventTarget;
  callback: unknown;
  signal: AbortSignal | undefined;
}

/** Every listener that is added from here on and not removed again. */
export function recordListeners(): Listener[] {
  const listeners: Listener[] = [];
  // Elements, document and window have it from the same prototype; it is not the global EventTarget's.
  let prototype: EventTarget = document.body;
  while (!Object.hasOwn(prototype, "addEventListener")) {
    prototype = Object.getPrototypeOf(prototype);
  }
  const add = prototype.addEventListener;
  vi.spyOn(prototype, "addEventListener").mockImplementation(function (
    this: EventTarget,
    type: string,
    callback: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ) {
    const signal = typeof options === "object" ? options.signal : undefined;
    if (!(this instanceof AbortSignal)) {
      listeners.push({ what: `${this.constructor.name} ${type}`, target: this, callback, signal });
    }
    add.call(this, type, callback, options);
  });
  const remove = prototype.removeEventListener;
  vi.spyOn(prototype, "removeEventListener").mockImplementation(function (
    this: EventTarget,
    type: string,
    callback: EventListenerOrEventListenerObject | null,
  ) {
    const index = listeners.findIndex((one) => one.target === this && one.callback === callback);
    if (index >= 0) listeners.splice(index, 1);
    remove.call(this, type, callback);
  });
  return listeners;
}

/** Those that nothing takes away any more. */
export function leftOf(listeners: readonly Listener[]): string[] {
  return listeners.filter(({ signal }) => !signal?.aborted).map(({ what }) => what);
}
