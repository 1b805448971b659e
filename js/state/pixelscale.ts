// How large a pixel is in the world, as the traits `pixel_size` and `unit` say.

import type { SyncedState } from "../contract/protocol";

/** The part of a widget model that has them. */
export interface ScaleHost {
  get(name: string): unknown;
  on(event: `change:${string}`, callback: () => void): void;
  off(event: `change:${string}`, callback: () => void): void;
}

const SIZE: keyof SyncedState = "pixel_size";
const UNIT: keyof SyncedState = "unit";

export class PixelScale {
  readonly #host: ScaleHost;
  readonly #onChange: () => void;

  constructor(host: ScaleHost, onChange: () => void) {
    this.#host = host;
    this.#onChange = onChange;
    for (const name of [SIZE, UNIT]) host.on(`change:${name}`, onChange);
  }

  /** Side of a pixel; null when nobody has said it. */
  get size(): number | null {
    const size = this.#host.get(SIZE);
    return typeof size === "number" && Number.isFinite(size) && size > 0 ? size : null;
  }

  get unit(): string {
    const unit = this.#host.get(UNIT);
    return typeof unit === "string" ? unit : "";
  }

  dispose(): void {
    for (const name of [SIZE, UNIT]) this.#host.off(`change:${name}`, this.#onChange);
  }
}
