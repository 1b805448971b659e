// What one view shows in its own way: looks, size, full screen. Joins their parts.

import type { ImageState } from "../contract/protocol";
import { imagePointAt, isFitView, type Point, type Viewport, zoomAt } from "../frame/viewport";
import { FullScreen } from "../host/fullscreen";
import { CloserLook } from "../state/closer_look";
import { Detail } from "../state/detail";
import { type Look, USUAL_LOOK } from "../state/look";
import type { WidgetModel } from "../state/model";
import { PixelValues } from "../state/pixelvalues";
import { Toning } from "../state/toning";
import { type Hand, Hands } from "../tools/hands";
import { HIDE_KEY, type ViewCommand } from "../tools/viewkeys";
import { Announcer, placeText } from "./announce";
import { createReadout } from "./readout";
import { createResizeHandle } from "./resize";
import { createToneSection } from "./tonesection";
import { createViewPanel } from "./viewpanel";

/** The canvas of the view. */
export interface Canvas {
  viewport: Viewport;
  readonly pixelRatio: number;
  zoomBy(factor: number): void;
  fit(): void;
  requestPaint(): void;
}

export class Viewing {
  readonly #model: WidgetModel;
  readonly #surface: Canvas;
  readonly #fullScreen: FullScreen;
  readonly #panel;
  readonly #readout = createReadout();
  /** Between the view's events and its tools. */
  readonly hands: Hands;
  readonly #looking: CloserLook;
  readonly #detail: Detail;
  readonly #announcer: Announcer;
  readonly #values: PixelValues;
  readonly #toneSection;
  /** How the picture's values are shown. */
  readonly toning: Toning;
  readonly #onChange: () => void;
  #look = USUAL_LOOK;
  #image: ImageState | null = null;
  #pointer: Point | null = null;

