// The golden messages in tests/fixtures/messages, which pytest reads, too: the two halves of the
// contract are each tested against the same bytes.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import goldenReplies from "../../../tests/fixtures/messages/replies.json";
import goldenRequests from "../../../tests/fixtures/messages/requests.json";
import goldenStates from "../../../tests/fixtures/messages/state.json";
import goldenUpdates from "../../../tests/fixtures/messages/updates.json";
import { readMessage, readSnapshot } from "../../contract/guards";
import type { Reply, Request, Snapshot } from "../../contract/protocol";
import { fieldBytes } from "../../frame/field";
import { REST_MS } from "../../state/closer_look";
import { EMPTY_DRAFT } from "../../state/optimism";
import { valueIn } from "../../state/pixelvalues";
import {
  FakeModel,
  makeChannels,
  makeField,
  makeFound,
  makeFoundMask,
  makeObject,
  makeState,
} from "../helpers";
import { frame, openWidget, preparePage } from "../page";

function buffersOf(entry: { buffers_base64: string[] }): DataView[] {
  return entry.buffers_base64.map((text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new DataView(bytes.buffer);
  });
}

/** The trait with each buffer in its place, as a host hands it over. */
function filled(entry: (typeof goldenStates)[number]): Snapshot {
  const { buffer_paths: paths = [], ...content } = structuredClone(entry.content);
  for (const [index, buffer] of buffersOf(entry).entries()) {
    const path = paths[index] ?? [];
    let node: unknown = content;
    for (const key of path.slice(0, -1)) node = (node as Record<string, unknown>)[key];
    (node as Record<string, unknown>)[String(path.at(-1))] = buffer;
  }
  return (content as unknown as { _state: Snapshot })._state;
}

/** The content with something binary wherever a buffer belongs. */
function withViews(content: unknown, entry: object): unknown {
  const copy = structuredClone(content);
  for (const path of (entry as { content: { buffer_paths?: string[][] } }).content.buffer_paths ??
    []) {
    let node = copy as Record<string, unknown>;
    for (const key of path.slice(0, -1)) node = node[key] as Record<string, unknown>;
    node[String(path.at(-1))] = new DataView(new ArrayBuffer(0));
  }
  return copy;
}

