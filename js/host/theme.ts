// Is the host's page light or dark? Colours come from the host's own css variables where it has
// them (style.css); this decides for the others, and tells when it changes.

export type Theme = "light" | "dark";

export function readTheme(root: HTMLElement): Theme {
  const { body, documentElement } = root.ownerDocument;
  const jupyter = body.dataset.jpThemeLight;
  if (jupyter !== undefined) return jupyter === "false" ? "dark" : "light";
  for (const element of [body, documentElement]) {
    if (
      element.matches(".vscode-dark, .vscode-high-contrast, .dark, [theme=dark], [data-theme=dark]")
    ) {
      return "dark";
    }
    if (element.matches(".vscode-light, .light, [theme=light], [data-theme=light]")) return "light";
  }
  const view = root.ownerDocument.defaultView;
  const background = view?.getComputedStyle(body).backgroundColor ?? "";
  const channels = background.match(/[\d.]+/g)?.map(Number) ?? [];
  const [red, green, blue, alpha = 1] = channels;
  if (red !== undefined && green !== undefined && blue !== undefined && alpha > 0.5) {
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? "dark" : "light";
  }
  return view?.matchMedia?.("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Call `onChange` with the theme now and whenever the host changes it. */
export function followTheme(
  root: HTMLElement,
  onChange: (theme: Theme) => void,
  signal: AbortSignal,
): void {
  const { body, documentElement, defaultView } = root.ownerDocument;
  const update = (): void => onChange(readTheme(root));
  const observer = new MutationObserver(update);
  const attributeFilter = [
    "class",
    "theme",
    "data-theme",
    "data-jp-theme-name",
    "data-jp-theme-light",
  ];
  for (const element of [body, documentElement]) {
    observer.observe(element, { attributes: true, attributeFilter });
  }
  const query = defaultView?.matchMedia?.("(prefers-color-scheme: dark)");
  query?.addEventListener("change", update);
  signal.addEventListener("abort", () => {
    observer.disconnect();
    query?.removeEventListener("change", update);
  });
  update();
}
