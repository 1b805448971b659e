// One view: joins state, input, tools, layers and controls. One AbortController ends everything.

import { h, KEEP_KEYS, setAttribute } from "./dom";
import { Hover } from "./hover";
import { icon } from "./icons";
import { type InputHandler, listenToInput } from "./input";
import { drawCursor } from "./layers/cursor";
import { drawImage } from "./layers/image";
import { drawMasks } from "./layers/masks";
import { drawOverlay } from "./layers/overlay";
import { drawPrompts } from "./layers/prompts";
import type { Layer, Scene } from "./layers/scene";
import type { WidgetModel } from "./model";
import { hasPrompts } from "./optimism";
import type { Request } from "./protocol";
import { followTheme } from "./theme";
import { ClickToPaint } from "./timing";
import { cursorFor, wantsPreview } from "./tools/cursor";
import { KEY_HELP, keyCommand } from "./tools/keys";
import { wheelCommand } from "./tools/pan";
import { pointAt } from "./tools/point";
import { cancelled, moved, pressed, released } from "./tools/pointer";
import {
  type Command,
  type Gesture,
  IDLE,
  type PointerInput,
  type Step,
  type ToolState,
} from "./tools/types";
import { createHelp } from "./ui/help";
import { createObjectStrip } from "./ui/objects";
import { createStatusArea } from "./ui/status";
import { createToolbar } from "./ui/toolbar";
import { fitView, isFitView, panBy, resized, toImage, type Viewport, zoomAt } from "./viewport";

const LAYERS: readonly Layer[] = [drawImage, drawMasks, drawOverlay, drawPrompts, drawCursor];
const ZOOM_STEP = 1.25;

/** Show the model in `el`; the returned function takes everything away again. */
export function mountView(model: WidgetModel, el: HTMLElement): () => void {
  const view = new View(model);
  el.append(view.root);
  return () => view.dispose();
}

