// One view: joins state, input, tools, layers and controls. One AbortController ends everything.

import type { FoundMask, WireEdit } from "./contract/protocol";
import { isFitView, panBy, toImage, zoomAt } from "./frame/viewport";
import { followTheme } from "./host/theme";
import { paintedAttributes } from "./layers/attributes";
import type { Scene } from "./layers/scene";
import { DraftLook } from "./state/draft_look";
import { shownMasks } from "./state/found";
import { Hover } from "./state/hover";
import type { WidgetModel } from "./state/model";
import { hasDraft } from "./state/optimism";
import { queued } from "./state/queued";
import { ClickToPaint, MoveToPreview } from "./state/timing";
import { Surface } from "./surface";
import { brushWheel } from "./tools/brush";
import { cursorFor, wantsPreview } from "./tools/cursor";
import { isDouble, type Taking, takeable } from "./tools/found";
import { Hand, withLive } from "./tools/hand";
import type { Hand as HandInput } from "./tools/hands";
import { type InputHandler, listenToInput } from "./tools/input";
import { commit, helpRows, type KeyCommand, keyCommand } from "./tools/keys";
import { wheelCommand } from "./tools/pan";
import { pointAt } from "./tools/point";
import { cancelled, longPressed, moved, pressed, released } from "./tools/pointer";
import { withoutCorner } from "./tools/polygon";
import { promptsInHand, toolState } from "./tools/seen";
import { refineRequests } from "./tools/select";
import {
  type Command,
  type Gesture,
  IDLE,
  type PointerInput,
  type Step,
  type ToolState,
} from "./tools/types";
import { ZOOM_STEP } from "./tools/viewkeys";
import { h, setAttribute } from "./ui/dom";
import { createEmpty } from "./ui/empty";
import { createFilmstrip } from "./ui/filmstrip";
import { createHelp } from "./ui/help";
import { createKeptStrip } from "./ui/kept";
import { createMaskBar } from "./ui/mask_bar";
import { createMaskMenu } from "./ui/masks";
import { createObjectPanel } from "./ui/objects";
import { createSearch } from "./ui/search";
import { createStatusArea } from "./ui/status";
import { createToolbar } from "./ui/toolbar";
import { Viewing } from "./ui/viewing";

/** Show the model in `el`; the returned function takes everything away again. */
export function mountView(model: WidgetModel, el: HTMLElement): () => void {
  const view = new View(model);
  el.append(view.root);
  return () => view.dispose();
}

class View implements HandInput {
  readonly root = h("div", { class: "samwidget", "data-testid": "samwidget" });
  readonly #model: WidgetModel;
  readonly #controller = new AbortController();
  readonly #queueUpdate = queued(() => this.#update(), this.#controller.signal);
  readonly #surface: Surface;
  readonly #stage = h("div", { class: "samwidget-stage" });
  readonly #empty = createEmpty();
  readonly #hover: Hover;
  readonly #timing = new ClickToPaint();
  readonly #previewTiming = new MoveToPreview();
  readonly #toolbar;
  readonly #draftLook = new DraftLook(() => this.#queueUpdate());
  readonly #maskBar;
  readonly #hand = new Hand();
  readonly #masks;
  readonly #search;
  readonly #filmstrip;
  readonly #objects;
  readonly #status;
  readonly #help;
  readonly #viewing;
  #gesture: Gesture = IDLE;
  #pointer: PointerInput | null = null;
  #spaceHeld = false;
  #taking: Taking | null = null;

