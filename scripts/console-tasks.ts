// What a page's tasks come to. The browser tells the page of those of 50 ms and more, in which it answers nobody; its trace tells of
// all, and of their processor time, which is the same on a machine that is busy with other things.

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
  /** Processor time of the task that took most of it. */
  readonly processorMs: number;
}

/** Of the browser's trace, as far as it is looked at. */
export interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of processor time. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

const LONG_MS = 50;

export function toTasks(tasks: readonly LongTask[], trace: readonly TraceEvent[]): Tasks {
  const durations = tasks.map(({ duration }) => duration);
  return {
    longestMs: Math.max(0, ...durations),
    blockingMs: durations.reduce((sum, duration) => sum + Math.max(0, duration - LONG_MS), 0),
    processorMs: Math.max(0, ...processorTimes(trace)),
  };
}

/** Milliseconds, of each task of a page's own thread. */
function processorTimes(trace: readonly TraceEvent[]): number[] {
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const isPage = ({ name, args }: TraceEvent) => name === 'thread_name' && args?.name === 'CrRendererMain';
  const pages = new Set(trace.filter(isPage).map(threadOf));
  return trace
    .filter((event) => event.name === 'RunTask' && pages.has(threadOf(event)))
    .map(({ tdur = 0 }) => tdur / 1000);
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
    processorMs: medianOf(runs.map(({ processorMs }) => processorMs)),
  };
}
