// The strip of a list's images: where one is, what became of each, and the way to the others.

import type { ImageMark, ImagesState } from "../contract/protocol";
import { hasImage, type Thumbnail } from "../state/images";
import { ariaShortcuts, type KeyName, tooltip } from "../tools/keys";
import { h, KEEP_KEYS, setAttribute, setText } from "./dom";
import { type IconName, icon } from "./icons";

/** What the strip shows and moves; the widget's model. */
export interface FilmstripSource {
  readonly store: { readonly images: ImagesState | null; readonly isReadOnly: boolean };
  /** Where one is, or goes. */
  readonly index: number;
  readonly isTurning: boolean;
  readonly thumbnails: {
    get(index: number): Thumbnail | null | undefined;
    want(generation: number, indices: readonly number[]): void;
  };
  goTo(index: number): void;
  finish(mark: "submitted" | "skipped"): void;
}

export type FilmstripCommand =
  | { do: "turn"; by: 1 | -1 }
  | { do: "finish"; mark: "submitted" | "skipped" };

export interface Filmstrip {
  element: HTMLElement;
  run(command: FilmstripCommand): void;
  /** `objects`: how many the present image has. */
  update(objects: number): void;
}

/** Width of a cell with the gap to the next one, in css pixels, as in filmstrip.css. */
export const CELL = 68;
/** What a strip is wide that has not been laid out yet. */
const UNKNOWN_WIDTH = 700;

interface Cell {
  readonly element: HTMLButtonElement;
  readonly picture: HTMLImageElement;
  readonly number: HTMLElement;
  readonly badge: HTMLElement;
}

export function createFilmstrip(source: FilmstripSource, signal: AbortSignal): Filmstrip {
  const run = (command: FilmstripCommand): void => {
    if (source.store.isReadOnly) return;
    if (command.do === "turn") source.goTo(source.index + command.by);
    else source.finish(command.mark);
  };
  const button = (
    testId: string,
    iconName: IconName,
    title: string,
    key: KeyName,
    command: FilmstripCommand,
    text = "",
  ): HTMLButtonElement => {
    const element = h("button", {
      type: "button",
      class: "samwidget-button",
      title: tooltip(title, key),
      "aria-label": title,
      "aria-keyshortcuts": ariaShortcuts(key),
      "data-testid": testId,
      ...KEEP_KEYS,
    });
    element.append(icon(iconName));
    if (text) element.append(h("span", { class: "samwidget-wide" }, text));
    element.addEventListener("click", () => run(command), { signal });
    return element;
  };
  const previous = button("previous-image", "previous", "The image before", "previousImage", {
    do: "turn",
    by: -1,
  });
  const next = button("next-image", "next", "The next image", "nextImage", { do: "turn", by: 1 });
  const skipping = "Skip this image, go to the next one";
  const skip = button(
    "skip-image",
    "skip",
    skipping,
    "skip",
    { do: "finish", mark: "skipped" },
    "Skip",
  );
  const submitting = "Submit this image, go to the next one";
  const submit = button(
    "submit-image",
    "submit",
    submitting,
    "submit",
    { do: "finish", mark: "submitted" },
    "Submit",
  );
  for (const each of [skip, submit]) each.classList.add("samwidget-outlined");

  const count = h("span", {
    class: "samwidget-image-count",
    role: "status",
    "aria-live": "polite",
    "data-testid": "image-count",
  });
  const title = h("span", { class: "samwidget-image-title", "data-testid": "image-title" });
  const track = h("div", { class: "samwidget-strip-track" });
  const strip = h(
    "div",
    { class: "samwidget-strip", role: "group", "aria-label": "Images", "data-testid": "strip" },
    track,
  );
  const element = h(
    "div",
    {
      class: "samwidget-filmstrip",
      role: "group",
      "aria-label": "List of images",
      "data-testid": "filmstrip",
      hidden: true,
    },
    h(
      "div",
      { class: "samwidget-image-place" },
      h("div", { class: "samwidget-image-steps" }, previous, count, next),
      title,
    ),
    strip,
    h("div", { class: "samwidget-image-ends" }, skip, submit),
  );

  const cells = new Map<number, Cell>();
  let objects = 0;
  let centred = "";

  strip.addEventListener("scroll", () => fill(), { signal, passive: true });
  track.addEventListener(
    "click",
    (event) => {
      const cell = event.target instanceof Element ? event.target.closest("button") : null;
      if (cell && !source.store.isReadOnly) source.goTo(Number(cell.dataset.index));
    },
    { signal },
  );
  strip.addEventListener(
    "wheel",
    (event) => {
      // An ordinary wheel moves the strip to the side, until it is at its end.
      const by = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
      const before = strip.scrollLeft;
      strip.scrollLeft += by;
      if (strip.scrollLeft !== before) event.preventDefault();
    },
    { signal, passive: false },
  );

  const fill = (): void => {
    const { images, isReadOnly } = source.store;
    if (!images) return;
    const visible = visibleCells(
      strip.scrollLeft,
      strip.clientWidth || UNKNOWN_WIDTH,
      images.count,
    );
    const marks = new Map(images.marks.map((mark) => [mark.index, mark]));
    for (const [index, { element: gone }] of cells) {
      if (visible.includes(index)) continue;
      gone.remove();
      cells.delete(index);
    }
    for (const index of visible) {
      const cell = cells.get(index) ?? makeCell(index);
      if (!cells.has(index)) {
        cells.set(index, cell);
        track.append(cell.element);
      }
      const isHere = index === images.index;
      const mark = marks.get(index) ?? { index, mark: "open", objects: 0 };
      const shown = { ...mark, objects: isHere ? objects : mark.objects };
      fillCell(cell, shown, source.thumbnails.get(index), isHere, index === source.index);
      cell.element.disabled = isReadOnly;
    }
    const middle = (visible[0] ?? 0) + visible.length / 2;
    const nearestFirst = [...visible].sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
    if (!isReadOnly) source.thumbnails.want(images.generation, nearestFirst);
  };

  return {
    element,
    run,
    update(now) {
      const { images, isReadOnly } = source.store;
      element.hidden = images === null;
      if (!images) return;
      objects = now;
      const at = source.index;
      const of = images.is_complete ? String(images.count) : `${images.count}+`;
      setText(count, `${at + 1} of ${of}`);
      setText(title, at === images.index ? images.title : "…");
      setAttribute(title, "title", images.title);
      setAttribute(element, "data-index", String(images.index));
      setAttribute(element, "aria-busy", String(source.isTurning));
      previous.disabled = isReadOnly || !hasImage(images, at - 1);
      next.disabled = isReadOnly || !hasImage(images, at + 1);
      skip.disabled = submit.disabled = isReadOnly || source.isTurning;
      track.style.width = `${images.count * CELL}px`;
      const centre = `${images.generation} ${at} ${strip.clientWidth}`;
      if (centre !== centred) {
        centred = centre;
        strip.scrollLeft = (at + 0.5) * CELL - (strip.clientWidth || UNKNOWN_WIDTH) / 2;
      }
      fill();
    },
  };
}

