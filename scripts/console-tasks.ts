// What a page's long tasks come to: the browser tells of those of 50 ms and more, in which it answers nobody.

export interface LongTask {
  /** Milliseconds. */
  readonly startTime: number;
  readonly duration: number;
}

export interface Tasks {
  /** Of the longest task; 0 if none took 50 ms. */
  readonly longestMs: number;
  /** What all of them took beyond 50 ms each. */
  readonly blockingMs: number;
}

const LONG_MS = 50;

export function toTasks(tasks: readonly LongTask[]): Tasks {
  const durations = tasks.map(({ duration }) => duration);
  return {
    longestMs: Math.max(0, ...durations),
    blockingMs: durations.reduce((sum, duration) => sum + Math.max(0, duration - LONG_MS), 0),
  };
}

/** The middle one; of an even number, the lower of the two. */
export function medianOf(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1];
  if (middle === undefined) throw new Error('no value has no median');
  return middle;
}

/** Of several runs. */
export function medianTasks(runs: readonly Tasks[]): Tasks {
  return {
    longestMs: medianOf(runs.map(({ longestMs }) => longestMs)),
    blockingMs: medianOf(runs.map(({ blockingMs }) => blockingMs)),
  };
}
