// What the tests share: level fields from a formula, and a widget model without a host.

import type {
  ChannelsReply,
  ExtentXYWH,
  FoundMask,
  FoundState,
  LevelField,
  ObjectState,
  Request,
  Snapshot,
  Update,
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
    hidden: false,
    locked: false,
    rings: null,
    ...changes,
  };
}

/** A found mask that fills its box; its area is the box's unless told otherwise. */
export function makeFoundMask(
  id: number,
  [x1, y1, x2, y2]: [number, number, number, number],
  changes: Partial<FoundMask> = {},
): FoundMask {
  return {
    id,
    color: "#336699",
    score: 0.9,
    stability_score: 0.9,
    area: (x2 - x1) * (y2 - y1),
    field: makeField(4, 4, () => 255, [x1, y1, x2 - x1, y2 - y1]),
    label: "",
    detection_score: null,
    ...changes,
  };
}

/** A search that is over and shows these masks. */
export function makeFound(masks: FoundMask[], changes: Partial<FoundState> = {}): FoundState {
  return {
    search: 1,
    progress: null,
    pred_iou_thresh: 0.75,
    stability_score_thresh: 0.8,
    least_pred_iou_thresh: 0.65,
    least_stability_score_thresh: 0.7,
    shown: masks.map(({ id }) => id),
    masks,
    text: [],
    detection_score_thresh: 0,
    least_detection_score_thresh: 0,
    ...changes,
  };
}

export function makeState(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    revision: 7,
    image: {
      data: new DataView(new ArrayBuffer(4)),
      mime: "image/png",
      width: 400,
      height: 300,
      view_xyxy: null,
    },
    status: { phase: "ready", message: "ready", progress: null, device: "" },
    draft: EMPTY_DRAFT,
    objects: [],
    found: null,
    controls: {
      tool: "positive",
      label: "",
      classes: [],
      selected: null,
      draft_color: "#cc3344",
      can_undo: false,
      can_redo: false,
      model: "nano",
      region_xyxy: null,
      selection: [],
      class_colors: [],
      kept: null,
      exclusive: false,
    },
    images: null,
    ...changes,
  };
}

/** An update with nothing new in it but the changes. */
export function makeUpdate(revision: number, changes: Partial<Update> = {}): Update {
  return {
    kind: "update",
    revision,
    after: revision - 1,
    image: null,
    status: null,
    draft: null,
    objects: null,
    found: null,
    controls: null,
    images: null,
    ...changes,
  };
}

/** What a kernel tells after a change of its state. */
export function updateTo(before: Snapshot, changes: Partial<Omit<Snapshot, "revision">>): Update {
  const { image, status, draft, objects, found, controls, images } = changes;
  const parts: Partial<Update> = {};
  if (image !== undefined) parts.image = { image };
  if (status) parts.status = status;
  if (draft) parts.draft = draft;
  if (controls) parts.controls = controls;
  if (found !== undefined) parts.found = { found };
  if (images !== undefined) parts.images = { images };
  if (objects) {
    const changed = objects.filter((object) => !before.objects.includes(object));
    parts.objects = { order: objects.map(({ id }) => id), changed };
  }
  return makeUpdate(before.revision + 1, parts);
}

interface SentMessage {
  client: string;
  seq: number;
  request: Request;
}

type Handler = (...args: never[]) => void;

/** What a kernel tells of the channels of a 16-bit image with four bands. */
export function makeChannels(changes: Partial<ChannelsReply> = {}): Record<string, unknown> {
  return {
    kind: "channels",
    dtype: "uint16",
    shown: [0, 1, 2],
    shown_black: 100,
    shown_white: 3000,
    lowest: [0, 0, 0, 10],
    highest: [4000, 4000, 4000, 60_000],
    black: [100, 110, 120, 200],
    white: [3000, 2900, 2800, 50_000],
    ...changes,
  };
}

/** Traits, messages and events of a widget model; the test plays the kernel. */
export class FakeModel implements HostModel {
  /** Everything that was sent. */
  readonly all: SentMessage[] = [];
  readonly traits: Record<string, unknown>;
  readonly handlers = new Map<string, Set<Handler>>();
  widget_manager = { get_model: (_id: string): Promise<unknown> => Promise.reject(new Error()) };

  /** What the kernel holds. */
  state: Snapshot;

  constructor(state: Partial<Snapshot> = {}, more: Record<string, unknown> = {}) {
    this.state = makeState(state);
    this.traits = { _state: this.state, overlay: null, ...more };
  }

  get(name: string): unknown {
    return this.traits[name];
  }

  set(name: string, value: unknown): void {
    this.traits[name] = value;
    this.trigger(`change:${name}`);
  }

  send(content: unknown): unknown {
    this.all.push(content as SentMessage);
    return undefined;
  }

  /** What was sent, but for the messages that every mounted view sends. */
  get sent(): SentMessage[] {
    const isOfView = new Set(["refresh", "report_views", "read_patch", "fetch_thumbnail"]);
    return this.all.filter(({ request }) => !isOfView.has(request.kind));
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

  /** The kernel's state changes, and it tells so. */
  tell(changes: Partial<Omit<Snapshot, "revision">>): void {
    const update = updateTo(this.state, changes);
    this.state = { ...this.state, ...changes, revision: update.revision };
    this.trigger("msg:custom", update, []);
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
    const found = this.all.filter((message) => message.request.kind === kind).at(-1);
    if (!found) throw new Error(`no ${kind} was sent`);
    return found;
  }
}
