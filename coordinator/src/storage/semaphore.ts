// Bounds how many operations run at once.

/** Runs at most a fixed number of operations at a time; the others wait in the order of their calls. */
export interface Semaphore {
  run<T>(operation: () => Promise<T>): Promise<T>;
}

export function createSemaphore(permits: number): Semaphore {
  if (!Number.isInteger(permits) || permits < 1) throw new RangeError(`${permits} permits`);
  const waiting: (() => void)[] = [];
  let free = permits;
  return {
    async run(operation) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await operation();
      } finally {
        // The permit goes to the next one in line without being free in between.
        const next = waiting.shift();
        if (next) next();
        else free++;
      }
    },
  };
}
