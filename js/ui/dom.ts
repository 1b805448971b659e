// Building elements.

type Attributes = Record<string, string | number | boolean | undefined>;

/** An element with attributes (true: present, false and undefined: absent) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * On every element that can have the focus: JupyterLab's shortcuts look at the element with the
 * focus itself, not at what is around it, and would cut and convert the person's cells.
 */
export const KEEP_KEYS = { "data-lm-suppress-shortcuts": "true" } as const;

/** Write only what differs, so that idle updates cost no layout and tell screen readers nothing. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: HTMLElement, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Gives a function that makes buttons with a tooltip, which act until `signal` ends them. */
export function buttonMaker(signal: AbortSignal) {
  return (
    testId: string,
    title: string,
    onClick: () => void,
    ...content: (Node | string)[]
  ): HTMLButtonElement => {
    const attributes = { type: "button", class: "samwidget-button", title, "aria-label": title };
    const element = h("button", { ...attributes, "data-testid": testId, ...KEEP_KEYS }, ...content);
    element.addEventListener("click", onClick, { signal });
    return element;
  };
}