  constructor(model: WidgetModel) {
    this.#model = model;
    const { signal } = this.#controller;
    this.#surface = new Surface(
      {
        scene: (pixelRatio, isMoving) => this.#scene(pixelRatio, isMoving),
        onViewport: () => this.#viewing.moved(),
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
    const scale = (): number => this.#surface.viewport.scale;
    this.#masks = createMaskMenu({ send, scale, focusCanvas }, signal);
    this.#toolbar = createToolbar(
      {
        send,
        commit: () => this.#keyed(commit(model.store.shown)),
        findEverything: () => this.#search.findEverything(),
        toggleFinder: () => this.#search.toggle(),
        zoomIn: () => this.#surface.zoomBy(ZOOM_STEP),
        zoomOut: () => this.#surface.zoomBy(1 / ZOOM_STEP),
        zoomFit: this.#surface.fit,
        toggleHelp: () => this.#toggleHelp(),
        maskMenu: this.#masks.button,
      },
      signal,
    );
    this.#search = createSearch(model, send, focusCanvas, this.#queueUpdate, signal);
    this.#maskBar = createMaskBar({ send, look: this.#draftLook }, signal);
    this.#filmstrip = createFilmstrip(model, signal);
    this.#objects = createObjectPanel({ send, focusCanvas }, signal);
    this.#status = createStatusArea(() => model.store.dismissNotice(), signal);
    this.#help = createHelp(helpRows(), () => this.#toggleHelp(), signal);
    const { progress, banner, line } = this.#status;
    this.#stage.append(canvas, this.#empty.element, progress, banner);
    this.root.append(
      this.#toolbar.element,
      this.#stage,
      this.#maskBar.element,
      createKeptStrip(model.store, send, signal),
      ...this.#search.elements,
      this.#filmstrip.element,
      this.#objects.element,
      line,
      this.#help.element,
      this.#masks.element,
    );
    const places = { root: this.root, stage: this.#stage, line };
    this.#viewing = new Viewing(model, this.#surface, this, places, this.#queueUpdate, signal);
    this.#toolbar.addRight(this.#viewing.button);

    listenToInput(this.root, canvas, this.#viewing.hands, signal);
    followTheme(this.root, (theme) => setAttribute(this.root, "data-theme", theme), signal);
    const stops = [
      model.store.subscribe(this.#queueUpdate),
      model.onPixels(this.#queueUpdate),
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
    this.#masks.close();
    if (!this.#model.store.image || isDouble(this.#taking, input)) return;
    this.#take(pressed(this.#gesture, input, this.#toolState()));
  }

  pointerMove(input: PointerInput): void {
    this.#pointer = input;
    this.#take(moved(this.#gesture, input, this.#toolState()));
    this.#updateHover(input);
    this.#viewing.point(this.#pointer);
  }

  longPress({ id }: PointerInput): void {
    this.#take(longPressed(this.#gesture, id, this.#toolState()));
  }

  pointerUp(input: PointerInput, event: Pick<PointerEvent, "timeStamp">): void {
    this.#pointer = input.device === "touch" ? null : input;
    const { commands, gesture } = released(this.#gesture, input, this.#toolState());
    for (const command of commands) {
      if (command.do !== "send") continue;
      const { kind } = command.request;
      if (kind === "add_point" || kind === "set_box" || kind === "move_point") {
        this.#timing.clicked(event.timeStamp, this.#model.store.shown.draft.field);
      }
      if (kind === "take_found") this.#taking = { ...input, timeMs: performance.now() };
    }
    this.#take({ commands, gesture });
    // Later than the click is sent, so that giving up a preview does not go before it.
    for (const command of commands) {
      if (command.do !== "send" || command.request.kind !== "add_point") continue;
      this.#hover.take(command.request);
    }
  }

  pointerCancel(id: number): void {
    this.#take(cancelled(this.#gesture, id));
  }

  pointerLeave(): void {
    this.#pointer = null;
    this.#hover.leave();
    this.#viewing.point(null);
    this.#surface.requestPaint();
  }

  doubleClick(input: PointerInput): void {
    for (const request of refineRequests(input, this.#toolState())) this.#send(request);
  }

  wheel(input: Parameters<InputHandler["wheel"]>[0]): boolean {
    const { tool } = this.#model.store.shown.controls;
    const command = brushWheel(input, tool) ?? wheelCommand(input);
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

  keyUp(key: string | null): void {
    this.#viewing.keyUp(key);
  }

  key(input: Parameters<InputHandler["key"]>[0]): boolean {
    if (input.key === "Escape" && this.#masks.close()) return true;
    const command = keyCommand(input, {
      shown: this.#model.store.shown,
      hoveredPoint: this.#hoveredPoint(),
      hasPolygon: this.#hand.polygon !== null,
      withoutCorner: withoutCorner(this.#pointer, this.#toolState()),
      helpOpen: this.#help.open,
      dragging: this.#gesture.kind !== "idle" && this.#gesture.kind !== "spent",
      readOnly: this.#model.store.isReadOnly,
      hasImages: this.#model.store.images !== null,
    });
    if (command) this.#keyed(command);
    return command !== null;
  }

  #keyed(command: KeyCommand): void {
    switch (command.do) {
      case "send":
        for (const request of command.requests) this.#send(request);
        break;
      case "toggle_help":
        this.#toggleHelp();
        break;
      case "toggle_heat":
        this.#draftLook.toggleHeat();
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
      case "brush_size":
        this.#run(command);
        break;
      case "polygon":
        for (const one of this.#hand.keyed(command.action, this.#toolState())) this.#run(one);
        break;
      case "turn":
      case "finish":
        this.#hover.leave();
        this.#take(cancelled(this.#gesture, this.#viewing.hands.letGo()));
        this.#filmstrip.run(command);
        break;
      case "cancel_drag":
        this.#take(cancelled(this.#gesture, this.#viewing.hands.letGo()));
        break;
      case "nothing":
        break;
      default:
        this.#viewing.run(command);
    }
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
      case "brush_size":
        this.#hand.resize(command.factor);
        this.#surface.requestPaint();
        break;
      case "polygon":
        this.#hand.polygon = command.polygon;
        this.#surface.requestPaint();
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

  #toggleHelp(): void {
    this.#viewing.closePanel(); // the two lie in the same place
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
    const { viewport } = this.#surface;
    const { brushPx, polygon } = this.#hand;
    const { shown, isReadOnly: readOnly } = this.#model.store;
    return toolState(shown, { viewport, brushPx, polygon, spaceHeld: this.#spaceHeld, readOnly });
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

  #update(): void {
    const { store } = this.#model;
    const { shown, image, status, isReadOnly: readOnly } = store;
    const { draft } = shown;
    if (draft.field || !hasDraft(draft)) this.#hover.release();
    if (hasDraft(draft) && !this.#hover.taken) this.#hover.leave();

    const place = store.images?.index ?? 0;
    const begins = image?.view_xyxy ?? null;
    this.#surface.setImage(image?.width ?? 1, image?.height ?? 1, place, begins);
    // In a list it stays as it is, so that nothing below it jumps from image to image.
    if (!store.images || (image && !this.#stage.style.aspectRatio))
      this.#stage.style.aspectRatio = image ? `${image.width} / ${image.height}` : "";
    this.#empty.update(image !== null, store.images !== null);

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
    const picture = this.#viewing.toning.bitmap ?? this.#model.picture.bitmapFor(image);
    this.#maskBar.update({ shown: this.#draftLook.held(shown), image, picture, readOnly });
    this.#hand.follow(shown.controls.tool, readOnly);
    this.#masks.update(shown, readOnly);
    this.#search.update(shown.found, readOnly);
    this.#filmstrip.update(shown.objects.length);
    this.#objects.update(shown, readOnly);
    const { notice, slow } = store;
    if (this.#viewing.isPanelOpen) this.#help.show(false);
    this.#viewing.update(this.#pointer);
    this.#status.update({ status, shown, image, notice, slow, readOnly });
    this.#updateCursor();
    this.#surface.requestPaint();
  }

  #scene(pixelRatio: number, isMoving: boolean): Scene {
    const { store, picture, overlay } = this.#model;
    const gesture = this.#gesture;
    return {
      shown: this.#draftLook.shown(withLive(store.shown, gesture)),
      picture: this.#viewing.toning.bitmap ?? picture.bitmapFor(store.image),
      found: shownMasks(store.shown.found),
      lit: this.#litMask(),
      preview: this.#hover.field,
      previewTaken: this.#hover.taken,
      overlays: overlay.canvases,
      ...promptsInHand(gesture),
      hoveredPoint: gesture.kind === "idle" ? this.#hoveredPoint() : null,
      heat: this.#draftLook.heat,
      hand: this.#hand.scene(gesture, this.#pointer, this.#toolState()),
      pixelRatio,
      isMoving,
      ...this.#viewing.parts,
    };
  }

  #tellPainted(scene: Scene): void {
    this.#timing.drawn(scene.shown.draft.field);
    this.#previewTiming.drawn(scene.preview, this.#hover.askedAt);
    for (const [name, value] of paintedAttributes(scene, this.#model.store)) {
      setAttribute(this.root, name, value);
    }
  }
}
