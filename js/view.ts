// One view: joins state, input, tools, layers and controls. One AbortController ends everything.

import type { FoundMask, WireEdit } from "./contract/protocol";
import { boxBetween, fitView, isFitView, panBy, toImage, zoomAt } from "./frame/viewport";
import { followTheme } from "./host/theme";
import { paintedAttributes } from "./layers/attributes";
import type { Scene } from "./layers/scene";
import { shownMasks } from "./state/found";
import { Hover } from "./state/hover";
import { Looking } from "./state/looking";
import type { WidgetModel } from "./state/model";
import { hasDraft } from "./state/optimism";
import { ClickToPaint } from "./state/timing";
import { Surface } from "./surface";
import { cursorFor, wantsPreview } from "./tools/cursor";
import { isDouble, type Taking, takeable } from "./tools/found";
import { type InputHandler, listenToInput } from "./tools/input";
import { helpRows, keyCommand, ZOOM_STEP } from "./tools/keys";
import { wheelCommand } from "./tools/pan";
import { pointAt } from "./tools/point";
import { cancelled, moved, pressed, released } from "./tools/pointer";
import { refineRequests } from "./tools/select";
import {
  type Command,
  type Gesture,
  IDLE,
  type PointerInput,
  type Step,
  type ToolState,
} from "./tools/types";
import { h, setAttribute } from "./ui/dom";
import { createHelp } from "./ui/help";
import { icon } from "./ui/icons";
import { createObjectPanel } from "./ui/objects";
import { createSearch } from "./ui/search";
import { createStatusArea } from "./ui/status";
import { createToolbar } from "./ui/toolbar";

/** Show the model in `el`; the returned function takes everything away again. */
export function mountView(model: WidgetModel, el: HTMLElement): () => void {
  const view = new View(model);
  el.append(view.root);
  return () => view.dispose();
}

class View implements InputHandler {
  readonly root = h("div", { class: "samwidget", "data-testid": "samwidget" });
  readonly #model: WidgetModel;
  readonly #controller = new AbortController();
  readonly #surface: Surface;
  readonly #stage = h("div", { class: "samwidget-stage" });
  readonly #empty = h("div", { class: "samwidget-empty" }, icon("image"), "No image yet");
  readonly #hover: Hover;
  readonly #looking: Looking;
  readonly #timing = new ClickToPaint();
  readonly #toolbar;
  readonly #search;
  readonly #objects;
  readonly #status;
  readonly #help;
  #gesture: Gesture = IDLE;
  #pointer: PointerInput | null = null;
  #spaceHeld = false;
  #taking: Taking | null = null;
  #updateQueued = false;

