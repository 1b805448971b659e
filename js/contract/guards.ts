// What comes from the kernel is checked here, at the door; the schema is generated with the types.

import { MESSAGES, type Reply, SHAPES, type Snapshot, type Update } from "./protocol";

/** A message that is ours and does not keep to the contract; the text names the field. */
export class ContractError extends Error {
  /** Whose message it was, as far as it can be read. */
  readonly client: string | null;
  readonly seq: number | null;

  constructor(message: string, content: Fields = {}) {
    super(message);
    this.client = typeof content.client === "string" ? content.client : null;
    this.seq = typeof content.seq === "number" ? content.seq : null;
  }
}

/**
 * Read a custom message and put its buffers at their places.
 *
 * Null for a message that is none of ours: other parts of a host use custom messages, too.
 * ContractError for one that is ours by its kind and broken.
 */
export function readMessage(content: unknown, buffers: readonly DataView[]): Update | Reply | null {
  if (!isRecord(content)) return null;
  const { kind } = content;
  if (typeof kind !== "string" || !Object.hasOwn(MESSAGES, kind)) return null;
  const name = MESSAGES[kind as keyof typeof MESSAGES];
  try {
    const message = withBuffers(content, buffers, kind);
    checkFields(SHAPES[name], message, kind);
    return message as unknown as Update | Reply;
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    throw new ContractError(error.message, content);
  }
}

/** Read the synced trait; null when there is none yet. */
export function readSnapshot(value: unknown): Snapshot | null {
  if (!isRecord(value) || Object.keys(value).length === 0) return null;
  checkFields(SHAPES.Snapshot, value, "_state");
  return value as unknown as Snapshot;
}

type Fields = Record<string, unknown>;
type Scalar = "integer" | "number" | "string" | "boolean" | "binary";
type Shape =
  | Scalar
  | { readonly nullable: Shape }
  | { readonly list: Shape }
  | { readonly tuple: readonly Shape[] }
  | { readonly one_of: readonly unknown[] }
  | { readonly fields_of: keyof typeof SHAPES };

const SCALARS: Record<Scalar, [expected: string, test: (value: unknown) => boolean]> = {
  integer: ["an integer", Number.isInteger],
  number: ["a number", Number.isFinite],
  string: ["a string", (value) => typeof value === "string"],
  boolean: ["true or false", (value) => typeof value === "boolean"],
  binary: ["binary data", (value) => ArrayBuffer.isView(value)],
};

function checkFields(shapes: Readonly<Record<string, Shape>>, value: unknown, path: string): void {
  if (!isRecord(value)) throw mismatch(path, "an object", value);
  for (const [name, shape] of Object.entries(shapes)) {
    if (!Object.hasOwn(value, name)) throw new ContractError(`${path}.${name}: missing`);
    check(shape, value[name], `${path}.${name}`);
  }
}

function check(shape: Shape, value: unknown, path: string): void {
  if (typeof shape === "string") {
    const [expected, test] = SCALARS[shape];
    if (!test(value)) throw mismatch(path, expected, value);
  } else if ("nullable" in shape) {
    if (value !== null) check(shape.nullable, value, path);
  } else if ("one_of" in shape) {
    if (!shape.one_of.includes(value)) {
      throw mismatch(path, `one of ${shape.one_of.map(quoted).join(", ")}`, value);
    }
  } else if ("list" in shape) {
    if (!Array.isArray(value)) throw mismatch(path, "a list", value);
    for (const [index, item] of value.entries()) check(shape.list, item, `${path}[${index}]`);
  } else if ("tuple" in shape) {
    const { tuple } = shape;
    if (!Array.isArray(value) || value.length !== tuple.length) {
      throw mismatch(path, `${tuple.length} items`, value);
    }
    for (const [index, item] of tuple.entries()) check(item, value[index], `${path}[${index}]`);
  } else {
    checkFields(SHAPES[shape.fields_of], value, path);
  }
}

/** A copy of the content with `buffers[i]` at `buffer_paths[i]`. */
function withBuffers(content: Fields, buffers: readonly DataView[], path: string): Fields {
  const { buffer_paths: places, ...rest } = content;
  if (places === undefined) return rest;
  if (!Array.isArray(places) || places.length !== buffers.length) {
    throw mismatch(`${path}.buffer_paths`, `${buffers.length} places`, places);
  }
  const filled = structuredClone(rest);
  for (const [index, place] of places.entries()) {
    let node: unknown = Array.isArray(place) && place.length > 0 ? filled : null;
    for (const key of isRecord(node) ? place.slice(0, -1) : []) {
      node = isRecord(node) && Object.hasOwn(node, key) ? node[key] : null;
    }
    if (!isRecord(node)) throw mismatch(`${path}.buffer_paths`, "a place that is there", place);
    node[place.at(-1)] = buffers[index];
  }
  return filled;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function mismatch(path: string, expected: string, value: unknown): ContractError {
  return new ContractError(`${path}: expected ${expected}, got ${quoted(value)}`);
}

function quoted(value: unknown): string {
  const text = typeof value === "string" ? `'${value}'` : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
