// Many requests for an update, one update.

/** Gives a function that has `action` done once the present task is over, however often called. */
export function queued(action: () => void, signal: AbortSignal): () => void {
  let isQueued = false;
  return () => {
    if (isQueued) return;
    isQueued = true;
    queueMicrotask(() => {
      isQueued = false;
      if (!signal.aborted) action();
    });
  };
}
