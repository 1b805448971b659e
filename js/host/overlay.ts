// The `overlay` trait: an ipycanvas Canvas or MultiCanvas whose pixels are drawn over the image.

/** A Backbone model of the host's widget manager, as far as we touch it. */
interface ForeignModel {
  get(name: string): unknown;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
  canvas?: HTMLCanvasElement;
}

/** The widget model that holds the `overlay` reference. */
export interface OverlayHost {
  get(name: string): unknown;
  on(event: `change:${string}`, callback: () => void): void;
  off(event: `change:${string}`, callback: () => void): void;
  widget_manager?: { get_model(id: string): Promise<unknown> };
}

const REFERENCE = "IPY_MODEL_";
const EVENTS = ["new-frame", "change:width", "change:height"];

export class Overlay {
  readonly #host: OverlayHost;
  readonly #onChange: () => void;
  #models: ForeignModel[] = [];
  #generation = 0;

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

  dispose(): void {
    this.#generation++;
    this.#host.off("change:overlay", this.#follow);
    this.#release();
  }

  readonly #follow = async (): Promise<void> => {
    const generation = ++this.#generation;
    const models = await this.#resolve(this.#host.get("overlay"));
    if (generation !== this.#generation) return;
    this.#release();
    this.#models = models;
    for (const model of models) {
      for (const event of EVENTS) model.on(event, this.#onChange);
    }
    this.#onChange();
  };

  /** Without ipycanvas's front end there is no such model: the widget goes on without the layer. */
  async #resolve(reference: unknown): Promise<ForeignModel[]> {
    const manager = this.#host.widget_manager;
    if (typeof reference !== "string" || !reference.startsWith(REFERENCE) || !manager) return [];
    try {
      const model = await manager.get_model(reference.slice(REFERENCE.length));
      if (!isForeignModel(model)) return [];
      // A MultiCanvas tells nothing of its frames: its parts do.
      const parts = model.get("_canvases");
      return Array.isArray(parts) ? parts.filter(isForeignModel) : [model];
    } catch {
      return [];
    }
  }

  #release(): void {
    for (const model of this.#models) {
      for (const event of EVENTS) model.off(event, this.#onChange);
    }
    this.#models = [];
  }
}

function isForeignModel(value: unknown): value is ForeignModel {
  return typeof value === "object" && value !== null && "get" in value && "on" in value;
}