class View implements InputHandler {
  readonly root = h("div", { class: "samwidget" });
  readonly #model: WidgetModel;
  readonly #controller = new AbortController();
  readonly #canvas = h("canvas", {
    class: "samwidget-canvas",
    tabindex: 0,
    role: "application",
    "aria-label": "Image to segment. Press H for the list of keys.",
    "data-testid": "samwidget-canvas",
    ...KEEP_KEYS,
  });
  readonly #context = this.#canvas.getContext("2d");
  readonly #stage = h("div", { class: "samwidget-stage" });
  readonly #empty = h("div", { class: "samwidget-empty" }, icon("image"), "No image yet");
  readonly #hover: Hover;
  readonly #timing = new ClickToPaint();
  readonly #toolbar;
  readonly #strip;
  readonly #status;
  readonly #help;
  #viewport: Viewport = fitView(1, 1, 1, 1);
  #pixelRatio = 1;
  #gesture: Gesture = IDLE;
  #pointer: PointerInput | null = null;
  #spaceHeld = false;
  #frame: number | null = null;
  #updateQueued = false;
  #drawingError = "";

  constructor(model: WidgetModel) {
    this.#model = model;
    const { signal } = this.#controller;
    this.#hover = new Hover({
      ask: (x, y) => model.preview(x, y),
      cancel: () => model.cancelPreview(),
      onChange: () => this.#requestPaint(),
    });
    const send = (request: Request): void => this.#send(request);
    const focusCanvas = (): void => this.#canvas.focus({ preventScroll: true });
    this.#toolbar = createToolbar(
      {
        send,
        zoomIn: () => this.#zoom(ZOOM_STEP),
        zoomOut: () => this.#zoom(1 / ZOOM_STEP),
        zoomFit: () => this.#fitView(),
        toggleHelp: () => this.#toggleHelp(),
      },
      signal,
    );
    this.#strip = createObjectStrip({ send, focusCanvas }, signal);
    this.#status = createStatusArea(() => model.store.dismissNotice(), signal);
    this.#help = createHelp(KEY_HELP, () => this.#toggleHelp(), signal);
    const { progress, banner, line } = this.#status;
    this.#stage.append(this.#canvas, this.#empty, progress, banner);
    this.root.append(
      this.#toolbar.element,
      this.#stage,
      this.#strip.element,
      line,
      this.#help.element,
    );

    listenToInput(this.root, this.#canvas, this, signal);
    followTheme(this.root, (theme) => setAttribute(this.root, "data-theme", theme), signal);
    this.#followSize(signal);
    const stops = [model.store.subscribe(this.#queueUpdate), model.onPixels(this.#requestPaint)];
    signal.addEventListener("abort", () => {
      for (const stop of stops) stop();
    });
    this.#update();
  }

  dispose(): void {
    this.#hover.leave();
    this.#controller.abort();
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
    this.root.remove();
  }

  // ------------------------------------------------------------------------------------- input

  pointerDown(input: PointerInput): void {
    this.#pointer = input;
    this.#help.show(false);
    if (!this.#model.store.image) return;
    this.#take(pressed(this.#gesture, input, this.#toolState()));
  }

  pointerMove(input: PointerInput): void {
    this.#pointer = input;
    this.#take(moved(this.#gesture, input, this.#toolState()));
    this.#updateHover(input);
  }

  pointerUp(input: PointerInput, event: PointerEvent): void {
    this.#pointer = input.device === "touch" ? null : input;
    const { commands, gesture } = released(this.#gesture, input, this.#toolState());
    for (const command of commands) {
      if (command.do !== "send") continue;
      const { kind } = command.request;
      if (kind === "add_point" || kind === "set_box" || kind === "move_point") {
        this.#timing.clicked(event.timeStamp, this.#model.store.shown.draft.field);
      }
      if (kind === "add_point") this.#hover.take(command.request);
    }
    this.#take({ commands, gesture });
  }

  pointerCancel(id: number): void {
    this.#take(cancelled(this.#gesture, id));
  }

  pointerLeave(): void {
    this.#pointer = null;
    this.#hover.leave();
    this.#requestPaint();
  }

  wheel(input: Parameters<InputHandler["wheel"]>[0]): boolean {
    const command = wheelCommand(input);
    if (!command || !this.#model.store.image) return false;
    this.#run(command);
    return true;
  }

  space(held: boolean): void {
    if (held === this.#spaceHeld) return;
    this.#spaceHeld = held;
    if (held) this.#hover.leave();
    this.#updateCursor();
  }

  key(input: Parameters<InputHandler["key"]>[0]): boolean {
    const command = keyCommand(input, {
      shown: this.#model.store.shown,
      hoveredPoint: this.#hoveredPoint(),
      helpOpen: this.#help.open,
      dragging: this.#gesture.kind !== "idle" && this.#gesture.kind !== "spent",
    });
    if (!command) return false;
    switch (command.do) {
      case "send":
        this.#send(command.request);
        break;
      case "zoom":
        this.#zoom(command.factor);
        break;
      case "fit":
        this.#fitView();
        break;
      case "toggle_help":
        this.#toggleHelp();
        break;
      case "cancel_drag":
        this.#take(cancelled(this.#gesture, null));
        break;
      case "nothing":
        break;
      default:
        command satisfies never;
    }
    return true;
  }

  // ----------------------------------------------------------------------------------- effects

  #take({ gesture, commands }: Step): void {
    this.#gesture = gesture;
    if (gesture.kind !== "idle" && gesture.kind !== "press") this.#hover.leave();
    for (const command of commands) this.#run(command);
    this.#updateCursor();
    this.#requestPaint();
  }

  #run(command: Command): void {
    switch (command.do) {
      case "send":
        this.#send(command.request);
        break;
      case "pan":
        this.#setViewport(panBy(this.#viewport, command.dx, command.dy));
        break;
      case "zoom":
        this.#setViewport(zoomAt(this.#viewport, command.at, command.factor));
        break;
      default:
        command satisfies never;
    }
  }

  #send(request: Request): void {
    if (request.kind !== "add_point") this.#hover.leave();
    void this.#model.send(request);
  }

  #zoom(factor: number): void {
    const { viewWidth, viewHeight } = this.#viewport;
    const centre = { x: viewWidth / 2, y: viewHeight / 2 };
    this.#setViewport(zoomAt(this.#viewport, centre, factor));
  }

  #fitView(): void {
    const { imageWidth, imageHeight, viewWidth, viewHeight } = this.#viewport;
    this.#setViewport(fitView(imageWidth, imageHeight, viewWidth, viewHeight));
  }

  #setViewport(viewport: Viewport): void {
    this.#viewport = viewport;
    this.#queueUpdate();
  }

  #toggleHelp(): void {
    this.#help.show(!this.#help.open);
    this.#queueUpdate();
  }

  #updateHover(input: PointerInput): void {
    const { store } = this.#model;
    if (store.status.phase === "ready" && wantsPreview(this.#gesture, input, this.#toolState())) {
      this.#hover.move(toImage(this.#viewport, input));
    } else {
      this.#hover.leave();
    }
  }

  #updateCursor(): void {
    const cursor = cursorFor(this.#gesture, this.#pointer, this.#toolState());
    if (this.#canvas.style.cursor !== cursor) this.#canvas.style.cursor = cursor;
  }

  #toolState(): ToolState {
    const { draft, objects, controls } = this.#model.store.shown;
    return {
      tool: controls.tool,
      viewport: this.#viewport,
      points: draft.points,
      box_xyxy: draft.box_xyxy,
      objects,
      spaceHeld: this.#spaceHeld,
    };
  }

  #hoveredPoint(): number | null {
    if (!this.#pointer) return null;
    return pointAt(this.#pointer, this.#toolState(), this.#pointer.device);
  }

  // ------------------------------------------------------------------------ state to the screen

  readonly #queueUpdate = (): void => {
    if (this.#updateQueued) return;
    this.#updateQueued = true;
    queueMicrotask(() => {
      this.#updateQueued = false;
      if (!this.#controller.signal.aborted) this.#update();
    });
  };

  #update(): void {
    const { store } = this.#model;
    const { shown, image, status } = store;
    const { draft } = shown;
    if (draft.field || !hasPrompts(draft)) this.#hover.release();
    if (hasPrompts(draft) && !this.#hover.taken) this.#hover.leave();

    const width = image?.width ?? 1;
    const height = image?.height ?? 1;
    const { imageWidth, imageHeight, viewWidth, viewHeight } = this.#viewport;
    if (width !== imageWidth || height !== imageHeight) {
      this.#viewport = fitView(width, height, viewWidth, viewHeight);
    }
    this.#stage.style.aspectRatio = image ? `${width} / ${height}` : "";
    this.#empty.hidden = image !== null;

    this.#toolbar.update({
      shown,
      hasImage: image !== null,
      zoomPercent: this.#viewport.scale * 100,
      fits: isFitView(this.#viewport),
      helpOpen: this.#help.open,
    });
    this.#strip.update(shown);
    this.#status.update({ status, shown, image, notice: store.notice, slow: store.slow });
    setAttribute(this.root, "data-phase", status.phase);
    setAttribute(this.root, "data-objects", String(shown.objects.length));
    setAttribute(
      this.root,
      "data-draft",
      hasPrompts(draft) ? (draft.field && !store.waiting ? "mask" : "waiting") : "empty",
    );
    this.#updateCursor();
    this.#requestPaint();
  }

  #followSize(signal: AbortSignal): void {
    const observer = new ResizeObserver((entries) => {
      const entry = entries.at(-1);
      if (!entry) return;
      const { width, height } = entry.contentRect;
      const device = entry.devicePixelContentBoxSize?.[0];
      const ratio = window.devicePixelRatio || 1;
      const pixelWidth = device?.inlineSize ?? Math.round(width * ratio);
      const pixelHeight = device?.blockSize ?? Math.round(height * ratio);
      if (width <= 0 || height <= 0) return;
      this.#pixelRatio = pixelWidth / width;
      if (this.#canvas.width !== pixelWidth) this.#canvas.width = pixelWidth;
      if (this.#canvas.height !== pixelHeight) this.#canvas.height = pixelHeight;
      this.#setViewport(resized(this.#viewport, width, height));
      this.#paint(); // now, in the same frame: a resized canvas is blank
    });
    try {
      observer.observe(this.#canvas, { box: "device-pixel-content-box" });
    } catch {
      observer.observe(this.#canvas);
    }
    signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  }

  readonly #requestPaint = (): void => {
    if (this.#frame !== null || this.#controller.signal.aborted) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = null;
      this.#paint();
    });
  };

  #paint(): void {
    const context = this.#context;
    if (!context) return;
    const { store, picture, overlay } = this.#model;
    const { shown } = store;
    const scene: Scene = {
      shown,
      picture: store.image ? picture.bitmap : null,
      preview: this.#hover.field,
      previewTaken: this.#hover.taken,
      overlays: overlay.canvases,
      gesture: this.#gesture,
      hoveredPoint: this.#gesture.kind === "idle" ? this.#hoveredPoint() : null,
      pixelRatio: this.#pixelRatio,
    };
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    try {
      for (const layer of LAYERS) layer(context, scene, this.#viewport);
      this.#timing.drawn(shown.draft.field);
    } catch (error) {
      // Said once: the next frame would fail in the same way.
      const text = `Drawing failed: ${error instanceof Error ? error.message : String(error)}`;
      if (text === this.#drawingError) return;
      this.#drawingError = text;
      store.notify(text);
    }
  }
}
