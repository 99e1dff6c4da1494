// Calls of the admin API as requests: its paths with what stands in them, queries, and bodies in JSON. The types of what may be asked,
// and of what is answered, are those of openapi-fetch over the generated schema; of the library itself nothing is needed.
import type { Client } from 'openapi-fetch';
import type { paths } from './schema.ts';

export type Calls = Pick<Client<paths>, 'GET' | 'POST' | 'DELETE'>;

/** What a call is given, as far as the API has it. */
interface Asked {
  readonly params?: {
    readonly path?: Values;
    readonly query?: Values;
    readonly header?: Values;
  };
  readonly headers?: Values;
  readonly body?: unknown;
  readonly parseAs?: 'json' | 'text';
  readonly signal?: AbortSignal;
}

/** Those that are undefined or null are not sent. */
type Values = Readonly<Record<string, unknown>>;

/** Sends a request, and gives a success; throws for anything else. */
type Send = (request: Request) => Promise<Response>;

/** `headers` are sent with every request, unless a call has its own of the same name. */
export function createCalls(baseUrl: string, headers: Values, send: Send): Calls {
  const call =
    (method: string) =>
    async (path: string, asked: Asked = {}) => {
      const url = `${baseUrl.replace(/\/$/, '')}${toPath(path, asked.params?.path)}`;
      const response = await send(
        new Request(`${url}${toQuery(asked.params?.query)}`, {
          method,
          headers: toHeaders(asked, headers),
          ...(asked.body !== undefined && { body: JSON.stringify(asked.body) }),
          ...(asked.signal && { signal: asked.signal }),
        }),
      );
      return { data: await readData(response, asked.parseAs), response };
    };
  return { GET: call('GET'), POST: call('POST'), DELETE: call('DELETE') } as unknown as Calls;
}

function toPath(template: string, values: Values = {}): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
}

function toQuery(values: Values = {}): string {
  const query = new URLSearchParams(textsOf(values)).toString();
  return query === '' ? '' : `?${query}`;
}

function toHeaders({ params, headers = {}, body }: Asked, always: Values): Headers {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const made = new Headers(json);
  for (const values of [always, headers, params?.header ?? {}])
    for (const [name, value] of textsOf(values)) made.set(name, value);
  return made;
}

function textsOf(values: Values): [string, string][] {
  return Object.entries(values).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === null ? [] : [[name, String(value as string | number | boolean)]],
  );
}

/** Undefined for an answer without a body. */
async function readData(response: Response, parseAs: Asked['parseAs']): Promise<unknown> {
  const text = await response.text();
  if (parseAs === 'text') return text;
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
