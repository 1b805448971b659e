// The one toolbar: tools, history, commit, candidate masks, zoom, help.

import type { Tool, WireEdit } from "../contract/protocol";
import { hasDraft, type Shown } from "../state/optimism";
import { ariaShortcuts, type KeyName, tooltip } from "../tools/keys";
import { h, KEEP_KEYS, setAttribute, setText } from "./dom";
import { type IconName, icon } from "./icons";

export interface ToolbarActions {
  send(edit: WireEdit): void;
  commit(): void;
  findEverything(): void;
  toggleFinder(): void;
  zoomIn(): void;
  zoomOut(): void;
  zoomFit(): void;
  toggleHelp(): void;
  /** The button of another menu. */
  maskMenu: HTMLElement;
}

export interface ToolbarState {
  shown: Shown;
  hasImage: boolean;
  /** A search can be begun. */
  canFind: boolean;
  finderOpen: boolean;
  zoomPercent: number;
  fits: boolean;
  helpOpen: boolean;
  /** There is no kernel to carry out an edit. */
  readOnly: boolean;
}

export interface Toolbar {
  element: HTMLElement;
  /** Its right end, for buttons of others before the help. */
  addRight(button: HTMLElement): void;
  update(state: ToolbarState): void;
}

const TOOLS: readonly [tool: Tool, title: string, key: KeyName][] = [
  ["positive", "Add: click what belongs to the object", "point"],
  ["negative", "Take away: click what does not belong to it", "point"],
  ["scribble", "Scribble: draw a stroke over the object", "scribble"],
  ["box", "Box: drag around the object", "box"],
  ["brush", "Brush: paint on the mask, a right click takes away", "brush"],
  ["eraser", "Eraser: take away from the mask", "eraser"],
  ["polygon", "Polygon: click corner by corner, or drag the corners of a mask", "polygon"],
  ["select", "Select objects, drag the picture", "select"],
];

export function createToolbar(actions: ToolbarActions, signal: AbortSignal): Toolbar {
  const button = (
    testId: string,
    iconName: IconName | null,
    text: string,
    key: KeyName,
    onClick: () => void,
    className = "",
  ): HTMLButtonElement => {
    const element = h("button", {
      type: "button",
      class: `samwidget-button ${className}`.trim(),
      title: text && tooltip(text, key),
      "aria-label": text,
      "aria-keyshortcuts": ariaShortcuts(key),
      "data-testid": testId,
      ...KEEP_KEYS,
    });
    if (iconName) element.append(icon(iconName));
    element.addEventListener("click", onClick, { signal });
    return element;
  };

  const tools = TOOLS.map(([tool, title, key]) => {
    const set = (): void => actions.send({ kind: "set_tool", tool });
    return { tool, element: button(`tool-${tool}`, tool, title, key, set) };
  });
  const undo = button("undo", "undo", "Undo", "undo", () => actions.send({ kind: "undo" }));
  const redo = button("redo", "redo", "Redo", "redo", () => actions.send({ kind: "redo" }));
  const clear = button("clear", "clear", "Clear the prompts", "clear", () =>
    actions.send({ kind: "clear_prompts" }),
  );
  const commit = button(
    "commit",
    "commit",
    "Commit this object",
    "commit",
    actions.commit,
    "samwidget-primary",
  );
  commit.append(h("span", { class: "samwidget-wide" }, "Commit"));

  const everything = button(
    "find-everything",
    "everything",
    "Find everything in the picture",
    "everything",
    actions.findEverything,
    "samwidget-labelled",
  );
  everything.append(h("span", { class: "samwidget-wide" }, "Everything"));
  const finder = button("open-finder", "find", "Find by words", "findText", actions.toggleFinder);

  const zoomOut = button("zoom-out", "zoomOut", "Zoom out", "zoomOut", actions.zoomOut);
  const zoomIn = button("zoom-in", "zoomIn", "Zoom in", "zoomIn", actions.zoomIn);
  const zoomFit = button("zoom-fit", null, "Show the whole picture", "fit", actions.zoomFit);
  zoomFit.classList.add("samwidget-zoom");
  const help = button("help", "help", "Keys and mouse", "help", actions.toggleHelp);
  const modelName = h("span", { class: "samwidget-model", "data-testid": "model-name" });

  const group = (name: string, ...children: HTMLElement[]): HTMLElement =>
    h("div", { class: "samwidget-group", role: "group", "aria-label": name }, ...children);
  const element = h(
    "div",
    { class: "samwidget-toolbar", role: "toolbar", "aria-label": "Segmentation tools" },
    group("Tools", ...tools.map((tool) => tool.element)),
    actions.maskMenu,
    group("Search", everything, finder),
    group("History", undo, redo, clear),
    commit,
    h(
      "div",
      { class: "samwidget-group samwidget-right" },
      modelName,
      group("Zoom", zoomOut, zoomFit, zoomIn),
      help,
    ),
  );

  return {
    element,
    addRight(added) {
      help.before(added);
    },
    update({ shown, hasImage, canFind, finderOpen, zoomPercent, fits, helpOpen, readOnly }) {
      const { controls, draft } = shown;
      const prompted = hasDraft(draft);
      for (const { tool, element: toolButton } of tools) {
        setAttribute(toolButton, "aria-pressed", String(tool === controls.tool));
        toolButton.disabled = readOnly;
      }
      everything.disabled = readOnly || !canFind;
      finder.disabled = readOnly;
      setAttribute(finder, "aria-expanded", String(finderOpen));
      undo.disabled = readOnly || !controls.can_undo;
      redo.disabled = readOnly || !controls.can_redo;
      clear.disabled = readOnly || !prompted;
      commit.disabled = readOnly || !prompted;
      setText(zoomFit, `${zoomPercent < 10 ? zoomPercent.toFixed(1) : Math.round(zoomPercent)}%`);
      zoomOut.disabled = !hasImage || fits;
      zoomFit.disabled = !hasImage;
      zoomIn.disabled = !hasImage;
      setAttribute(help, "aria-expanded", String(helpOpen));
      setText(modelName, controls.model);
      setAttribute(modelName, "title", controls.model ? `Model: ${controls.model}` : "");
    },
  };
}