  /** Adds its elements to `root` and `line`, the status line; `onChange` has the view updated. */
  constructor(
    model: WidgetModel,
    surface: Canvas,
    hand: Hand,
    { root, stage, line }: { root: HTMLElement; stage: HTMLElement; line: HTMLElement },
    onChange: () => void,
    signal: AbortSignal,
  ) {
    this.#model = model;
    this.#surface = surface;
    this.#onChange = onChange;
    this.#looking = new CloserLook(
      {
        ask: (view) => model.showView(view),
        canAsk: () => model.store.status.phase === "ready" && !model.store.isReadOnly,
      },
      signal,
    );
    this.#detail = new Detail(
      {
        ask: (request) => model.ask(request),
        canAsk: () => !model.store.isReadOnly,
        onChange: () => surface.requestPaint(),
      },
      signal,
    );
    const { overlay } = model;
    this.hands = new Hands(hand, surface, (event, at) => overlay.tell(event, at), signal);
    this.#fullScreen = new FullScreen(root, onChange, signal);
    this.#panel = createViewPanel(
      {
        setOpacity: (opacity) => this.#setLook({ opacity }),
        run: (command) => this.run(command),
        onToggle: () => {
          // Below the toolbar, however many lines that has.
          const bar = root.firstElementChild;
          const height = bar instanceof HTMLElement ? bar.offsetHeight : 0;
          root.style.setProperty("--sw-bar", `${height}px`);
          onChange();
        },
      },
      signal,
    );
    this.toning = new Toning(
      {
        ask: (request) => model.ask(request),
        onChange: () => {
          onChange();
          surface.requestPaint();
        },
        onError: (text) => model.store.notify(text),
      },
      signal,
    );
    const { toning } = this;
    this.#toneSection = createToneSection(
      { set: (changes) => toning.set(changes), reset: () => toning.reset() },
      signal,
    );
    this.#panel.middle.append(this.#toneSection.element);
    this.#values = new PixelValues(
      {
        ask: async (x, y) => {
          const reply = await model.ask({ kind: "read_patch", x, y });
          return reply?.kind === "patch" ? reply : null;
        },
        onChange: () => this.point(this.#pointer),
      },
      signal,
    );
    this.#announcer = new Announcer(signal);
    line.append(this.#readout.element);
    root.append(
      this.#announcer.element,
      this.#panel.element,
      createResizeHandle(root, stage, signal),
    );
  }

  /** What the layers draw by. */
  get parts() {
    return {
      look: this.#look,
      toneTable: this.toning.table,
      keyCursor: this.hands.cursor,
      pixelScale: this.#model.scale,
      detail: this.#detail.shown,
    };
  }

  get isPanelOpen(): boolean {
    return this.#panel.isOpen;
  }

  closePanel(): void {
    this.#panel.close();
  }

  /** Opens the panel; for the toolbar. */
  get button(): HTMLElement {
    return this.#panel.button;
  }

  run(command: ViewCommand): void {
    const { outlinesOnly, cutout } = this.#look;
    switch (command.do) {
      case "zoom":
        this.#surface.zoomBy(command.factor);
        break;
      case "fit":
        this.#surface.fit();
        break;
      case "actual_size":
        this.#showActualSize();
        break;
      case "full_screen":
        void this.#toggleFullScreen();
        break;
      case "toggle_outlines":
        this.#setLook({ outlinesOnly: !outlinesOnly });
        break;
      case "toggle_cutout":
        this.#setLook({ cutout: !cutout });
        break;
      case "hide_masks":
        this.#setLook({ masksHidden: true });
        break;
      case "move_cursor":
      case "press_cursor":
        this.hands.run(command);
        this.#sayPlace();
        break;
      default:
        command satisfies never;
    }
  }

  /** A key was let go, or with null whichever was held. */
  keyUp(key: string | null): void {
    if (key === null || key.toLowerCase() === HIDE_KEY) this.#setLook({ masksHidden: false });
  }

  /** The picture has moved on the canvas. */
  moved(): void {
    this.#looking.moved(this.#surface.viewport, this.#surface.pixelRatio);
    this.#seeDetail();
    this.#onChange();
  }

  /** The pointer is at this place of the canvas, or nowhere on it. */
  point(input: Point | null): void {
    this.#pointer = input;
    const at = this.#image && input && imagePointAt(this.#surface.viewport, input);
    if (!at) this.#values.leave();
    this.#readout.update(at, at && this.#values.at(at));
  }

  update(pointer: Point | null): void {
    const { image, shown } = this.#model.store;
    this.#announcer.update(shown);
    if (image !== this.#image) {
      this.#values.reset();
      this.toning.setImage();
      this.#detail.reset();
    }
    this.#image = image;
    this.#seeDetail();
    if (this.#panel.isOpen && image) this.toning.open();
    const { tone, channels, isUsual } = this.toning;
    this.#toneSection.update(tone, channels, isUsual);
    this.point(pointer);
    const { viewport } = this.#surface;
    this.#panel.update(
      this.#look,
      { fits: isFitView(viewport), scale: viewport.scale },
      this.#fullScreen.isOn,
    );
  }

  /** Fetch what is seen finer than the picture is. */
  #seeDetail(): void {
    const { bitmap, values } = this.toning;
    const picture = bitmap ?? this.#model.picture.bitmapFor(this.#image);
    const { viewport, pixelRatio } = this.#surface;
    this.#detail.setValues(values);
    this.#detail.see(viewport, pixelRatio, picture?.width ?? null);
  }

  #sayPlace(): void {
    const { cursor } = this.hands;
    if (cursor) this.#announcer.say(placeText(cursor.at, this.#model.store.shown));
  }

  #setLook(changes: Partial<Look>): void {
    const look = { ...this.#look, ...changes };
    const names = Object.keys(changes) as (keyof Look)[];
    if (names.every((name) => look[name] === this.#look[name])) return;
    this.#look = look;
    this.#onChange();
    this.#surface.requestPaint();
  }

  #showActualSize(): void {
    const { viewport } = this.#surface;
    const centre = { x: viewport.viewWidth / 2, y: viewport.viewHeight / 2 };
    this.#surface.viewport = zoomAt(viewport, centre, 1 / viewport.scale);
  }

  async #toggleFullScreen(): Promise<void> {
    const trouble = await this.#fullScreen.toggle();
    if (trouble !== null) this.#model.store.notify(trouble);
  }
}
