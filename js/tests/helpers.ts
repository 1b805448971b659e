// What the tests share: level fields from a formula, and a widget model without a host.

import type {
  ExtentXYWH,
  LevelField,
  ObjectState,
  Request,
  SyncedState,
} from "../contract/protocol";
import type { HostModel } from "../state/model";
import { EMPTY_DRAFT } from "../state/optimism";

/** A field whose level at the centre of cell (column, row) is `level(column, row)`, 0 to 255. */
export function makeField(
  width: number,
  height: number,
  level: (column: number, row: number) => number,
  extent_xywh: ExtentXYWH = [0, 0, width, height],
  stride = width,
): LevelField {
  const bytes = new Uint8Array(stride * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      bytes[row * stride + column] = Math.round(Math.min(Math.max(level(column, row), 0), 255));
    }
  }
  return { width, height, stride, extent_xywh, data: new DataView(bytes.buffer) };
}

export function makeObject(id: number, changes: Partial<ObjectState> = {}): ObjectState {
  return {
    id,
    label: "",
    color: "#336699",
    score: 0.9,
    area: 100,
    box_xyxy: [0, 0, 10, 10],
    field: makeField(4, 4, () => 255),
    ...changes,
  };
}

export function makeState(changes: Partial<SyncedState> = {}): SyncedState {
  return {
    _image: { data: new DataView(new ArrayBuffer(4)), mime: "image/png", width: 400, height: 300 },
    _status: { phase: "ready", message: "ready", progress: null },
    _draft: EMPTY_DRAFT,
    _objects: [],
    _controls: {
      tool: "positive",
      label: "",
      classes: [],
      selected: null,
      draft_color: "#cc3344",
      can_undo: false,
      can_redo: false,
      model: "nano",
    },
    ...changes,
  };
}

interface SentMessage {
  client: string;
  seq: number;
  request: Request;
}

type Handler = (...args: never[]) => void;

/** Traits, messages and events of a widget model; the test plays the kernel. */
export class FakeModel implements HostModel {
  readonly sent: SentMessage[] = [];
  readonly traits: Record<string, unknown>;
  readonly handlers = new Map<string, Set<Handler>>();
  widget_manager = { get_model: (_id: string): Promise<unknown> => Promise.reject(new Error()) };

  constructor(state: Partial<SyncedState> = {}, more: Record<string, unknown> = {}) {
    this.traits = { ...makeState(state), overlay: null, ...more };
  }

  get(name: string): unknown {
    return this.traits[name];
  }

  send(content: unknown): void {
    this.sent.push(content as SentMessage);
  }

  on(event: string, callback: Handler): void {
    const callbacks = this.handlers.get(event) ?? new Set();
    this.handlers.set(event, callbacks.add(callback));
  }

  off(event: string, callback: Handler): void {
    this.handlers.get(event)?.delete(callback);
  }

  get handlerCount(): number {
    return [...this.handlers.values()].reduce((count, callbacks) => count + callbacks.size, 0);
  }

  /** The kernel writes a trait. */
  set<K extends keyof SyncedState>(name: K, value: SyncedState[K]): void;
  set(name: string, value: unknown): void {
    this.traits[name] = value;
    this.trigger(`change:${name}`);
  }

  trigger(event: string, ...args: unknown[]): void {
    for (const callback of [...(this.handlers.get(event) ?? [])]) {
      (callback as (...args: unknown[]) => void)(...args);
    }
  }

  /** The kernel answers the newest request, or the one given. */
  reply(
    fields: Record<string, unknown>,
    message = this.lastSent(),
    buffers: DataView[] = [],
  ): void {
    const { client, seq } = message;
    this.trigger("msg:custom", { client, seq, ...fields }, buffers);
  }

  lastSent(): SentMessage {
    const message = this.sent.at(-1);
    if (!message) throw new Error("nothing was sent");
    return message;
  }

  /** The newest request of a kind. */
  request(kind: Request["kind"]): SentMessage {
    const found = this.sent.filter((message) => message.request.kind === kind).at(-1);
    if (!found) throw new Error(`no ${kind} was sent`);
    return found;
  }
}
