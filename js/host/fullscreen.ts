// One view over the whole screen, where the host's page may do that.

export class FullScreen {
  readonly #element: HTMLElement;

  /** `onChange` is told when it begins and when it ends, whoever ended it. */
  constructor(element: HTMLElement, onChange: () => void, signal: AbortSignal) {
    this.#element = element;
    const { ownerDocument } = element;
    ownerDocument.addEventListener("fullscreenchange", onChange, { signal });
    signal.addEventListener("abort", () => {
      if (this.isOn) void this.toggle();
    });
  }

  get isOn(): boolean {
    const { ownerDocument } = this.#element;
    // Within a shadow tree the document names the tree's host.
    const root = this.#element.getRootNode();
    const shown = root instanceof ShadowRoot ? root.fullscreenElement : null;
    return (shown ?? ownerDocument.fullscreenElement) === this.#element;
  }

  /** Begin it or end it; gives why that did not work, null when it did. */
  async toggle(): Promise<string | null> {
    try {
      if (this.isOn) await this.#element.ownerDocument.exitFullscreen();
      else await this.#element.requestFullscreen();
      return null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return `This page does not allow full screen (${reason}). Drag the widget's lower right corner to make it larger.`;
    }
  }
}
