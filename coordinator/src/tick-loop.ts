// Calls for the passing of time, one call at a time.

export interface TickLoop {
  /** Resolves when the call under way has ended; there will be no other. */
  stop(): Promise<void>;
}

/** Calls `tick` again `intervalMs` after each call has ended. An error ends the loop and goes to `crash`. */
export function startTickLoop(
  tick: () => Promise<void>,
  intervalMs: number,
  crash: (error: unknown) => void,
): TickLoop {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();
  const run = (): void => {
    running = tick().then(schedule, crash);
  };
  const schedule = (): void => {
    if (!isStopped) timer = setTimeout(run, intervalMs);
  };
  schedule();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
