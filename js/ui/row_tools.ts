// The buttons of one row of the list: what can be done with the object.

import type { ObjectState } from "../contract/protocol";
import { h, KEEP_KEYS, setAttribute } from "./dom";
import { type IconName, icon } from "./icons";

export interface RowTools {
  readonly handle: HTMLElement;
  readonly buttons: readonly HTMLElement[];
  /** `name`: the object's. `isCurrent`: Tab reaches them. */
  update(object: ObjectState, name: string, isCurrent: boolean, readOnly: boolean): void;
}

export function createAction(id: number, action: string, content: Node): HTMLButtonElement {
  return h(
    "button",
    {
      type: "button",
      class: `samwidget-row-action samwidget-row-${action}`,
      tabindex: -1,
      "data-action": action,
      "data-testid": `${action}-${id}`,
      ...KEEP_KEYS,
    },
    content,
  );
}

export function createTools(id: number): RowTools {
  const handle = createAction(id, "move", icon("grip"));
  handle.dataset.handle = "";
  const rename = createAction(id, "rename", icon("rename"));
  const refine = createAction(id, "refine", icon("refine"));
  const hide = createAction(id, "hide", icon("eye"));
  const lock = createAction(id, "lock", icon("unlocked"));
  const remove = createAction(id, "delete", icon("delete"));
  const buttons = [rename, refine, hide, lock, remove];
  const say = (button: HTMLElement, text: string, title = text): void => {
    setAttribute(button, "aria-label", text);
    setAttribute(button, "title", title);
  };
  const toggle = (button: HTMLElement, isOn: boolean, on: IconName, off: IconName): void => {
    if (button.dataset.on === String(isOn)) return;
    button.dataset.on = String(isOn);
    button.replaceChildren(icon(isOn ? on : off));
  };

  return {
    handle,
    buttons,
    update({ hidden, locked }, name, isCurrent, readOnly) {
      for (const button of [handle, ...buttons]) {
        button.tabIndex = isCurrent ? 0 : -1;
        button.disabled = readOnly;
      }
      refine.disabled = remove.disabled = readOnly || locked;
      toggle(hide, hidden, "hidden", "eye");
      toggle(lock, locked, "locked", "unlocked");
      say(handle, `Move ${name}`, "Drag to another place (Alt+Up, Alt+Down)");
      say(rename, `Rename ${name}`, "Rename (F2)");
      say(refine, `Refine ${name}`, "Refine with more clicks (R)");
      say(hide, `${hidden ? "Show" : "Hide"} ${name}`);
      say(lock, `${locked ? "Unlock" : "Lock"} ${name}`);
      say(remove, `Delete ${name}`, "Delete (Del)");
    },
  };
}
