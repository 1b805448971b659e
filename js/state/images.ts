// A list of images: where one is going, and small pictures of those in sight.

import type { ImagesState, ThumbnailReply } from "../contract/protocol";

/** The list after an update of it: marks of the same list that are known stay known. */
export function changedImages(
  before: ImagesState | null,
  now: ImagesState | null,
): ImagesState | null {
  if (!now || before?.generation !== now.generation) return now;
  const marks = new Map([...before.marks, ...now.marks].map((mark) => [mark.index, mark]));
  return { ...now, marks: [...marks.values()] };
}

/** Can one turn to this image? Of a list of unknown length to one beyond those that are known. */
export function hasImage({ count, is_complete }: ImagesState, index: number): boolean {
  return index >= 0 && (index < count || (!is_complete && index === count));
}

export interface Thumbnail {
  readonly url: string;
  readonly title: string;
}

/** Kept are those of several screens. */
const KEPT = 200;
/** So many are asked for at a time: what has gone out of sight meanwhile is not asked for. */
const AT_ONCE = 2;

/** Small pictures by their image's index, fetched when they are wanted. */
export class Thumbnails {
  readonly #ask: (index: number) => Promise<ThumbnailReply | null>;
  readonly #onChange: () => void;
  /** The one used last comes last; null for one that could not be had. */
  readonly #known = new Map<number, Thumbnail | null>();
  readonly #asked = new Set<number>();
  #wanted: readonly number[] = [];
  #generation = 0;
  #isClosed = false;

  constructor(ask: (index: number) => Promise<ThumbnailReply | null>, onChange: () => void) {
    this.#ask = ask;
    this.#onChange = onChange;
  }

  /** Undefined while it is not known. */
  get(index: number): Thumbnail | null | undefined {
    return this.#known.get(index);
  }

  /** These are in sight, of the list with this number; the first are the most wanted. */
  want(generation: number, indices: readonly number[]): void {
    if (generation !== this.#generation) {
      this.#forgetAll();
      this.#generation = generation;
    }
    for (const index of indices) {
      const known = this.#known.get(index);
      if (known === undefined) continue;
      this.#known.delete(index);
      this.#known.set(index, known);
    }
    this.#wanted = indices;
    this.#askForMore();
  }

  dispose(): void {
    this.#isClosed = true;
    this.#forgetAll();
  }

  #askForMore(): void {
    for (const index of this.#wanted) {
      if (this.#asked.size >= AT_ONCE || this.#isClosed) return;
      if (!this.#known.has(index) && !this.#asked.has(index)) void this.#fetch(index);
    }
  }

  async #fetch(index: number): Promise<void> {
    const generation = this.#generation;
    this.#asked.add(index);
    const reply = await this.#ask(index);
    if (generation !== this.#generation || this.#isClosed) return;
    this.#asked.delete(index);
    this.#known.set(index, reply && { url: urlOf(reply.data), title: reply.title });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KEPT) break;
      this.#forget(oldest);
    }
    this.#askForMore();
    this.#onChange();
  }

  #forget(index: number): void {
    const known = this.#known.get(index);
    if (known) URL.revokeObjectURL(known.url);
    this.#known.delete(index);
  }

  #forgetAll(): void {
    for (const index of [...this.#known.keys()]) this.#forget(index);
    this.#asked.clear();
    this.#wanted = [];
  }
}

function urlOf({ buffer, byteOffset, byteLength }: DataView): string {
  const bytes = new Uint8Array(byteLength);
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength));
  return URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
}
