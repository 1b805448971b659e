// How one view shows the picture's values: bands, black, white, gamma. The model sees its own picture.

import type { ChannelsReply, RenderPicture, ShownValues } from "../contract/protocol";
import { type Bitmap, closeBitmap, decode } from "../frame/picture";
import { toneTable, type Window } from "../frame/tone";
import type { Outcome } from "./connection";
import { LatestWins } from "./latest";
import type { LookRequest } from "./model";

export interface Tone extends Window {
  /** One channel for gray, or three; null for what the model sees. */
  readonly bands: readonly number[] | null;
  readonly gamma: number;
}

export interface ToningActions {
  ask(request: LookRequest): Promise<Outcome | null>;
  onChange(): void;
  onError(text: string): void;
}

/** A picture for some bands and a window; the bitmap is null where it is the model's. */
interface Made extends Window {
  readonly bands: readonly number[] | null;
  readonly bitmap: Bitmap | null;
}

/** Sliders that move on within this time ask for no picture: a table shows it meanwhile. */
const REST_MS = 120;

const BYTES: Window = { black: 0, white: 255 };

export class Toning {
  readonly #actions: ToningActions;
  readonly #latest: LatestWins<Tone>;
  #channels: ChannelsReply | null = null;
  #isAsked = false;
  #tone: Tone = { ...BYTES, bands: null, gamma: 1 };
  #made: Made = { ...BYTES, bands: null, bitmap: null };
  #table: Uint8ClampedArray | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Counts the images: what was asked for the one before is of no use. */
  #generation = 0;

  constructor(actions: ToningActions, signal: AbortSignal) {
    this.#actions = actions;
    this.#latest = new LatestWins((tone) => this.#make(tone));
    signal.addEventListener("abort", () => this.setImage());
  }

  /** What the values are like; null until they are known. */
  get channels(): ChannelsReply | null {
    return this.#channels;
  }

  get tone(): Tone {
    return this.#tone;
  }

  /** The picture to show instead of the model's. */
  get bitmap(): Bitmap | null {
    return this.#made.bitmap;
  }

  /** The values that `bitmap` shows; null where it is the model's picture. */
  get values(): ShownValues | null {
    const { bitmap, bands, black, white } = this.#made;
    return bitmap && { bands: this.#bandsOf(bands), black, white };
  }

  /** For the bytes of the picture that is shown; null when they are shown as they are. */
  get table(): Uint8ClampedArray | null {
    return this.#table;
  }

  get isUsual(): boolean {
    return isSame(this.#tone, this.#usual) && this.#tone.gamma === 1;
  }

  /** Somebody wants to see what there is. */
  open(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    void this.#describe();
  }

  /** There is another image, or none any more. */
  setImage(): void {
    this.#generation++;
    this.#channels = null;
    this.#isAsked = false;
    this.#stop();
    this.#keep({ ...BYTES, bands: null, bitmap: null });
    this.#tone = this.#usual;
    this.#table = null;
  }

  reset(): void {
    this.set(this.#usual);
  }

  /** Other bands bring their own black and white unless these are given. */
  set(changes: Partial<Tone>): void {
    const { bands } = changes;
    this.#tone = { ...this.#tone, ...(bands !== undefined && this.windowOf(bands)), ...changes };
    this.#show();
    this.#stop();
    this.#timer = setTimeout(() => {
      if (!isSame(this.#made, this.#tone)) this.#latest.push(this.#tone);
    }, REST_MS);
  }

  /** Black and white of these bands as they would be chosen for them. */
  windowOf(bands: readonly number[] | null): Window {
    const channels = this.#channels;
    if (!channels) return BYTES;
    if (bands === null) return { black: channels.shown_black, white: channels.shown_white };
    const of = (list: readonly number[]): number[] => bands.map((band) => list[band] ?? 0);
    return { black: Math.min(...of(channels.black)), white: Math.max(...of(channels.white)) };
  }

  get #usual(): Tone {
    return { ...this.windowOf(null), bands: null, gamma: 1 };
  }

  async #describe(): Promise<void> {
    const generation = this.#generation;
    const reply = await this.#actions.ask({ kind: "describe_channels" });
    if (reply?.kind !== "channels" || generation !== this.#generation) return;
    const wasUsual = this.isUsual;
    this.#channels = reply;
    this.#made = { ...this.windowOf(null), bands: null, bitmap: null };
    if (wasUsual) this.#tone = this.#usual;
    this.#show();
  }

  async #make(tone: Tone): Promise<void> {
    const usual = this.#usual;
    // Of bytes the table shows every window, and exactly.
    const isTable = this.#channels === null || this.#channels.dtype === "uint8";
    if (tone.bands === null && (isTable || isSame(tone, usual))) {
      this.#keep({ ...usual, bitmap: null });
      this.#show();
      return;
    }
    const { bands, black, white } = tone;
    const generation = this.#generation;
    const request: RenderPicture = {
      kind: "render_picture",
      bands: this.#bandsOf(bands),
      black,
      white,
    };
    const reply = await this.#actions.ask(request);
    if (generation !== this.#generation || !reply) return;
    if (reply.kind === "error" || reply.kind === "lost") this.#actions.onError(reply.message);
    if (reply.kind !== "picture") return;
    const bitmap = await decode(reply);
    if (generation !== this.#generation) {
      closeBitmap(bitmap);
      return;
    }
    this.#keep({ bands, black, white, bitmap });
    this.#show();
  }

  /** The channels that are shown where `bands` stands for them. */
  #bandsOf(bands: readonly number[] | null): number[] {
    return [...(bands ?? this.#channels?.shown ?? [0, 1, 2])];
  }

  #keep(made: Made): void {
    if (this.#made.bitmap) closeBitmap(this.#made.bitmap);
    this.#made = made;
  }

  #show(): void {
    // The values of other bands are not in this picture: it stays as it is until theirs is there.
    const isMade = String(this.#made.bands) === String(this.#tone.bands);
    this.#table = toneTable(this.#made, isMade ? this.#tone : this.#made, this.#tone.gamma);
    this.#actions.onChange();
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#latest.drop();
  }
}

type Shown = Window & { readonly bands: readonly number[] | null };

function isSame(a: Shown, b: Shown): boolean {
  return a.black === b.black && a.white === b.white && String(a.bands) === String(b.bands);
}
