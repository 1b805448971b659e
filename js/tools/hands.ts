// What stands between a view's events and its tools: a finger that rests, and the cursor of the keys.

import { clampToImage, type Point, panBy, toImage, toView, type Viewport } from "../frame/viewport";
import type { OverlayEvent } from "../host/overlay";
import type { InputHandler } from "./input";
import type { PointerInput } from "./types";

/** What a key asks of the cursor. */
export type CursorCommand =
  /** By css pixels. */
  | { do: "move_cursor"; dx: number; dy: number }
  /** A click at the cursor, with `opposite` that of the right button; held until the next one. */
  | { do: "press_cursor"; opposite: boolean; hold: boolean };

export interface Hand extends InputHandler {
  /** A finger or pen has rested where it pressed. */
  longPress(input: PointerInput): void;
}

export interface Sight {
  viewport: Viewport;
  requestPaint(): void;
}

/** Others who want to know what a real pointer does, in pixels of the image. */
export type Watcher = (event: OverlayEvent, at: Point) => void;

const LONG_PRESS_MS = 500;
/** A pointer that has moved less than that does not take over from the keys. */
const STILL_PX = 2;
/** The pointer that keys move. */
const KEY_POINTER = -2;
/** The cursor of the keys stays so far from the edge of what is seen. */
const MARGIN_PX = 24;

/** Passes a view's input on, and adds what comes from keys and from time. */
export class Hands implements InputHandler {
  readonly #hand: Hand;
  readonly #sight: Sight;
  readonly #watcher: Watcher;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Where the keys' cursor is on the image, null while it is not shown. */
  #cursor: Point | null = null;
  #isHeld = false;
  /** Where the pointer was last: there the cursor begins. */
  #last: Point | null = null;

  constructor(hand: Hand, sight: Sight, watcher: Watcher, signal: AbortSignal) {
    this.#hand = hand;
    this.#watcher = watcher;
    this.#sight = sight;
    signal.addEventListener("abort", () => this.#stopTimer());
  }

  /** Where the keys' cursor is on the image, and whether it holds something. */
  get cursor(): { readonly at: Point; readonly isHeld: boolean } | null {
    return this.#cursor && { at: this.#cursor, isHeld: this.#isHeld };
  }

  run(command: CursorCommand): void {
    if (command.do === "move_cursor") this.#move(command.dx, command.dy);
    else this.#press(command.opposite, command.hold);
  }

  /** Give up what the cursor holds; gives the pointer that it is, null when it holds nothing. */
  letGo(): number | null {
    if (!this.#isHeld) return null;
    this.#isHeld = false;
    return KEY_POINTER;
  }

  // ------------------------------------------------------------------------------- the pointer's

  pointerDown(input: PointerInput, event: PointerEvent | null): void {
    this.#takeOver();
    this.#stopTimer();
    if (input.device !== "mouse" && input.button === 0) {
      this.#timer = setTimeout(() => this.#hand.longPress(input), LONG_PRESS_MS);
    }
    this.#hand.pointerDown(input, event);
    this.#tell("mouse_down", input);
  }

  pointerMove(input: PointerInput): void {
    const last = this.#last;
    const isStill = last && Math.hypot(input.x - last.x, input.y - last.y) < STILL_PX;
    // A browser tells of moves, too, when it is the page below the pointer that has moved.
    if (this.#cursor && isStill) return;
    this.#last = input;
    this.#takeOver();
    this.#hand.pointerMove(input);
    this.#tell("mouse_move", input);
  }

  pointerUp(input: PointerInput, event: Pick<PointerEvent, "timeStamp">): void {
    this.#stopTimer();
    this.#hand.pointerUp(input, event);
    this.#tell("mouse_up", input);
  }

  pointerCancel(id: number): void {
    this.#stopTimer();
    this.#hand.pointerCancel(id);
  }

  pointerLeave(): void {
    if (this.#last) this.#tell("mouse_out", this.#last);
    this.#last = null;
    if (!this.#cursor) this.#hand.pointerLeave();
  }

  doubleClick(input: PointerInput): void {
    this.#hand.doubleClick(input);
  }

  wheel(input: Parameters<InputHandler["wheel"]>[0]): boolean {
    return this.#hand.wheel(input);
  }

  key(input: Parameters<InputHandler["key"]>[0]): boolean {
    return this.#hand.key(input);
  }

  keyUp(key: string | null): void {
    this.#hand.keyUp(key);
  }

  space(held: boolean): void {
    this.#hand.space(held);
  }

  // ---------------------------------------------------------------------------------- the keys'

  #move(dx: number, dy: number): void {
    const { viewport } = this.#sight;
    if (!this.#cursor) {
      // The first key shows where it is.
      const { viewWidth, viewHeight } = viewport;
      const start = this.#last ?? { x: viewWidth / 2, y: viewHeight / 2 };
      this.#cursor = clampToImage(viewport, toImage(viewport, start));
    } else {
      this.#cursor = movedCursor(viewport, this.#cursor, dx, dy);
    }
    const shown = revealed(viewport, this.#cursor);
    if (shown !== viewport) this.#sight.viewport = shown;
    this.#hand.pointerMove(this.#input(-1, false));
    this.#sight.requestPaint();
  }

  #press(opposite: boolean, hold: boolean): void {
    if (!this.#cursor) this.#move(0, 0);
    const button = opposite ? 2 : 0;
    if (!this.#isHeld) this.#hand.pointerDown(this.#input(button, opposite), null);
    const isDown = hold && !this.#isHeld;
    if (!isDown) this.#hand.pointerUp(this.#input(button, opposite), now());
    this.#isHeld = isDown;
    this.#sight.requestPaint();
  }

  /** Another pointer is at work. */
  #takeOver(): void {
    if (!this.#cursor) return;
    if (this.letGo() !== null) this.#hand.pointerCancel(KEY_POINTER);
    this.#cursor = null;
    this.#sight.requestPaint();
  }

  #input(button: number, alt: boolean): PointerInput {
    const at = toView(this.#sight.viewport, this.#cursor ?? { x: 0, y: 0 });
    const none = { ctrl: false, shift: false };
    return { ...at, ...none, id: KEY_POINTER, device: "mouse", button, alt };
  }

  #tell(event: OverlayEvent, input: Point): void {
    this.#watcher(event, toImage(this.#sight.viewport, input));
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** The cursor so many css pixels further, on the image. */
export function movedCursor(viewport: Viewport, at: Point, dx: number, dy: number): Point {
  const { scale } = viewport;
  return clampToImage(viewport, { x: at.x + dx / scale, y: at.y + dy / scale });
}

/** The same viewport if the image point is well in sight, else one that was moved as little as need be. */
export function revealed(viewport: Viewport, at: Point): Viewport {
  const place = toView(viewport, at);
  const dx = shift(place.x, viewport.viewWidth);
  const dy = shift(place.y, viewport.viewHeight);
  if (dx === 0 && dy === 0) return viewport;
  const moved = panBy(viewport, dx, dy);
  return moved.x === viewport.x && moved.y === viewport.y ? viewport : moved;
}

function shift(place: number, room: number): number {
  const margin = Math.min(MARGIN_PX, room / 4);
  if (place < margin) return margin - place;
  if (place > room - margin) return room - margin - place;
  return 0;
}

function now(): { timeStamp: number } {
  return { timeStamp: performance.now() };
}
