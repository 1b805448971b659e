// Requests to the kernel and their replies, matched by client and seq. One connection per model.

import type { ErrorReply, Reply, Request } from "../contract/protocol";

/** The part of a widget model that carries custom messages. */
export interface Channel {
  send(content: unknown): void;
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
  /** An error that belongs to no request of this client: a notice for everybody. */
  onNotice?: (notice: ErrorReply) => void;
}

interface Waiting {
  resolve: (outcome: Outcome) => void;
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

  request(request: Request, timeoutMs?: number): Ticket {
    const seq = ++this.#seq;
    const patience = timeoutMs ?? this.#options.timeoutMs ?? REPLY_TIMEOUT_MS;
    const outcome = new Promise<Outcome>((resolve) => {
      this.#waiting.set(seq, { resolve, timer: this.#startTimer(seq, patience) });
    });
    try {
      this.#channel.send({ client: this.client, seq, request });
    } catch (error) {
      this.#lose(seq, `The kernel cannot be reached (${errorText(error)}).`);
    }
    return { seq, outcome };
  }

  /** Stop listening; every open request ends as cancelled. */
  dispose(): void {
    this.#channel.off("msg:custom", this.#receive);
    for (const seq of [...this.#waiting.keys()]) {
      this.#settle(seq, { kind: "cancelled", client: this.client, seq });
    }
  }

  readonly #receive = (content: unknown, buffers: DataView[]): void => {
    const reply = parseReply(content, buffers);
    if (!reply) return;
    if (reply.client === this.client && reply.seq !== null) {
      this.#settle(reply.seq, reply);
    } else if (reply.client === null && reply.kind === "error") {
      this.#options.onNotice?.(reply);
    }
  };

  #settle(seq: number, outcome: Outcome): void {
    const waiting = this.#waiting.get(seq);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(seq);
    waiting.resolve(outcome);
  }

  #lose(seq: number, message: string): void {
    this.#settle(seq, { kind: "lost", client: this.client, seq, message });
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
          `No answer from the kernel for ${seconds} s: it may be busy with another cell, or gone.`,
        );
      }
    }, timeoutMs);
  }
}

/**
 * Read a reply off a custom message and put the buffers at their places.
 *
 * Null for a message that is none of ours (other parts of the host use custom messages too) or
 * whose fields are not those of its kind.
 */
export function parseReply(content: unknown, buffers: readonly DataView[]): Reply | null {
  if (!isRecord(content)) return null;
  const reply = withBuffers(content, buffers);
  if (!reply || !isAddress(reply)) return null;
  const { kind, client, seq } = reply;
  const addressed = typeof client === "string" && typeof seq === "number";
  switch (kind) {
    case "done":
    case "cancelled":
      return addressed ? { kind, client, seq } : null;
    case "error":
      return typeof reply.message === "string"
        ? { kind, client, seq, message: reply.message }
        : null;
    case "preview": {
      const { score, field } = reply;
      if (!addressed || typeof score !== "number" || !isField(field)) return null;
      return { kind, client, seq, score, field };
    }
    default:
      kind satisfies never;
      return null;
  }
}

type Fields = Record<string, unknown>;
type Addressed = Fields & { kind: Reply["kind"]; client: string | null; seq: number | null };

// A record, not a list: tsc asks for a new kind here as soon as the contract has one.
const KINDS: Record<Reply["kind"], true> = {
  done: true,
  preview: true,
  error: true,
  cancelled: true,
};

function isAddress(fields: Fields): fields is Addressed {
  const { kind, client, seq } = fields;
  return (
    typeof kind === "string" &&
    Object.hasOwn(KINDS, kind) &&
    (client === null || typeof client === "string") &&
    (seq === null || Number.isInteger(seq))
  );
}

function isField(value: unknown): value is import("../contract/protocol").LevelField {
  return (
    isRecord(value) &&
    typeof value.width === "number" &&
    typeof value.height === "number" &&
    typeof value.stride === "number" &&
    Array.isArray(value.extent_xywh) &&
    value.extent_xywh.length === 4 &&
    value.data instanceof DataView
  );
}

/** A copy of the content with `buffers[i]` at `buffer_paths[i]`; null when a place is missing. */
function withBuffers(content: Fields, buffers: readonly DataView[]): Fields | null {
  const { buffer_paths: paths, ...rest } = content;
  if (paths === undefined) return rest;
  if (!Array.isArray(paths) || paths.length !== buffers.length) return null;
  const filled = structuredClone(rest);
  for (const [index, path] of paths.entries()) {
    let node: unknown = filled;
    if (!Array.isArray(path) || path.length === 0) return null;
    for (const key of path.slice(0, -1)) node = isRecord(node) ? node[key] : undefined;
    if (!isRecord(node)) return null;
    node[path.at(-1)] = buffers[index];
  }
  return filled;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** crypto.randomUUID is missing on plain http pages, where remote notebooks often live. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