/** Field names with the types that may stand there, to compare messages by their shape. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (value === null || typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, shape(child)]));
}

beforeEach(preparePage);
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("replies", () => {
  it.each(goldenReplies)("$name is understood", (entry) => {
    const reply = readMessage(entry.content, buffersOf(entry));
    const { buffer_paths: _, ...content } = entry.content as Record<string, unknown>;
    if (reply?.kind === "thumbnail") {
      const { data, ...rest } = reply;
      expect({ ...rest, data: null }).toEqual(content);
      expect(data.byteLength).toBe(4);
      return;
    }
    if (reply?.kind !== "preview") {
      expect(shape(reply)).toEqual(shape(withViews(content, entry)));
      expect(reply).toMatchObject({ ...content, ...("data" in content && { data: {} }) });
      return;
    }
    const { field, ...rest } = reply;
    const { data, ...size } = field;
    expect({ ...rest, field: { ...size, data: null } }).toEqual(content);
    expect([...fieldBytes({ ...size, data })]).toEqual([0, 127, 128, 0, 64, 255, 191, 0]);
  });

  it("a patch holds the values as they were read", () => {
    const entry = goldenReplies.find(({ name }) => name === "patch");
    const patch = entry && readMessage(entry.content, buffersOf(entry));
    if (patch?.kind !== "patch") throw new Error("no patch");
    expect(valueIn(patch, 8, 0)).toEqual({ values: [103, 3990], isWhole: true });
    expect(valueIn(patch, 9, 0)).toEqual({ values: [0, 65535], isWhole: true });
    expect(valueIn(patch, 10, 0)).toBeNull();
    expect(valueIn(patch, 8, 1)).toBeNull();
  });

  it("are all there", () => {
    const kinds: Record<Reply["kind"], true> = {
      done: true,
      preview: true,
      error: true,
      cancelled: true,
      patch: true,
      channels: true,
      picture: true,
      thumbnail: true,
    };
    expect(new Set(goldenReplies.map((entry) => entry.content.kind))).toEqual(
      new Set(Object.keys(kinds)),
    );
  });
});

describe("updates", () => {
  it.each(goldenUpdates)("$name is understood", (entry) => {
    const { buffer_paths: _, ...content } = entry.content as Record<string, unknown>;
    const update = readMessage(entry.content, buffersOf(entry));
    expect(shape(update)).toEqual(shape(withViews(content, entry)));
  });

  it("lead from one revision to the next", async () => {
    const first = goldenUpdates.find(({ name }) => name === "everything");
    if (!first) throw new Error("no update with everything");
    const model = new FakeModel();
    const { page } = await openWidget(model);
    model.trigger("msg:custom", first.content, buffersOf(first));
    await frame();
    expect(page.root.dataset).toMatchObject({ objects: "2", points: "2" });
    expect(page.find("object-1").textContent).toContain("cup");
  });
});

describe("states", () => {
  it.each(goldenStates)("$name is shown", async (entry) => {
    const state = filled(entry);
    expect(readSnapshot(state)).toBe(state);
    const { page } = await openWidget(new FakeModel(state));
    const { draft, objects, status, controls } = state;
    expect(page.root.dataset).toMatchObject({
      phase: status.phase,
      objects: String(objects.length),
      points: String(draft.points.length),
    });
    expect(page.find(`tool-${controls.tool}`).getAttribute("aria-pressed")).toBe("true");
    expect(page.find("error").textContent).toBe(status.phase === "error" ? status.message : "");
    for (const { id, label } of objects) {
      expect(page.find(`object-${id}`).textContent).toContain(label);
    }
  });
});

describe("requests", () => {
  const golden = goldenRequests.filter((entry) => entry.valid);

  it("that the page sends have the shape of the golden ones, all kinds of them", async () => {
    const parts = [await useEverything(), await paintEverything(), await zoomIntoALargeImage()];
    const sent = parts.flat();
    const shapes = new Map<string, unknown[]>();
    for (const { content } of golden) {
      const { request } = content as { request: Request };
      shapes.set(request.kind, [...(shapes.get(request.kind) ?? []), shape(content)]);
    }
    for (const message of sent) {
      expect(shapes.get(message.request.kind)).toContainEqual(shape(message));
    }
    // Only Python code sets classes, clears everything and says what the model sees.
    const byCode = ["set_classes", "clear_all", "look_closer"];
    expect(new Set([...sent.map((message) => message.request.kind), ...byCode])).toEqual(
      new Set(shapes.keys()),
    );
  }, 20_000); // a busy machine is no failure
});

/** Work through the whole interface once; gives all that was sent. */
async function useEverything(): Promise<FakeModel["all"]> {
  const point = { x: 100, y: 100, label: 1 } as const;
  const field = makeField(4, 4, () => 255, [0, 0, 400, 300]);
  const controls = { ...makeState().controls, can_undo: true, can_redo: true };
  const images = { generation: 1, index: 0, count: 3, is_complete: true, title: "", marks: [] };
  const model = new FakeModel({ objects: [makeObject(1)], controls: controls, images }); // fetch_thumbnail
  const { page } = await openWidget(model);
  page.find("redo").click();
  page.pointer("pointermove", 300, 300); // preview
  page.pointer("pointerleave", 300, 300); // cancel
  page.click(300, 300); // add_point
  model.tell({ draft: { ...EMPTY_DRAFT, points: [point], field, scores: [0.5, 0.6, 0.7] } });
  model.reply({ kind: "done" });
  await frame();
  page.key("]"); // choose_mask
  const slider = page.find("threshold") as HTMLInputElement;
  slider.value = "1.5";
  slider.dispatchEvent(new Event("input"));
  slider.dispatchEvent(new Event("change")); // set_threshold
  page.find("refit").click(); // refit_mask
  page.pointer("pointerdown", 200, 200);
  page.pointer("pointermove", 260, 260);
  page.pointer("pointerup", 260, 260); // move_point
  page.pointer("pointerdown", 20, 20);
  page.pointer("pointermove", 90, 90);
  page.pointer("pointerup", 90, 90); // set_box
  page.pointer("pointermove", 260, 260);
  page.key("Delete"); // remove_point
  page.key("z", { ctrlKey: true }); // undo
  page.key("Escape"); // clear_prompts
  page.click(300, 300);
  page.key("Enter"); // commit
  page.key("s"); // set_tool
  page.pointer("pointerdown", 400, 100);
  page.pointer("pointermove", 430, 100);
  page.pointer("pointerup", 430, 100); // add_points
  page.key("b");
  page.find("select-1").click(); // select_object
  page.find("select-1").dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
  const editor = page.find("edit-1") as HTMLInputElement;
  editor.value = "cup";
  page.key("Enter", {}, editor); // relabel_object
  page.find("hide-1").click(); // hide_objects
  page.find("color-1").click();
  page.root.querySelector<HTMLElement>(".samwidget-color")?.click(); // recolor_objects
  const label = page.find("label") as HTMLInputElement;
  label.focus();
  label.value = "plate";
  label.dispatchEvent(new Event("input"));
  page.root.querySelector<HTMLElement>('[data-kind="new"]')?.click(); // add_class
  label.value = "saucer";
  label.dispatchEvent(new Event("change")); // set_label
  page.find("refine-1").click(); // reopen_object
  await frame();
  model.reply({ kind: "error", message: "no" }, model.request("reopen_object"));
  await frame();
  page.find("delete-1").click(); // delete_object
  model.tell({ objects: [makeObject(1), makeObject(2)], draft: EMPTY_DRAFT });
  model.reply({ kind: "error", message: "no" }, model.request("delete_object"));
  await frame();
  page.key("ArrowDown", { altKey: true }, page.find("select-1")); // reorder_objects
  page.key("a", { ctrlKey: true }, page.find("select-1")); // select_objects
  await frame();
  page.find("rename-1").click();
  const other = page.find("edit-1") as HTMLInputElement;
  other.value = "mug";
  page.key("Enter", {}, other); // relabel_objects
  page.find("delete-1").click(); // delete_objects
  await frame();
  model.reply({ kind: "error", message: "no" }, model.request("delete_objects"));
  await frame();
  page.find("lock-1").click(); // lock_objects
  page.key("e"); // find_everything
  const found = makeFound([makeFoundMask(2, [300, 200, 390, 290])], { progress: 0.5 });
  model.tell({ draft: EMPTY_DRAFT, found });
  await frame();
  page.find("stop-finding").click();
  model.tell({ found: null });
  await frame();
  page.key("/");
  const words = page.find("find-text") as HTMLInputElement;
  words.value = "a wheel, a door";
  page.key("Enter", {}, words); // find_text
  model.tell({ found });
  await frame();
  page.find("found-score").dispatchEvent(new Event("input")); // filter_found
  page.find("take-all").click();
  page.click(650, 450); // take_found
  page.find("drop-found").click();
  const kept = { count: 1, saved_at: "2026-11-25T18:52:09+00:00", images: 0 };
  model.tell({ controls: { ...controls, kept } });
  await frame();
  page.find("drop-work").click();
  page.find("restore-work").click();
  page.find("view").click(); // describe_channels
  await frame();
  model.reply(makeChannels(), model.request("describe_channels"));
  await frame();
  const bands = page.find("bands") as HTMLSelectElement;
  bands.value = "3";
  bands.dispatchEvent(new Event("change")); // render_picture
  page.pointer("pointermove", 250, 260); // read_patch
  await vi.waitFor(
    () => {
      model.request("render_picture");
      model.request("read_patch");
    },
    { timeout: 4_000 }, // a busy machine is no failure
  );
  page.key("+");
  await new Promise((rest) => setTimeout(rest, REST_MS + 50)); // show_view
  page.key("PageDown"); // go_to_image
  model.reply({ kind: "done" }, model.request("go_to_image"));
  await frame();
  page.find("submit-image").click(); // finish_image
  dispatchEvent(new Event("pagehide")); // leave_page
  return model.all; // with report_views and refresh
}

