// What can wait until the person has seen the next frame.

/** Has `job` done after the next frame, instead of an older one of the same `owner`. */
export type AfterPaint = (owner: object, job: () => void) => void;

export function createAfterPaint(signal: AbortSignal): AfterPaint {
  const jobs = new Map<object, () => void>();
  let frame: number | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const run = (): void => {
    timer = null;
    const now = [...jobs.values()];
    jobs.clear();
    for (const job of now) job();
  };
  signal.addEventListener("abort", () => {
    if (frame !== null) cancelAnimationFrame(frame);
    if (timer !== null) clearTimeout(timer);
    jobs.clear();
  });
  return (owner, job) => {
    if (signal.aborted) return;
    jobs.set(owner, job);
    if (frame !== null || timer !== null) return;
    frame = requestAnimationFrame(() => {
      frame = null;
      timer = setTimeout(run, 0); // a frame reaches the screen after its own task
    });
  };
}
