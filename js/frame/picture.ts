// The picture of the state's image, decoded for drawing. One per model.

import type { ImageState } from "../contract/protocol";

export type Bitmap = ImageBitmap | HTMLImageElement;

export class Picture {
  #wanted: ImageState | null = null;
  #decoded: { image: ImageState; bitmap: Bitmap } | null = null;
  readonly #onChange: () => void;
  readonly #onError: (message: string) => void;

  constructor(onChange: () => void, onError: (message: string) => void) {
    this.#onChange = onChange;
    this.#onError = onError;
  }

  /**
   * What to draw over the frame of `image`: while that is being decoded the picture before, if it is
   * of the same size, else nothing, as it would be stretched.
   */
  bitmapFor(image: ImageState | null): Bitmap | null {
    if (!image || !this.#decoded) return null;
    const { width, height } = this.#decoded.image;
    return width === image.width && height === image.height ? this.#decoded.bitmap : null;
  }

  /** Decode another picture; the old one stays until the new one is there. */
  async load(image: ImageState | null): Promise<void> {
    if (image === this.#wanted) return;
    this.#wanted = image;
    if (!image) {
      this.#replace(null);
      return;
    }
    try {
      const bitmap = await decode(image);
      if (this.#wanted === image) this.#replace({ image, bitmap });
      else closeBitmap(bitmap);
    } catch (error) {
      if (this.#wanted !== image) return;
      this.#replace(null);
      const reason = error instanceof Error ? error.message : String(error);
      this.#onError(`This browser could not decode the image (${image.mime}): ${reason}`);
    }
  }

  dispose(): void {
    this.#wanted = null;
    if (this.#decoded) closeBitmap(this.#decoded.bitmap);
    this.#decoded = null;
  }

  #replace(decoded: { image: ImageState; bitmap: Bitmap } | null): void {
    if (this.#decoded) closeBitmap(this.#decoded.bitmap);
    this.#decoded = decoded;
    this.#onChange();
  }
}

export function closeBitmap(bitmap: Bitmap): void {
  if ("close" in bitmap) bitmap.close();
}

/** Decode an encoded picture; whoever gets it closes it. */
export async function decode(image: Pick<ImageState, "data" | "mime">): Promise<Bitmap> {
  const { buffer, byteOffset, byteLength } = image.data;
  const bytes = new Uint8Array(byteLength);
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength));
  const blob = new Blob([bytes], { type: image.mime });
  if (typeof createImageBitmap === "function") return createImageBitmap(blob);
  const url = URL.createObjectURL(blob);
  try {
    const element = new Image();
    element.src = url;
    await element.decode();
    return element;
  } finally {
    URL.revokeObjectURL(url);
  }
}
