// The golden edits in tests/fixtures/edits.json, which pytest reads, too: what the browser shows at
// once is what the kernel will say.

import { describe, expect, it } from "vitest";
import golden from "../../../tests/fixtures/edits.json";
import type { Request, WireEdit } from "../../contract/protocol";
import { agree, applyEdit, isEdit, type Shown } from "../../state/optimism";
import { makeField, makeObject, makeState } from "../helpers";

interface Case {
  name: string;
  before: Shown;
  edit: WireEdit;
  after?: Shown;
  error?: string;
  unknown_to_browser?: string[];
}

/** Cases that are not about what was found leave it out. */
const cases = (golden as unknown as Case[]).map((one) => ({
  ...one,
  before: { ...one.before, found: one.before.found ?? null },
  after: one.after && { ...one.after, found: one.after.found ?? null },
}));

/** The old mask's scores stay on the screen until the new mask is there. */
const KEPT = ["draft.scores", "draft.choice"];

function without(shown: Shown, paths: readonly string[]): unknown {
  const copy = structuredClone(shown) as unknown as Record<string, unknown>;
  for (const path of paths) {
    const keys = path.split(".");
    let node = copy;
    for (const key of keys.slice(0, -1)) node = node[key] as Record<string, unknown>;
    delete node[keys.at(-1) ?? ""];
  }
  return copy;
}

describe("applyEdit", () => {
  const carriedOut = cases.filter(({ after }) => after !== undefined);
  it.each(carriedOut)("$name", ({ before, edit, after, unknown_to_browser = [] }) => {
    if (!after) throw new Error("no after");
    const frozen = structuredClone(before);
    const { shown, unknown } = applyEdit(before, edit);
    expect(without(shown, unknown_to_browser)).toEqual(without(after, unknown_to_browser));
    expect(before).toEqual(frozen);
    // A box beyond the image is cut off by who knows the image; giving it twice does no harm.
    if (edit.kind === "set_box") return;
    const told = unknown_to_browser.filter((path) => !KEPT.includes(path));
    expect([...unknown].sort()).toEqual(told.sort());
    expect(agree(shown, after, new Set(unknown))).toBe(true);
  });

  it.each(cases.filter(({ error }) => error !== undefined))("$name: is refused", (one) => {
    // What needs the image's size or the mask's pixels the browser cannot refuse: it shows the edit
    // until the kernel's answer.
    expect(() => applyEdit(one.before, one.edit)).not.toThrow();
    const isBlind = /outside the image|covers nothing|mask is empty/.test(one.error ?? "");
    if (!isBlind) expect(applyEdit(one.before, one.edit).shown).toBe(one.before);
  });

  it("every kind of edit has a case that is carried out", () => {
    const kinds: Record<WireEdit["kind"], true> = {
      add_point: true,
      move_point: true,
      remove_point: true,
      set_box: true,
      choose_mask: true,
      clear_prompts: true,
      commit: true,
      reopen_object: true,
      select_object: true,
      delete_object: true,
      relabel_object: true,
      clear_all: true,
      take_found: true,
      filter_found: true,
      drop_found: true,
      look_closer: true,
      set_label: true,
      set_classes: true,
      set_tool: true,
      undo: true,
      redo: true,
    };
    expect(new Set(carriedOut.map(({ edit }) => edit.kind))).toEqual(new Set(Object.keys(kinds)));
    for (const { edit } of cases) expect(isEdit(edit)).toBe(true);
  });

  it.each([
    { kind: "preview", x: 1, y: 1 },
    { kind: "cancel", target_seq: 1 },
    { kind: "refresh", revision: 1 },
    { kind: "report_views", count: 1 },
    { kind: "leave_page" },
    { kind: "find_everything", preset: "fine" },
    { kind: "find_text", text: "a wheel" },
    { kind: "stop_finding" },
  ] as Request[])("$kind is no edit", (request) => {
    expect(isEdit(request)).toBe(false);
  });
});

describe("the mask of what becomes an object", () => {
  const field = makeField(4, 4, () => 255);
  const { draft, controls } = makeState();
  const drafted: Shown = {
    draft: { ...draft, points: [{ x: 1, y: 1, label: 1 }], field, scores: [0.5] },
    objects: [],
    found: null,
    controls,
  };

  it.each([
    ["commit", drafted, { kind: "commit", label: null }, field],
    [
      "clearing a reopened one",
      { ...drafted, draft: { ...drafted.draft, reopened: 4 } },
      { kind: "clear_prompts" },
      field,
    ],
    ["clearing a new one", drafted, { kind: "clear_prompts" }, null],
    [
      "reopening",
      { ...drafted, draft, objects: [makeObject(4, { field })] },
      { kind: "reopen_object", id: 4 },
      field,
    ],
  ] as [string, Shown, WireEdit, unknown][])(
    "stays on the screen: %s",
    (_, shown, edit, expected) => {
      expect(applyEdit(shown, edit).shown.draft.field).toBe(expected);
    },
  );
});
