// A random session of two pages on one kernel: whatever the order in which messages arrive, both
// end with what the kernel has.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DraftState, Snapshot, Tool, Update, WireEdit } from "../../contract/protocol";
import { applyEdit, EMPTY_DRAFT, type Shown } from "../../state/optimism";
import { Store } from "../../state/store";
import { makeField, makeObject, makeState, updateTo } from "../helpers";

const EDITS = 200;
const TOOLS: readonly Tool[] = ["positive", "negative", "box", "select", "brush"];

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

interface Message {
  to: number;
  update?: Update;
  done?: number;
}

/** A stand-in that carries out edits, also what a browser cannot know, and tells both pages. */
class Kernel {
  state: Snapshot = makeState();
  readonly #past: Shown[] = [];
  readonly #future: Shown[] = [];
  #nextId = 1;

  take(edit: WireEdit): Update | null {
    const before = this.state;
    const after = this.#after(before, edit);
    const found = before.found;
    const update = updateTo(before, { draft: after.draft, objects: [...after.objects], found });
    const controls = {
      ...after.controls,
      can_undo: this.#past.length > 0,
      can_redo: this.#future.length > 0,
    };
    this.state = { ...before, ...after, objects: [...after.objects], controls, found };
    this.state.revision = update.revision;
    return { ...update, found: null, controls };
  }

  #after(now: Shown, edit: WireEdit): Shown {
    if (edit.kind === "undo" || edit.kind === "redo") {
      const [from, to] =
        edit.kind === "undo" ? [this.#past, this.#future] : [this.#future, this.#past];
      const other = from.pop();
      if (!other) return now;
      to.push(now);
      return { ...other, controls: { ...now.controls, selected: null, selection: [] } };
    }
    const known = applyEdit(now, edit).shown;
    if (known.controls.can_undo && known !== now && !edit.kind.startsWith("set_t")) {
      this.#past.push(now);
      this.#future.length = 0;
    }
    if (edit.kind === "commit" && now.draft.field) return this.#committed(now, known);
    return { ...known, draft: predicted(known.draft) };
  }

  #committed(now: Shown, known: Shown): Shown {
    const made = makeObject(this.#nextId++, { label: now.controls.label, field: now.draft.field });
    return { ...known, draft: EMPTY_DRAFT, objects: [...known.objects, made] };
  }
}

function predicted(draft: DraftState): DraftState {
  const hasPrompts = draft.points.length > 0 || draft.box_xyxy !== null;
  if (!hasPrompts || draft.field) return draft;
  return { ...draft, field: makeField(4, 4, () => 255), scores: [0.9] };
}

function randomEdit(random: () => number, { draft, objects, controls }: Shown): WireEdit {
  const whole = (below: number): number => Math.floor(random() * below);
  const id = objects[whole(objects.length)]?.id ?? 1;
  const kinds: (() => WireEdit)[] = [
    () => ({ kind: "add_point", x: whole(400), y: whole(300), label: random() < 0.7 ? 1 : 0 }),
    () => ({ kind: "add_point", x: whole(400), y: whole(300), label: 1 }),
    () => ({ kind: "set_box", box_xyxy: [whole(100), whole(100), 200 + whole(99), 290] }),
    () => ({ kind: "move_point", index: whole(draft.points.length + 1), x: whole(400), y: 7 }),
    () => ({ kind: "remove_point", index: whole(draft.points.length + 1) }),
    () => ({ kind: "clear_prompts" }),
    () => ({ kind: "commit", label: null }),
    () => ({ kind: "commit", label: null }),
    () => ({ kind: "select_object", id: random() < 0.2 ? null : id }),
    () => ({ kind: "delete_object", id }),
    () => ({ kind: "relabel_object", id, label: `class ${whole(3)}` }),
    () => ({ kind: "hide_objects", ids: [id], hidden: random() < 0.5 }),
    () => ({ kind: "lock_objects", ids: [id], locked: random() < 0.5 }),
    () => ({ kind: "set_label", label: `class ${whole(3)}` }),
    () => ({ kind: "add_class", name: `class ${controls.classes.length}`, color: "" }),
    () => ({ kind: "set_tool", tool: TOOLS[whole(TOOLS.length)] ?? "box" }),
    () => ({ kind: "undo" }),
    () => ({ kind: "redo" }),
  ];
  return (kinds[whole(kinds.length)] ?? kinds[0])?.() ?? { kind: "undo" };
}

/** Play a session; gives both pages and the kernel when everything has arrived. */
function play(seed: number) {
  const random = randomNumbers(seed);
  const kernel = new Kernel();
  const pages = [new Store(kernel.state), new Store(kernel.state)];
  const toKernel: { from: number; seq: number; edit: WireEdit }[] = [];
  const toPages: Message[][] = [[], []];
  let sent = 0;
  const isOpen = (): boolean =>
    sent < EDITS || toKernel.length > 0 || toPages.some((queue) => queue.length > 0);
  while (isOpen()) {
    const step = random();
    const at = random() < 0.5 ? 0 : 1;
    if (step < 0.35 && sent < EDITS) {
      const page = pages[at] as Store;
      const edit = randomEdit(random, page.shown);
      const seq = ++sent;
      page.begin(seq, edit);
      toKernel.push({ from: at, seq, edit });
    } else if (step < 0.6) {
      const message = toKernel.shift();
      if (!message) continue;
      const update = kernel.take(message.edit);
      for (const to of [0, 1]) if (update) toPages[to]?.push({ to, update });
      toPages[message.from]?.push({ to: message.from, done: message.seq });
    } else {
      const message = toPages[at]?.shift();
      if (message?.update) pages[at]?.receive(message.update);
      if (message?.done) pages[at]?.end(message.done, { kind: "done" });
    }
  }
  return { pages, kernel };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("two pages on one kernel", () => {
  it.each(Array.from({ length: 25 }, (_, seed) => seed))(
    "are equal after a random session of 200 edits, seed %i",
    (seed) => {
      const { pages, kernel } = play(seed);
      const { draft, objects, controls } = kernel.state;
      expect(kernel.state.revision).toBeGreaterThan(EDITS / 2);
      for (const page of pages) {
        expect(page.waiting).toBe(false);
        expect(page.isStale).toBe(false);
        expect(page.shown.draft).toEqual(draft);
        expect(page.shown.objects).toEqual(objects);
        expect(page.shown.controls).toEqual(controls);
        page.dispose();
      }
    },
  );
});
