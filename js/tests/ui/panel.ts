// The list of objects on a page of its own, with what tests do to it.

import type { ObjectState, WireEdit } from "../../contract/protocol";
import type { Shown } from "../../state/optimism";
import { createObjectPanel } from "../../ui/objects";
import { makeField, makeObject, makeState } from "../helpers";

const field = makeField(2, 2, () => 255);

/** Objects called cup 1, cup 2 ... */
export function makeObjects(count: number): ObjectState[] {
  return Array.from({ length: count }, (_, index) =>
    makeObject(index + 1, { label: `cup ${index + 1}`, area: 1234 * (index + 1), field }),
  );
}

export function open(objects: readonly ObjectState[]) {
  const controller = new AbortController();
  const sent: WireEdit[] = [];
  let focused = 0;
  const panel = createObjectPanel(
    {
      send: (edit) => sent.push(edit),
      focusCanvas: () => {
        focused++;
      },
    },
    controller.signal,
  );
  document.body.replaceChildren(panel.element);
  const { draft, controls } = makeState();
  let shown: Shown = { draft, objects, found: null, controls };
  const show = (changes: Partial<Shown>, readOnly = false): void => {
    shown = { ...shown, ...changes };
    panel.update(shown, readOnly);
  };
  const select = (...ids: number[]): void =>
    show({ controls: { ...controls, selected: ids.at(-1) ?? null, selection: ids } });
  show({});
  /** As a person does it: with the pointer over the row. */
  const find = (testId: string): HTMLElement => {
    const row = panel.element.querySelector(`[data-id="${/-(\d+)$/.exec(testId)?.[1]}"]`);
    row?.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
    const found = panel.element.querySelector<HTMLElement>(`[data-testid="${testId}"]`);
    if (!found) throw new Error(`no ${testId}`);
    return found;
  };
  const key = (testId: string, name: string, more: KeyboardEventInit = {}): KeyboardEvent => {
    const init = { key: name, bubbles: true, cancelable: true, ...more };
    const event = new KeyboardEvent("keydown", init);
    find(testId).dispatchEvent(event);
    return event;
  };
  const list = panel.element.querySelector<HTMLElement>('[role="list"]');
  if (!list) throw new Error("no list");
  const click = (testId: string, more: MouseEventInit = {}): void => {
    find(testId).dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1, ...more }));
  };
  const end = (): void => controller.abort();
  const root = panel.element;
  return {
    sent,
    show,
    select,
    find,
    key,
    click,
    list,
    root,
    end,
    controls,
    focused: () => focused,
  };
}
