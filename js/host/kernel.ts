// Is there a kernel behind the widget? What ipywidgets' hosts tell of it; other hosts say nothing.

/** The widget model's part that tells. */
export interface KernelHost {
  get(name: string): unknown;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
}

/** ipywidgets' models, when they lose their comm: the kernel was restarted or shut down. */
const LOST = "comm_live_update";

/**
 * A model shown from a saved notebook has no comm, and sending silently does nothing.
 *
 * anywidget hides the model's own `comm_live`; its layout is a model of the same manager.
 */
export function hasNoKernel(host: KernelHost): boolean {
  const layout = host.get("layout");
  return (
    typeof layout === "object" &&
    layout !== null &&
    "comm_live" in layout &&
    layout.comm_live === false
  );
}

/** Call `onLost` when the kernel that made the widget is gone for good; gives what ends that. */
export function followKernel(host: KernelHost, onLost: () => void): () => void {
  host.on(LOST, onLost);
  return () => host.off(LOST, onLost);
}
