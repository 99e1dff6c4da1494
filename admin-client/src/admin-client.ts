// The admin API as typed functions. What can be asked, and what is answered, is generated from the coordinator's routes.
import createClient, { type Client } from 'openapi-fetch';
import type { AdminEvent } from './admin-event.ts';
import { toProblem, toUnanswered, type Unanswered } from './problem.ts';
import type { paths } from './schema.ts';
import { watchEvents, type WatchOptions } from './watch-events.ts';

export interface AdminClientOptions {
  /** Scheme, host and port. */
  readonly baseUrl: string;
  /** The platform's, unless given: over the admin socket, `socketFetch` of `@blindsum/admin-client/node`. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** An API key. Without one a browser sends its session. */
  readonly credential?: string;
  /** What is said of a request that nobody answers, in place of a general word; it gets why not. */
  readonly whenSilent?: (cause: unknown) => Unanswered;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Throws a Problem for everything but a success; `answerOf` takes what was answered out of it. */
export interface AdminClient extends Pick<Client<paths>, 'GET' | 'POST' | 'DELETE'> {
  /** What happens, as it happens, for as long as the signal is not aborted. */
  watch(options: WatchOptions): AsyncGenerator<AdminEvent, void, undefined>;
}

export function createAdminClient({
  baseUrl,
  fetch: given = (request) => fetch(request),
  credential,
  headers = {},
  whenSilent,
}: AdminClientOptions): AdminClient {
  const bearer = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
  const always = { ...headers, ...bearer };
  const answered = async (request: Request): Promise<Response> => {
    try {
      return await given(request);
    } catch (cause) {
      if (request.signal.aborted) throw cause;
      throw toUnanswered(baseUrl, cause, whenSilent);
    }
  };
  const client = createClient<paths>({ baseUrl, fetch: answered, headers: always });
  client.use({
    async onResponse({ response }) {
      // 304: what the caller has is still right.
      if (!response.ok && response.status !== 304) throw await toProblem(response);
      if (response.body === null) return response;
      // Read to its end here: an answer that breaks off is none.
      const body = await response.arrayBuffer().catch((cause: unknown) => {
        throw toUnanswered(baseUrl, cause, whenSilent);
      });
      return new Response(body, { status: response.status, headers: response.headers });
    },
  });
  const { GET, POST, DELETE } = client;
  const open = (
    path: string,
    { headers: own, signal }: { headers: Record<string, string>; signal: AbortSignal },
  ) => answered(new Request(new URL(path, baseUrl), { headers: { ...always, ...own }, signal }));
  return { GET, POST, DELETE, watch: (options) => watchEvents(open, options) };
}

/** What a call was answered with. Throws its Problem; an Error for an answer without a body. */
export async function answerOf<T>(call: Promise<{ readonly data?: T }>): Promise<T> {
  const { data } = await call;
  if (data === undefined) throw new Error('the answer is empty');
  return data;
}

/** Every page of a list, one after the other: `(cursor) => answerOf(client.GET('/v1/jobs', { params: { query: { cursor } } }))`. */
export async function* everyPage<T extends { readonly next: string | null }>(
  read: (cursor: string | undefined) => Promise<T>,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  for (;;) {
    const page = await read(cursor);
    yield page;
    if (page.next === null) return;
    cursor = page.next;
  }
}

/** The most that the coordinator gives at once. */
const MOST_ITEMS = 200;

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** The items under `name` of every page: `everyItem('jobs', (query) => client.GET('/v1/jobs', { params: { query } }))`. Throws a Problem. */
export async function everyItem<Name extends string, Item>(
  name: Name,
  read: (query: PageQuery) => Promise<{
    readonly data?: Readonly<Record<Name, readonly Item[]>> & { readonly next: string | null };
  }>,
): Promise<Item[]> {
  const items: Item[] = [];
  const pages = everyPage((cursor) =>
    answerOf(read({ limit: MOST_ITEMS, ...(cursor !== undefined && { cursor }) })),
  );
  for await (const page of pages) items.push(...page[name]);
  return items;
}