/** The same for what changes masks. */
async function paintEverything(): Promise<FakeModel["all"]> {
  const ring: [number, number][] = [
    [10, 10],
    [50, 10],
    [50, 50],
  ];
  const controls = { ...makeState().controls, selected: 1, selection: [2, 1] };
  const objects = [makeObject(1, { rings: [ring] }), makeObject(2)];
  const model = new FakeModel({ objects, controls: { ...controls, tool: "polygon" } });
  const { page } = await openWidget(model);
  page.pointer("pointerdown", 20, 20);
  page.pointer("pointermove", 60, 60);
  page.pointer("pointerup", 60, 60); // set_outline
  page.click(300, 300);
  page.click(400, 300);
  page.click(400, 400);
  page.key("Enter"); // paint_polygon
  page.key("d");
  await frame();
  page.click(300, 300); // paint_stroke
  page.find("mask-grow").click(); // reshape_mask
  page.find("mask-union").click(); // combine_objects
  page.find("mask-split").click(); // split_object
  page.find("mask-exclusive").click(); // set_exclusive
  return model.sent;
}

/** The same for a picture that has fewer pixels than its image. */
async function zoomIntoALargeImage(): Promise<FakeModel["all"]> {
  const image = { ...makeState().image, width: 4000, height: 3000 } as Snapshot["image"];
  const { model, page } = await openWidget(new FakeModel({ image }));
  page.key("+");
  await vi.waitFor(() => model.request("read_detail"), { timeout: 4_000 });
  return model.sent;
}
