// Requests to the kernel, their replies, matched by client and seq, and what it tells by itself.

import { ContractError, readMessage } from "../contract/guards";
import type { Reply, Request, Update } from "../contract/protocol";

/** The part of a widget model that carries custom messages. */
export interface Channel {
  send(content: unknown): unknown;
  on(event: "msg:custom", callback: (content: unknown, buffers: DataView[]) => void): void;
  off(event: "msg:custom", callback: (content: unknown, buffers: DataView[]) => void): void;
}

/** No reply came, or the request could not even be sent. */
export interface LostReply {
  kind: "lost";
  client: string;
  seq: number;
  message: string;
}

export type Outcome = Reply | LostReply;

/** A request on its way; `outcome` always resolves and never rejects. */
export interface Ticket {
  seq: number;
  outcome: Promise<Outcome>;
}

export interface ConnectionOptions {
  /** How long a reply may take. */
  timeoutMs?: number;
  /** Asked when the time is over: is the kernel known to be at work, so that we wait again? */
  isWorking?: () => boolean;
  /** The state has changed. Told before the reply to the request that has changed it. */
  onUpdate?: (update: Update) => void;
  /** An error that belongs to no request of this client: a notice for everybody. */
  onNotice?: (message: string) => void;
  /** A message of ours was broken. */
  onBroken?: (error: ContractError) => void;
  /** Nothing can be sent any more. */
  onUnreachable?: () => void;
}

interface Waiting {
  settle: (outcome: Outcome) => void;
  timer: ReturnType<typeof setTimeout>;
}

export const REPLY_TIMEOUT_MS = 20_000;

export class Connection {
  readonly client = randomId();
  readonly #channel: Channel;
  readonly #options: ConnectionOptions;
  readonly #waiting = new Map<number, Waiting>();
  #seq = 0;

  constructor(channel: Channel, options: ConnectionOptions = {}) {
    this.#channel = channel;
    this.#options = options;
    channel.on("msg:custom", this.#receive);
  }

  /**
   * Send a request. `onOutcome` is called at once when its reply comes, before any later message is
   * read; `outcome` tells the same a little later.
   */
  request(
    request: Request,
    { timeoutMs, onOutcome }: { timeoutMs?: number; onOutcome?: (outcome: Outcome) => void } = {},
  ): Ticket {
    const seq = ++this.#seq;
    const patience = timeoutMs ?? this.#options.timeoutMs ?? REPLY_TIMEOUT_MS;
    const outcome = new Promise<Outcome>((resolve) => {
      const settle = (result: Outcome): void => {
        onOutcome?.(result);
        resolve(result);
      };
      this.#waiting.set(seq, { settle, timer: this.#startTimer(seq, patience) });
    });
    try {
      const sent = this.#channel.send({ client: this.client, seq, request });
      // Some hosts tell by a promise.
      if (sent instanceof Promise) sent.catch((error) => this.#loseUnsent(seq, error));
    } catch (error) {
      this.#loseUnsent(seq, error);
      this.#options.onUnreachable?.();
    }
    return { seq, outcome };
  }

  /** Nobody answers any more: every open request ends as lost. */
  loseAll(message: string): void {
    for (const seq of [...this.#waiting.keys()]) this.#lose(seq, message);
  }

  /** Stop listening; every open request ends as cancelled. */
  dispose(): void {
    this.#channel.off("msg:custom", this.#receive);
    for (const seq of [...this.#waiting.keys()]) {
      this.#settle(seq, { kind: "cancelled", client: this.client, seq });
    }
  }

  readonly #receive = (content: unknown, buffers: DataView[] | undefined): void => {
    let message: Update | Reply | null;
    try {
      message = readMessage(content, buffers ?? []);
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      const { client, seq } = error;
      if (client === this.client && seq !== null) this.#lose(seq, brokenText(error));
      else if (client === null) this.#options.onBroken?.(error);
      return;
    }
    if (message === null) return;
    if (message.kind === "update") {
      this.#options.onUpdate?.(message);
    } else if (message.client === this.client && message.seq !== null) {
      this.#settle(message.seq, message);
    } else if (message.client === null && message.kind === "error") {
      this.#options.onNotice?.(message.message);
    }
  };

  #settle(seq: number, outcome: Outcome): void {
    const waiting = this.#waiting.get(seq);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(seq);
    waiting.settle(outcome);
  }

  #lose(seq: number, message: string): void {
    this.#settle(seq, { kind: "lost", client: this.client, seq, message });
  }

  #loseUnsent(seq: number, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#lose(seq, `The kernel cannot be reached (${reason}).`);
  }

  #startTimer(seq: number, timeoutMs: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      const waiting = this.#waiting.get(seq);
      if (waiting && this.#options.isWorking?.()) {
        waiting.timer = this.#startTimer(seq, timeoutMs);
      } else {
        const seconds = Math.round(timeoutMs / 1000);
        this.#lose(
          seq,
          `No answer from the kernel for ${seconds} s: it may be busy with another cell, or gone. ` +
            "If it was restarted, run the cell again.",
        );
      }
    }, timeoutMs);
  }
}

export function brokenText(error: ContractError): string {
  return `A message from the kernel could not be read (${error.message}).`;
}

/** crypto.randomUUID is missing on plain http pages, where remote notebooks often live. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
