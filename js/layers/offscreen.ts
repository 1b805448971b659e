// Canvases that a layer draws on for the next frames.

/** Are these the same things in the same order? */
export function areSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index]);
}

/** A canvas' context, cleared and of a size; null where the browser gives none. */
export function clearedContext(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  settings?: CanvasRenderingContext2DSettings,
): CanvasRenderingContext2D | null {
  const context = canvas.getContext("2d", settings);
  if (!context) return null;
  canvas.width = width; // which clears it, too
  canvas.height = height;
  return context;
}