  constructor(model: WidgetModel) {
    this.#model = model;
    const { signal } = this.#controller;
    this.#looking = new Looking(
      {
        ask: (view) => model.showView(view),
        canAsk: () => model.store.status.phase === "ready" && !model.store.isReadOnly,
      },
      signal,
    );
    this.#surface = new Surface(
      {
        scene: (pixelRatio) => this.#scene(pixelRatio),
        onViewport: () => {
          this.#looking.moved(this.#surface.viewport, this.#surface.pixelRatio);
          this.#queueUpdate();
        },
        onPainted: (scene) => this.#tellPainted(scene),
        onError: (text) => model.store.notify(text),
      },
      signal,
    );
    const { canvas } = this.#surface;
    this.#hover = new Hover({
      ask: (x, y) => model.preview(x, y),
      cancel: () => model.cancelPreview(),
      onChange: () => this.#surface.requestPaint(),
    });
    const send = (edit: WireEdit): void => this.#send(edit);
    const focusCanvas = (): void => canvas.focus({ preventScroll: true });
    this.#toolbar = createToolbar(
      {
        send,
        findEverything: () => this.#search.findEverything(),
        toggleFinder: () => this.#search.toggle(),
        zoomIn: () => this.#zoom(ZOOM_STEP),
        zoomOut: () => this.#zoom(1 / ZOOM_STEP),
        zoomFit: () => this.#fitView(),
        toggleHelp: () => this.#toggleHelp(),
      },
      signal,
    );
    this.#search = createSearch(model, send, focusCanvas, this.#queueUpdate, signal);
    this.#objects = createObjectPanel({ send, focusCanvas }, signal);
    this.#status = createStatusArea(() => model.store.dismissNotice(), signal);
    this.#help = createHelp(helpRows(), () => this.#toggleHelp(), signal);
    const { progress, banner, line } = this.#status;
    this.#stage.append(canvas, this.#empty, progress, banner);
    this.root.append(
      this.#toolbar.element,
      this.#stage,
      ...this.#search.elements,
      this.#objects.element,
      line,
      this.#help.element,
    );

    listenToInput(this.root, canvas, this, signal);
    followTheme(this.root, (theme) => setAttribute(this.root, "data-theme", theme), signal);
    const { requestPaint } = this.#surface;
    const stops = [
      model.store.subscribe(this.#queueUpdate),
      model.onPixels(requestPaint),
      model.addView(),
    ];
    signal.addEventListener("abort", () => {
      for (const stop of stops) stop();
    });
    this.#update();
  }

  dispose(): void {
    this.#hover.leave();
    this.#controller.abort();
    this.root.remove();
  }

  // ------------------------------------------------------------------------------------- input

  pointerDown(input: PointerInput): void {
    this.#pointer = input;
    this.#help.show(false);
    if (!this.#model.store.image || isDouble(this.#taking, input)) return;
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
      if (kind === "take_found") this.#taking = { ...input, timeMs: performance.now() };
    }
    this.#take({ commands, gesture });
  }

  pointerCancel(id: number): void {
    this.#take(cancelled(this.#gesture, id));
  }

  pointerLeave(): void {
    this.#pointer = null;
    this.#hover.leave();
    this.#surface.requestPaint();
  }

  doubleClick(input: PointerInput): void {
    for (const request of refineRequests(input, this.#toolState())) this.#send(request);
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
      readOnly: this.#model.store.isReadOnly,
    });
    if (!command) return false;
    switch (command.do) {
      case "send":
        for (const request of command.requests) this.#send(request);
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
      case "find":
        this.#search.findEverything();
        break;
      case "find_text":
        this.#search.open();
        break;
      case "stop_finding":
        this.#search.stop();
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
    this.#surface.requestPaint();
  }

  #run(command: Command): void {
    switch (command.do) {
      case "send":
        this.#send(command.request);
        break;
      case "pan":
        this.#surface.viewport = panBy(this.#surface.viewport, command.dx, command.dy);
        break;
      case "zoom":
        this.#surface.viewport = zoomAt(this.#surface.viewport, command.at, command.factor);
        break;
      default:
        command satisfies never;
    }
  }

  #send(request: WireEdit): void {
    if (request.kind !== "add_point") this.#hover.leave();
    void this.#model.send(request);
  }

  #zoom(factor: number): void {
    const { viewWidth, viewHeight } = this.#surface.viewport;
    const centre = { x: viewWidth / 2, y: viewHeight / 2 };
    this.#surface.viewport = zoomAt(this.#surface.viewport, centre, factor);
  }

  #fitView(): void {
    const { imageWidth, imageHeight, viewWidth, viewHeight } = this.#surface.viewport;
    this.#surface.viewport = fitView(imageWidth, imageHeight, viewWidth, viewHeight);
  }

  #toggleHelp(): void {
    this.#help.show(!this.#help.open);
    this.#queueUpdate();
  }

  #updateHover(input: PointerInput): void {
    const { store } = this.#model;
    if (store.status.phase === "ready" && wantsPreview(this.#gesture, input, this.#toolState())) {
      this.#hover.move(toImage(this.#surface.viewport, input));
    } else {
      this.#hover.leave();
    }
  }

  #updateCursor(): void {
    const cursor = cursorFor(this.#gesture, this.#pointer, this.#toolState());
    if (this.#surface.canvas.style.cursor !== cursor) this.#surface.canvas.style.cursor = cursor;
  }

  #toolState(): ToolState {
    const { draft, objects, found, controls } = this.#model.store.shown;
    return {
      found: shownMasks(found),
      tool: controls.tool,
      viewport: this.#surface.viewport,
      points: draft.points,
      box_xyxy: draft.box_xyxy,
      hasDraft: hasDraft(draft),
      objects,
      spaceHeld: this.#spaceHeld,
      readOnly: this.#model.store.isReadOnly,
    };
  }

  #litMask(): FoundMask | null {
    const isFree = this.#gesture.kind === "idle" || this.#gesture.kind === "press";
    return this.#pointer && isFree ? takeable(this.#pointer, this.#toolState()) : null;
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
    const { shown, image, status, isReadOnly: readOnly } = store;
    const { draft } = shown;
    if (draft.field || !hasDraft(draft)) this.#hover.release();
    if (hasDraft(draft) && !this.#hover.taken) this.#hover.leave();

    this.#surface.setImageSize(image?.width ?? 1, image?.height ?? 1);
    this.#stage.style.aspectRatio = image ? `${image.width} / ${image.height}` : "";
    this.#empty.hidden = image !== null;

    this.#toolbar.update({
      shown,
      hasImage: image !== null,
      canFind: this.#search.canFind,
      finderOpen: this.#search.isOpen,
      zoomPercent: this.#surface.viewport.scale * 100,
      fits: isFitView(this.#surface.viewport),
      helpOpen: this.#help.open,
      readOnly,
    });
    this.#search.update(shown.found, readOnly);
    this.#objects.update(shown, readOnly);
    const { notice, slow } = store;
    this.#status.update({ status, shown, image, notice, slow, readOnly });
    this.#updateCursor();
    this.#surface.requestPaint();
  }

  #scene(pixelRatio: number): Scene {
    const { store, picture, overlay } = this.#model;
    const gesture = this.#gesture;
    const isBox = gesture.kind === "box";
    return {
      shown: store.shown,
      picture: picture.bitmapFor(store.image),
      found: shownMasks(store.shown.found),
      lit: this.#litMask(),
      preview: this.#hover.field,
      previewTaken: this.#hover.taken,
      overlays: overlay.canvases,
      rubberBand: isBox ? boxBetween(gesture.anchor, gesture.corner) : null,
      movedPoint: gesture.kind === "move_point" ? gesture : null,
      hoveredPoint: gesture.kind === "idle" ? this.#hoveredPoint() : null,
      pixelRatio,
    };
  }

  #tellPainted(scene: Scene): void {
    this.#timing.drawn(scene.shown.draft.field);
    for (const [name, value] of paintedAttributes(scene, this.#model.store)) {
      setAttribute(this.root, name, value);
    }
  }
}
