// The `overlay` trait: an ipycanvas Canvas or MultiCanvas whose pixels are drawn over the image.

/** A Backbone model of the host's widget manager, as far as we touch it. */
interface ForeignModel {
  get(name: string): unknown;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
  canvas?: HTMLCanvasElement;
  send?(content: unknown, callbacks: unknown): unknown;
}

/** What ipycanvas calls the events of a mouse; any pointer is one here. */
export type OverlayEvent = "mouse_down" | "mouse_move" | "mouse_up" | "mouse_out";

/** The widget model that holds the `overlay` reference. */
export interface OverlayHost {
  get(name: string): unknown;
  on(event: `change:${string}`, callback: () => void): void;
  off(event: `change:${string}`, callback: () => void): void;
  widget_manager?: { get_model(id: string): Promise<unknown> };
}

const REFERENCE = "IPY_MODEL_";
/** Moves are told no faster: a callback that is slower must not fall behind for long. */
const MOVE_MS = 50;
const EVENTS = ["new-frame", "change:width", "change:height"];

export class Overlay {
  readonly #host: OverlayHost;
  readonly #onChange: () => void;
  #models: ForeignModel[] = [];
  /** The model that the reference names: it has the callbacks. */
  #target: ForeignModel | null = null;
  #generation = 0;
  #move: { x: number; y: number } | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(host: OverlayHost, onChange: () => void) {
    this.#host = host;
    this.#onChange = onChange;
    host.on("change:overlay", this.#follow);
    void this.#follow();
  }

  /** The canvases to draw, lowest first; empty while there are none or they hold no pixel. */
  get canvases(): HTMLCanvasElement[] {
    return this.#models.flatMap(({ canvas }) =>
      canvas && canvas.width > 0 && canvas.height > 0 ? [canvas] : [],
    );
  }

  /** A pointer is at a place of the image: no view of the canvas is shown that would tell so. */
  tell(event: OverlayEvent, { x, y }: { x: number; y: number }): void {
    if (!this.#target) return;
    if (event !== "mouse_move") {
      this.#tellMove(); // in order
      this.#send(event, { x, y });
      return;
    }
    this.#move = { x, y };
    this.#timer ??= setTimeout(() => this.#tellMove(), MOVE_MS);
  }

  #tellMove(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#move) this.#send("mouse_move", this.#move);
    this.#move = null;
  }

  #send(event: OverlayEvent, at: { x: number; y: number }): void {
    try {
      this.#target?.send?.({ event, ...at }, {});
    } catch {
      // The canvas's kernel is gone: nobody is there to be told.
    }
  }

  dispose(): void {
    this.#generation++;
    this.#host.off("change:overlay", this.#follow);
    this.#release();
  }

  readonly #follow = async (): Promise<void> => {
    const generation = ++this.#generation;
    const target = await this.#resolve(this.#host.get("overlay"));
    if (generation !== this.#generation) return;
    this.#release();
    this.#target = target;
    // A MultiCanvas tells nothing of its frames: its parts do.
    const parts = target?.get("_canvases");
    const models = Array.isArray(parts) ? parts.filter(isForeignModel) : target ? [target] : [];
    this.#models = models;
    for (const model of models) {
      for (const event of EVENTS) model.on(event, this.#onChange);
    }
    this.#onChange();
  };

  /** Without ipycanvas's front end there is no such model: the widget goes on without the layer. */
  async #resolve(reference: unknown): Promise<ForeignModel | null> {
    const manager = this.#host.widget_manager;
    if (typeof reference !== "string" || !reference.startsWith(REFERENCE) || !manager) return null;
    try {
      const model = await manager.get_model(reference.slice(REFERENCE.length));
      return isForeignModel(model) ? model : null;
    } catch {
      return null;
    }
  }

  #release(): void {
    for (const model of this.#models) {
      for (const event of EVENTS) model.off(event, this.#onChange);
    }
    this.#models = [];
    this.#target = this.#move = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

function isForeignModel(value: unknown): value is ForeignModel {
  return typeof value === "object" && value !== null && "get" in value && "on" in value;
}
