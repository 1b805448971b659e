// The preview under the pointer: one request in flight, the newest place waiting.

import type { LevelField, PreviewReply } from "../contract/protocol";
import { fieldContains } from "../frame/field";
import type { Point } from "../frame/viewport";
import { LatestWins } from "./latest";

export interface HoverActions {
  ask(x: number, y: number): Promise<PreviewReply | null>;
  cancel(): void;
  /** There is another preview to draw, or none any more. */
  onChange(): void;
}

interface Place extends Point {
  /** When the pointer was there, on performance.now()'s clock. */
  timeMs: number;
}

export class Hover {
  readonly #actions: HoverActions;
  readonly #latest: LatestWins<Place>;
  #wanted = false;
  #field: LevelField | null = null;
  #askedAt = 0;
  #at: Point | null = null;
  #taken = false;

  constructor(actions: HoverActions) {
    this.#actions = actions;
    this.#latest = new LatestWins((at) => this.#ask(at));
  }

  get field(): LevelField | null {
    return this.#field;
  }

  /** When the pointer was where the preview is of, on performance.now()'s clock. */
  get askedAt(): number {
    return this.#askedAt;
  }

  /** The preview was clicked and stands in for the draft's mask until that comes. */
  get taken(): boolean {
    return this.#taken;
  }

  /** The pointer is here, and a click here would begin an object. */
  move({ x, y }: Point): void {
    if (this.#taken) return;
    // A button that goes down at a place moves the pointer there, too.
    if (this.#at?.x === x && this.#at.y === y) return;
    this.#at = { x, y };
    this.#wanted = true;
    this.#latest.push({ x, y, timeMs: performance.now() });
  }

  /** The pointer is nowhere that asks for a preview. */
  leave(): void {
    if (this.#taken) return;
    this.#stop();
    this.#show(null);
  }

  /** A click: its mask is probably the preview that it hit. */
  take(at: Point): void {
    this.#stop();
    this.#taken = this.#field !== null && fieldContains(this.#field, at.x, at.y);
    if (!this.#taken) this.#show(null);
  }

  /** The draft has its own mask, or none is coming. */
  release(): void {
    if (!this.#taken) return;
    this.#taken = false;
    this.#show(null);
  }

  #stop(): void {
    if (this.#wanted && this.#latest.busy) this.#actions.cancel();
    this.#wanted = false;
    this.#at = null;
    this.#latest.drop();
  }

  async #ask({ x, y, timeMs }: Place): Promise<void> {
    const reply = await this.#actions.ask(x, y);
    if (!this.#wanted || !reply) return;
    this.#askedAt = timeMs;
    this.#show(reply.field);
  }

  #show(field: LevelField | null): void {
    if (field === this.#field) return;
    this.#field = field;
    this.#actions.onChange();
  }
}
