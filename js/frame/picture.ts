// The picture of the `_image` trait, decoded for drawing. One per model.

import type { ImageState } from "../contract/protocol";

export class Picture {
  #state: ImageState | null = null;
  #bitmap: ImageBitmap | HTMLImageElement | null = null;
  readonly #onChange: () => void;
  readonly #onError: (message: string) => void;

  constructor(onChange: () => void, onError: (message: string) => void) {
    this.#onChange = onChange;
    this.#onError = onError;
  }

  get bitmap(): ImageBitmap | HTMLImageElement | null {
    return this.#bitmap;
  }

  /** Decode another picture; the old one stays until the new one is there. */
  async load(state: ImageState | null): Promise<void> {
    if (state === this.#state) return;
    this.#state = state;
    if (!state) {
      this.#replace(null);
      return;
    }
    try {
      const bitmap = await decode(state);
      if (this.#state === state) this.#replace(bitmap);
      else close(bitmap);
    } catch (error) {
      if (this.#state !== state) return;
      this.#replace(null);
      const reason = error instanceof Error ? error.message : String(error);
      this.#onError(`This browser could not decode the image (${state.mime}): ${reason}`);
    }
  }

  dispose(): void {
    this.#state = null;
    close(this.#bitmap);
    this.#bitmap = null;
  }

  #replace(bitmap: ImageBitmap | HTMLImageElement | null): void {
    close(this.#bitmap);
    this.#bitmap = bitmap;
    this.#onChange();
  }
}

function close(bitmap: ImageBitmap | HTMLImageElement | null): void {
  if (bitmap && "close" in bitmap) bitmap.close();
}

async function decode(state: ImageState): Promise<ImageBitmap | HTMLImageElement> {
  const { buffer, byteOffset, byteLength } = state.data;
  const bytes = new Uint8Array(byteLength);
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength));
  const blob = new Blob([bytes], { type: state.mime });
  if (typeof createImageBitmap === "function") return createImageBitmap(blob);
  const url = URL.createObjectURL(blob);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(url);
  }
}
