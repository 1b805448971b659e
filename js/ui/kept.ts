// The strip that offers work which an earlier session has kept of the image.

import type { KeptState, WireEdit } from "../contract/protocol";
import type { Store } from "../state/store";
import { buttonMaker, h, setText } from "./dom";
import { counted } from "./format";
import { icon } from "./icons";

/** It follows the store until `signal` ends it. */
export function createKeptStrip(
  store: Store,
  send: (edit: WireEdit) => void,
  signal: AbortSignal,
): HTMLElement {
  const text = h("span", { class: "samwidget-kept-text", "data-testid": "kept-text" });
  const button = buttonMaker(signal);
  const restore = button(
    "restore-work",
    "Go on with the earlier work in place of what is here",
    () => send({ kind: "restore_work" }),
    icon("undo"),
    "Restore",
  );
  restore.classList.add("samwidget-outlined");
  const drop = button(
    "drop-work",
    "Leave the earlier work in its file",
    () => send({ kind: "drop_work" }),
    icon("close"),
  );
  const element = h(
    "div",
    {
      class: "samwidget-kept",
      role: "group",
      "aria-label": "Earlier work",
      "data-testid": "kept",
      hidden: true,
    },
    text,
    h("div", { class: "samwidget-found-actions" }, restore, drop),
  );

  const update = (): void => {
    const { kept } = store.shown.controls;
    element.hidden = kept === null;
    if (!kept) return;
    setText(text, keptText(kept));
    restore.disabled = drop.disabled = store.isReadOnly;
  };
  signal.addEventListener("abort", store.subscribe(update));
  update();
  return element;
}

/** What there is, and since when, in the person's own time. */
export function keptText({ count, saved_at, images }: KeptState, now = new Date()): string {
  const where = images === 0 ? "" : ` on ${counted(images, "image")}`;
  const what = `${counted(count, "object")}${where}`;
  const saved = new Date(saved_at);
  if (Number.isNaN(saved.getTime())) return `Earlier work: ${what}`;
  const isToday = saved.toDateString() === now.toDateString();
  const when = new Intl.DateTimeFormat("en-GB", {
    dateStyle: isToday ? undefined : "medium",
    timeStyle: "short",
  }).format(saved);
  return `Earlier work: ${what}, ${isToday ? "today " : ""}${when}`;
}