/** The indices of the cells in sight, and of one more on either side. */
export function visibleCells(scrollLeft: number, width: number, count: number): number[] {
  const first = Math.max(0, Math.floor(scrollLeft / CELL) - 1);
  const last = Math.min(count - 1, Math.ceil((scrollLeft + width) / CELL));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

function makeCell(index: number): Cell {
  const picture = h("img", { class: "samwidget-cell-picture", alt: "", draggable: "false" });
  const number = h("span", { class: "samwidget-cell-number", "aria-hidden": "true" });
  const badge = h("span", { class: "samwidget-cell-badge", "aria-hidden": "true" });
  const element = h(
    "button",
    {
      type: "button",
      class: "samwidget-cell",
      tabindex: -1,
      "data-index": index,
      "data-testid": `image-${index}`,
      ...KEEP_KEYS,
    },
    number,
    picture,
    badge,
  );
  element.style.left = `${index * CELL}px`;
  setText(number, String(index + 1));
  return { element, picture, number, badge };
}

function fillCell(
  { element, picture, badge }: Cell,
  { index, mark, objects }: ImageMark,
  thumbnail: Thumbnail | null | undefined,
  isHere: boolean,
  isTarget: boolean,
): void {
  picture.hidden = !thumbnail;
  if (thumbnail) setAttribute(picture, "src", thumbnail.url);
  element.dataset.picture = thumbnail ? "there" : thumbnail === null ? "none" : "asked";
  element.dataset.mark = mark;
  setAttribute(element, "aria-current", String(isHere));
  setAttribute(element, "data-target", String(isTarget));
  setText(badge, mark === "submitted" ? "✓" : objects > 0 ? String(objects) : "");
  badge.hidden = badge.textContent === "";
  const noun = objects === 1 ? "object" : "objects";
  const parts = [
    `Image ${index + 1}`,
    thumbnail?.title,
    mark === "open" ? "" : mark,
    objects > 0 ? `${objects} ${noun}` : "",
    thumbnail === null ? "cannot be read" : "",
  ];
  const text = parts.filter(Boolean).join(", ");
  setAttribute(element, "aria-label", text);
  setAttribute(element, "title", text);
}
