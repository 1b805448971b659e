// What happy-dom lacks: a canvas that can be drawn on, layout, and a widget mounted on it.

import { afterEach, vi } from "vitest";
import samwidget from "../index";
import { REST_MS } from "../surface";
import { FakeModel } from "./helpers";

/** Names of the drawing calls of all canvases since the test began. */
export const drawn: string[] = [];
const observers = new Set<FakeResizeObserver>();

class FakeResizeObserver {
  readonly #callback: ResizeObserverCallback;
  #target: Element | null = null;

  constructor(callback: ResizeObserverCallback) {
    this.#callback = callback;
    observers.add(this);
  }

  observe(target: Element): void {
    this.#target = target;
  }

  unobserve(): void {}

  disconnect(): void {
    observers.delete(this);
  }

  fire(width: number, height: number, devicePixelContentBoxSize?: ResizeObserverSize[]): void {
    const contentRect = { width, height };
    const entry = { target: this.#target, contentRect, devicePixelContentBoxSize };
    this.#callback([entry as unknown as ResizeObserverEntry], this);
  }
}

const mounted = new Set<Page>();

// A view that is left on its page would go on after the test, and after the whole of its file.
afterEach(() => {
  for (const page of [...mounted]) page.unmount();
});

/** Put the stand-ins in place; call in beforeEach. */
export function preparePage(): void {
  drawn.length = 0;
  observers.clear();
  document.body.replaceChildren();
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(function (
    this: HTMLCanvasElement,
  ) {
    return contextOf(this) as unknown as RenderingContext;
  });
  vi.stubGlobal("ResizeObserver", FakeResizeObserver);
  vi.stubGlobal(
    "Path2D",
    class {
      moveTo(): void {}
      lineTo(): void {}
      closePath(): void {}
    },
  );
  vi.stubGlobal("createImageBitmap", async () => ({ width: 400, height: 300, close() {} }));
}

function contextOf(canvas: HTMLCanvasElement): Record<string, unknown> {
  return new Proxy<Record<string, unknown>>(
    { canvas },
    {
      get: (target, name) =>
        typeof name === "string" && !(name in target)
          ? (...args: unknown[]) => {
              drawn.push(name);
              return args.length;
            }
          : target[String(name)],
      set: () => true,
    },
  );
}

export function observerCount(): number {
  return observers.size;
}

/** Give every canvas this size in css pixels (and device pixels), and let the frame be drawn. */
export async function layOut(width: number, height: number, device?: [number, number]) {
  const boxes = device && [{ inlineSize: device[0], blockSize: device[1] }];
  for (const observer of [...observers]) observer.fire(width, height, boxes);
  await frame();
}

/** Wait until pending updates and the next frame are done. */
export async function frame(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  await new Promise((resolve) => requestAnimationFrame(resolve));
  await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Wait until the picture is no longer taken as on the move, and that is drawn. */
export async function rest(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, REST_MS + 10));
  await frame();
}

/** A mounted view with the things that tests touch. */
export class Page {
  readonly el: HTMLElement;
  readonly unmount: () => void;

  constructor(render: (el: HTMLElement) => () => void) {
    this.el = document.createElement("div");
    document.body.append(this.el);
    const end = render(this.el);
    mounted.add(this);
    this.unmount = () => {
      mounted.delete(this);
      end();
    };
  }

  get root(): HTMLElement {
    return this.find("samwidget");
  }

  get canvas(): HTMLElement {
    return this.find("samwidget-canvas");
  }

  find(testId: string): HTMLElement {
    const found = this.el.querySelector<HTMLElement>(`[data-testid="${testId}"]`);
    if (!found) throw new Error(`no ${testId} on the page`);
    return found;
  }

  has(testId: string): boolean {
    return this.el.querySelector(`[data-testid="${testId}"]`) !== null;
  }

  /** A pointer event at css pixels of the canvas; gives the event. */
  pointer(type: string, x: number, y: number, more: PointerEventInit = {}): PointerEvent {
    const event = new PointerEvent(type, {
      clientX: x,
      clientY: y,
      pointerId: 1,
      pointerType: "mouse",
      bubbles: true,
      cancelable: true,
      ...more,
    });
    this.canvas.dispatchEvent(event);
    return event;
  }

  click(x: number, y: number, more: PointerEventInit = {}): void {
    this.pointer("pointerdown", x, y, more);
    this.pointer("pointerup", x, y, more);
  }

  key(key: string, more: KeyboardEventInit = {}, target: HTMLElement = this.canvas): KeyboardEvent {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
    target.dispatchEvent(event);
    return event;
  }
}

/** A widget with one view, laid out at two css pixels for each pixel of its 400 x 300 image. */
export async function openWidget(model = new FakeModel()) {
  const widget = samwidget();
  const dispose = widget.initialize({ model });
  const page = new Page((el) => widget.render({ model, el }));
  await layOut(800, 600);
  return { model, page, widget, dispose };
}
