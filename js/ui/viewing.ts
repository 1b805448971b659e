// What one view shows in its own way: looks, size, full screen. Joins their parts.

import { isFitView, type Viewport, zoomAt } from "../frame/viewport";
import { FullScreen } from "../host/fullscreen";
import { type Look, USUAL_LOOK } from "../state/look";
import type { WidgetModel } from "../state/model";
import { HIDE_KEY, type ViewCommand } from "../tools/viewkeys";
import { createResizeHandle } from "./resize";
import { createViewPanel } from "./viewpanel";

/** The canvas of the view. */
export interface Canvas {
  viewport: Viewport;
  zoomBy(factor: number): void;
  fit(): void;
  requestPaint(): void;
}

export class Viewing {
  readonly #model: WidgetModel;
  readonly #surface: Canvas;
  readonly #fullScreen: FullScreen;
  readonly #panel;
  readonly #onChange: () => void;
  #look = USUAL_LOOK;

  /** Adds its elements to `root`, in which is `stage`; `onChange` has the view updated. */
  constructor(
    model: WidgetModel,
    surface: Canvas,
    { root, stage }: { root: HTMLElement; stage: HTMLElement },
    onChange: () => void,
    signal: AbortSignal,
  ) {
    this.#model = model;
    this.#surface = surface;
    this.#onChange = onChange;
    this.#fullScreen = new FullScreen(root, onChange, signal);
    this.#panel = createViewPanel(
      {
        setOpacity: (opacity) => this.#setLook({ opacity }),
        run: (command) => this.run(command),
        onToggle: onChange,
      },
      signal,
    );
    root.append(this.#panel.element, createResizeHandle(root, stage, signal));
  }

  get look(): Look {
    return this.#look;
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
      default:
        command satisfies never;
    }
  }

  /** A key was let go, or with null whichever was held. */
  keyUp(key: string | null): void {
    if (key === null || key.toLowerCase() === HIDE_KEY) this.#setLook({ masksHidden: false });
  }

  update(): void {
    const { viewport } = this.#surface;
    this.#panel.update(
      this.#look,
      { fits: isFitView(viewport), scale: viewport.scale },
      this.#fullScreen.isOn,
    );
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
