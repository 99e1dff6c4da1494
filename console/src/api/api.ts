// The coordinator's admin API as the console asks it: the generated client, at the same origin and with the session's cookie.
import { answerOf, createAdminClient, everyPage } from '@blindsum/admin-client';

export { answerOf, Problem } from '@blindsum/admin-client';

/** Calls throw a Problem for any answer but a good one, and for none. */
export const api = createAdminClient({
  baseUrl: location.origin,
  // The API redirects nobody: whatever does is not the coordinator.
  fetch: (request) => fetch(request, { credentials: 'same-origin', redirect: 'error' }),
});

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** The most that the coordinator gives. */
const PAGE = 200;

/** Every item of a list that comes in pages. */
export async function everyItem<Page extends { readonly next: string | null }, Item>(
  read: (query: PageQuery) => Promise<{ readonly data?: Page }>,
  itemsOf: (page: Page) => readonly Item[],
): Promise<Item[]> {
  const items: Item[] = [];
  const readPage = (cursor?: string) =>
    answerOf(read({ limit: PAGE, ...(cursor !== undefined && { cursor }) }));
  for await (const page of everyPage(readPage)) items.push(...itemsOf(page));
  return items;
}

/** The header of a write that is done once, also when its answer is lost and it is asked for again. */
export function onceOnly() {
  return { 'idempotency-key': crypto.randomUUID() };
}
