// A page written by `to_html`, brought to life: pan, zoom, toggle, hover. Without this script the
// page still shows picture, masks and table. The page's parts are made by formats/report.py; all
// text in it is the page's own and stays text.

import { panBy, type Viewport, zoomAt } from "../frame/viewport";
import { Stage } from "./stage";

const KEY_PAN_PX = 60;
const KEY_ZOOM = 1.25;

/** Bring the page in `root` to life; the result undoes it. */
export function mountReport(root: HTMLElement): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const frame = root.querySelector<HTMLElement>(".stage");
  const svg = frame?.querySelector<SVGSVGElement>("svg");
  if (!frame || !svg) return () => {};

  const stage = new Stage(frame, svg, signal);
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  frame.append(tip);
  const paths = byObject<SVGPathElement>(svg, "path[data-object]");
  const rows = byObject<HTMLTableRowElement>(root, "tr[data-object]");
  const boxes = new Map<string, HTMLInputElement>();
  const all = root.querySelector<HTMLInputElement>("[data-all]");
  let held = false;

  // The browser's own tooltips come late and cannot be styled: take their texts for ours.
  const texts = new Map<string, string>();
  for (const [id, path] of paths) {
    const title = path.querySelector("title");
    texts.set(id, title?.textContent ?? "");
    path.setAttribute("aria-label", title?.textContent ?? "");
    title?.remove();
  }

  function show(): void {
    let shown = 0;
    for (const [id, path] of paths) {
      const isOn = boxes.get(id)?.checked ?? true;
      if (isOn) shown++;
      path.classList.toggle("off", held || !isOn);
      rows.get(id)?.classList.toggle("off", !isOn);
    }
    if (!all) return;
    all.checked = shown === paths.size; // a click on what is mixed shows all
    all.indeterminate = shown > 0 && shown < paths.size;
  }

  function point(id: string | null, at?: { clientX: number; clientY: number }): void {
    for (const [other, path] of paths) path.classList.toggle("hot", other === id);
    for (const [other, row] of rows) row.classList.toggle("hot", other === id);
    const text = id === null ? "" : (texts.get(id) ?? "");
    tip.hidden = !at || text === "";
    if (!at || text === "") return;
    tip.textContent = text;
    stage.place(tip, at);
  }

  function toggle(isOn: boolean, ids: Iterable<string>): void {
    for (const id of ids) {
      const box = boxes.get(id);
      if (box) box.checked = isOn;
    }
    show();
  }

  for (const [id, row] of rows) {
    const box = row.querySelector<HTMLInputElement>("input");
    if (box) boxes.set(id, box);
    box?.addEventListener("change", show, { signal });
    row.addEventListener("pointerenter", () => point(id), { signal });
    row.addEventListener("pointerleave", () => point(null), { signal });
    row.addEventListener("focusin", () => point(id), { signal });
    row.addEventListener("focusout", () => point(null), { signal });
  }
  for (const [id, path] of paths) {
    path.addEventListener("pointermove", (event) => point(id, event), { signal });
    path.addEventListener("pointerleave", () => point(null), { signal });
    path.addEventListener(
      "click",
      () => {
        if (!stage.hasMoved) rows.get(id)?.scrollIntoView({ block: "nearest" });
      },
      { signal },
    );
  }
  all?.addEventListener("change", () => toggle(all.checked, boxes.keys()), { signal });

  const opacity = root.querySelector<HTMLInputElement>("[data-opacity]");
  const onOpacity = () =>
    svg.querySelector("g")?.setAttribute("fill-opacity", String(Number(opacity?.value) / 100));
  opacity?.addEventListener("input", onOpacity, { signal });
  const outlines = root.querySelector<HTMLInputElement>("[data-outlines]");
  const onOutlines = () => svg.classList.toggle("outlines", outlines?.checked ?? false);
  outlines?.addEventListener("change", onOutlines, { signal });

  const centre = (view: Viewport) => ({ x: view.viewWidth / 2, y: view.viewHeight / 2 });
  const zoom = (factor: number) => stage.change((view) => zoomAt(view, centre(view), factor));
  const commands: Record<string, () => void> = {
    in: () => zoom(KEY_ZOOM),
    out: () => zoom(1 / KEY_ZOOM),
    fit: () => stage.fit(),
    actual: () => stage.change((view) => zoomAt(view, centre(view), 1 / view.scale)),
  };
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-zoom]")) {
    const run = commands[button.dataset.zoom ?? ""];
    if (run) button.addEventListener("click", run, { signal });
  }

  const keys: Record<string, () => void> = {
    "+": () => zoom(KEY_ZOOM),
    "=": () => zoom(KEY_ZOOM),
    "-": () => zoom(1 / KEY_ZOOM),
    0: () => stage.fit(),
    1: () => commands.actual?.(),
    ArrowLeft: () => stage.change((view) => panBy(view, KEY_PAN_PX, 0)),
    ArrowRight: () => stage.change((view) => panBy(view, -KEY_PAN_PX, 0)),
    ArrowUp: () => stage.change((view) => panBy(view, 0, KEY_PAN_PX)),
    ArrowDown: () => stage.change((view) => panBy(view, 0, -KEY_PAN_PX)),
    m: () => hold(true),
    o: () => {
      if (!outlines) return;
      outlines.checked = !outlines.checked;
      onOutlines();
    },
  };
  function hold(isHeld: boolean): void {
    if (held === isHeld) return;
    held = isHeld;
    show();
  }
  frame.addEventListener(
    "keydown",
    (event) => {
      const run = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!run || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      run();
    },
    { signal },
  );
  const letGo = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() === "m") hold(false);
  };
  frame.addEventListener("keyup", letGo, { signal });
  frame.addEventListener("blur", () => hold(false), { signal });

  root.classList.add("live");
  stage.fit();
  show();
  return () => {
    stop.abort();
    stage.dispose();
    tip.remove();
    root.classList.remove("live");
  };
}

function byObject<T extends Element>(root: ParentNode, selector: string): Map<string, T> {
  const found = root.querySelectorAll<T & { dataset: DOMStringMap }>(selector);
  return new Map([...found].map((one) => [one.dataset.object ?? "", one]));
}
