// The parts of a large image that a view shows finer: fetched when it rests, kept within a bound.

import type { ReadDetail, ShownValues } from "../contract/protocol";
import { nameOf, type Part, partsFor } from "../frame/detail";
import { type Bitmap, closeBitmap, decode } from "../frame/picture";
import type { Viewport } from "../frame/viewport";
import type { Outcome } from "./connection";

/** The picture has not moved for so long. */
export const REST_MS = 100;
/** Decoded parts that are kept: at most a megabyte each. */
export const KEPT_PARTS = 64;
/** So many are asked for at a time: what has gone out of sight meanwhile is not asked for. */
const AT_ONCE = 3;

/** A part that can be drawn. */
export interface FinePart extends Part {
  readonly bitmap: Bitmap;
}

/** What there is to draw over the picture, the coarsest first and the exact ones last. */
export interface DetailShown {
  readonly parts: readonly FinePart[];
  /** Is all there that the view wants? It wants `none` where the picture is fine enough. */
  readonly phase: "none" | "waiting" | "sharp";
}

export interface DetailActions {
  ask(request: ReadDetail): Promise<Outcome | null>;
  /** Can the kernel be asked at all? */
  canAsk(): boolean;
  /** There is something else to draw. */
  onChange(): void;
}

interface Seen {
  readonly viewport: Viewport;
  readonly pixelRatio: number;
  readonly pictureWidth: number;
}

export class Detail {
  readonly #actions: DetailActions;
  /** By their names, the one seen last at the end; null for one that could not be had. */
  readonly #known = new Map<string, FinePart | null>();
  #asked = new Set<string>();
  #seen: Seen | null = null;
  #wanted: readonly Part[] = [];
  /** Those of the wanted that are still to be asked for. */
  #queue: Part[] = [];
  #values: ShownValues | null = null;
  #shown: DetailShown = { parts: [], phase: "none" };
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Counts images and values: a part of the ones before is of no use. */
  #generation = 0;

  constructor(actions: DetailActions, signal: AbortSignal) {
    this.#actions = actions;
    signal.addEventListener("abort", () => this.reset());
  }

  get shown(): DetailShown {
    return this.#shown;
  }

  /** There is another image, or none any more. */
  reset(): void {
    this.#generation++;
    this.#stop();
    for (const part of this.#known.values()) if (part) closeBitmap(part.bitmap);
    this.#known.clear();
    this.#asked = new Set();
    this.#seen = null;
    this.#wanted = [];
    this.#shown = { parts: [], phase: "none" };
  }

  /** The picture is made from these values; null for what the model sees. */
  setValues(values: ShownValues | null): void {
    if (JSON.stringify(values) === JSON.stringify(this.#values)) return;
    this.#values = values;
    this.reset();
  }

  /** This is what is seen, of an image whose picture has this width; null while it has none. */
  see(viewport: Viewport, pixelRatio: number, pictureWidth: number | null): void {
    if (pictureWidth === null) return;
    const { viewport: before, ...rest } = this.#seen ?? { viewport: null };
    if (before === viewport && isSame(rest, { pixelRatio, pictureWidth })) return;
    this.#seen = { viewport, pixelRatio, pictureWidth };
    this.#stop();
    this.#wanted = partsFor(viewport, pixelRatio, pictureWidth);
    for (const part of this.#wanted) this.#use(nameOf(part));
    this.#tell();
    if (this.#shown.phase !== "waiting") return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#queue = this.#wanted.filter((part) => this.#isMissing(part));
      this.#fetch();
    }, REST_MS);
  }

  #isMissing(part: Part): boolean {
    return !this.#known.has(nameOf(part));
  }

  /** It is the last that is given up. */
  #use(name: string): void {
    const part = this.#known.get(name);
    if (part === undefined) return;
    this.#known.delete(name);
    this.#known.set(name, part);
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#queue = [];
  }

  #fetch(): void {
    if (!this.#actions.canAsk()) return;
    while (this.#asked.size < AT_ONCE) {
      const part = this.#queue.shift();
      if (!part) return;
      // It may have been on its way when the view came to rest.
      if (this.#isMissing(part) && !this.#asked.has(nameOf(part))) void this.#ask(part);
    }
  }

  async #ask(part: Part): Promise<void> {
    const name = nameOf(part);
    const generation = this.#generation;
    this.#asked.add(name);
    const found = await this.#load(part).catch(() => null);
    if (generation !== this.#generation) {
      if (found) closeBitmap(found);
      return;
    }
    this.#asked.delete(name);
    if (found !== undefined) {
      this.#known.set(name, found && { ...part, bitmap: found });
      this.#shrink();
      this.#tell();
      this.#actions.onChange();
    }
    this.#fetch();
  }

  /** Null for what cannot be had, undefined for what may be asked for again. */
  async #load(part: Part): Promise<Bitmap | null | undefined> {
    const shown = this.#values;
    const request: ReadDetail = { kind: "read_detail", ...part, shown };
    const reply = await this.#actions.ask(request);
    if (reply?.kind === "picture") return decode(reply);
    return reply?.kind === "error" ? null : undefined;
  }

  #shrink(): void {
    for (const [name, part] of this.#known) {
      if (this.#known.size <= KEPT_PARTS) return;
      if (part) closeBitmap(part.bitmap);
      this.#known.delete(name);
    }
  }

  #tell(): void {
    const parts = [...this.#known.values()].filter((part) => part !== null);
    const waits = this.#wanted.some((part) => this.#isMissing(part));
    const phase = waits ? "waiting" : this.#wanted.length > 0 ? "sharp" : "none";
    this.#shown = { parts: parts.sort(coarseFirst), phase };
  }
}

function isSame(a: Partial<Seen>, b: Partial<Seen>): boolean {
  return a.pixelRatio === b.pixelRatio && a.pictureWidth === b.pictureWidth;
}

function coarseFirst(a: Part, b: Part): number {
  return b.reduce - a.reduce || Number(a.exact) - Number(b.exact);
}
