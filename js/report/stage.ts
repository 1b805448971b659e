// Pan and zoom of a written page's picture: an SVG whose viewBox follows a viewport.

import { fitView, type Point, panBy, resized, type Viewport, zoomAt } from "../frame/viewport";

const MOVED_PX = 4;
const WHEEL_PX = 400;
const TIP_GAP_PX = 14;

export class Stage {
  readonly #frame: HTMLElement;
  readonly #svg: SVGSVGElement;
  readonly #observer: ResizeObserver;
  readonly #pointers = new Map<number, Point>();
  #view: Viewport;
  #travelled = 0;

  constructor(frame: HTMLElement, svg: SVGSVGElement, signal: AbortSignal) {
    this.#frame = frame;
    this.#svg = svg;
    const [, , width = 1, height = 1] = (svg.getAttribute("viewBox") ?? "").split(" ").map(Number);
    this.#view = fitView(width, height, 1, 1);
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    this.#observer = new ResizeObserver(() => this.#measure());
    this.#observer.observe(frame);
    this.#listen(signal);
    this.#measure();
  }

  /** Whether the last press was a drag and no click. */
  get hasMoved(): boolean {
    return this.#travelled > MOVED_PX;
  }

  change(next: (view: Viewport) => Viewport): void {
    this.#view = next(this.#view);
    const { x, y, scale, viewWidth, viewHeight } = this.#view;
    const box = [-x / scale, -y / scale, viewWidth / scale, viewHeight / scale];
    this.#svg.setAttribute("viewBox", box.map((side) => Number(side.toFixed(4))).join(" "));
    this.#svg.classList.toggle("pixels", scale >= 4);
  }

  fit(): void {
    this.change((view) =>
      fitView(view.imageWidth, view.imageHeight, view.viewWidth, view.viewHeight),
    );
  }

  /** Put a tip beside the pointer, inside the frame. */
  place(tip: HTMLElement, at: { clientX: number; clientY: number }): void {
    const { x, y } = this.#at(at);
    const { clientWidth, clientHeight } = this.#frame;
    const left = Math.min(x + TIP_GAP_PX, clientWidth - tip.offsetWidth - 4);
    const isLow = y + TIP_GAP_PX + tip.offsetHeight > clientHeight;
    const top = isLow ? y - TIP_GAP_PX - tip.offsetHeight : y + TIP_GAP_PX;
    tip.style.translate = `${Math.max(left, 4)}px ${Math.max(top, 4)}px`;
  }

  dispose(): void {
    this.#observer.disconnect();
  }

  #measure(): void {
    const { clientWidth, clientHeight } = this.#frame;
    if (clientWidth > 0 && clientHeight > 0) {
      this.change((view) => resized(view, clientWidth, clientHeight));
    }
  }

  #listen(signal: AbortSignal): void {
    const frame = this.#frame;
    frame.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const pixels = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
        const factor = 2 ** (-Math.min(Math.max(pixels, -WHEEL_PX), WHEEL_PX) / WHEEL_PX);
        this.change((view) => zoomAt(view, this.#at(event), factor));
      },
      { signal, passive: false },
    );
    frame.addEventListener("dblclick", (event) => this.#doubled(event), { signal });
    frame.addEventListener(
      "pointerdown",
      (event) => {
        if (event.button !== 0 || isControl(event.target)) return;
        if (this.#pointers.size === 0) this.#travelled = 0;
        this.#pointers.set(event.pointerId, this.#at(event));
      },
      { signal },
    );
    frame.addEventListener("pointermove", (event) => this.#moved(event), { signal });
    for (const kind of ["pointerup", "pointercancel"] as const) {
      frame.addEventListener(
        kind,
        (event) => {
          this.#pointers.delete(event.pointerId);
          frame.classList.toggle("dragging", this.#pointers.size > 0 && this.hasMoved);
        },
        { signal },
      );
    }
  }

  #doubled(event: MouseEvent): void {
    if (isControl(event.target)) return;
    this.change((view) => zoomAt(view, this.#at(event), event.shiftKey ? 0.5 : 2));
  }

  #moved(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = this.#at(event);
    this.#travelled += Math.hypot(now.x - before.x, now.y - before.y);
    if (!this.hasMoved) return;
    if (!this.#frame.hasPointerCapture(event.pointerId)) {
      this.#frame.setPointerCapture(event.pointerId);
      this.#frame.classList.add("dragging");
    }
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    if (!other) {
      this.change((view) => panBy(view, now.x - before.x, now.y - before.y));
      return;
    }
    // Two fingers: the middle between them moves the picture, their distance scales it.
    const apart = (one: Point) => Math.max(Math.hypot(one.x - other.x, one.y - other.y), 1);
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    this.change((view) =>
      zoomAt(
        panBy(view, (now.x - before.x) / 2, (now.y - before.y) / 2),
        middle,
        apart(now) / apart(before),
      ),
    );
  }

  #at(event: { clientX: number; clientY: number }): Point {
    const { left, top } = this.#frame.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, input, label") !== null;
}
