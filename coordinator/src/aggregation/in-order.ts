// Results of concurrent operations, in the order of their numbers.

/** Numbers first..end-1. */
export interface Range {
  readonly first: number;
  readonly end: number;
}

/**
 * Runs `operation` for each number, at most `width` at a time, and yields the results in order. No more than `width` results
 * exist that were not yielded: a slow consumer slows the operations down. The first error, in order, ends it.
 */
export async function* inOrder<T>(
  range: Range,
  width: number,
  operation: (n: number) => Promise<T>,
): AsyncGenerator<T> {
  const started: Promise<T>[] = [];
  for (let n = range.first; n < range.end || started.length > 0;) {
    while (started.length < width && n < range.end) started.push(run(operation, n++));
    yield await started.shift()!;
  }
}

function run<T>(operation: (n: number) => Promise<T>, n: number): Promise<T> {
  const result = operation(n);
  // It is awaited when its turn comes, or never, if an earlier one fails: then that error is the one that counts.
  result.catch(() => {});
  return result;
}
