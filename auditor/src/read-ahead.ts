// Reads several things at once without holding more than a few of them: where each is a file or a request, waiting for one after
// the other is most of the time.

/** How many are under way unless said otherwise. */
const AHEAD = 16;

/**
 * What `start` makes of each item, in their order, with at most `ahead` (at least 1) under way. What the items or `start` reject
 * with is thrown in its place, after all that comes before it.
 */
export async function* readAhead<T, U>(
  items: AsyncIterable<T>,
  start: (item: T, index: number) => Promise<U>,
  ahead = AHEAD,
): AsyncGenerator<U> {
  const source = items[Symbol.asyncIterator]();
  const underWay: Promise<U>[] = [];
  let end: { readonly reason?: unknown } | undefined;
  for (let index = 0; ; index++) {
    while (underWay.length >= ahead || (end && underWay.length > 0)) yield await underWay.shift()!;
    if (end) break;
    const next = await source.next().catch((reason: unknown) => ({ reason, done: true as const }));
    if (next.done) end = 'reason' in next ? { reason: next.reason } : {};
    else underWay.push(unobserved(start(next.value, index)));
  }
  if ('reason' in end) throw end.reason;
}

/** It is awaited later; until then a rejection is no mistake. */
function unobserved<U>(promise: Promise<U>): Promise<U> {
  promise.catch(() => undefined);
  return promise;
}
