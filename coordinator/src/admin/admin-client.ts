// The commands' side of the admin API: over the socket, or over HTTPS.
import { z } from 'zod';
import { socketFetch } from '@blindsum/admin-client/node';
import { REFUSAL_CODES, Refusal } from '@blindsum/proto';
import { commandUser, encodeName, USER_HEADER } from './admin-caller.ts';

/** Paths are those below /v1. */
export interface AdminClient {
  get(path: string): Promise<unknown>;
  /** What is no JSON document. */
  text(path: string): Promise<string>;
  /** Every page of a list, whose items are under `name`. */
  list(path: string, name: string): Promise<unknown[]>;
  /** Posts a JSON document. */
  post(path: string, body: string): Promise<unknown>;
}

const PAGE = 200;
const pageFormat = z.looseObject({ next: z.string().nullable() });
const problemFormat = z.object({ code: z.enum([...REFUSAL_CODES, 'INTERNAL']), detail: z.string() });

/** How the coordinator is asked. */
export interface AdminTransport {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Scheme, host and port. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What is said when nobody answers. */
  readonly whenSilent: string;
}

/** Over the socket at `socketPath`; whoever gives the command is named. */
export function openSocketTransport(socketPath: string, howToStart: string): AdminTransport {
  return {
    fetch: socketFetch(socketPath),
    baseUrl: 'http://admin.sock',
    headers: { [USER_HEADER]: encodeName(commandUser()) },
    whenSilent: `no coordinator answers at ${socketPath}; ${howToStart}`,
  };
}

/** Talks to the coordinator at `socketPath`, as `createClientOver` does. */
export function createAdminClient(socketPath: string, howToStart: string): AdminClient {
  return createClientOver(openSocketTransport(socketPath, howToStart));
}

/**
 * Throws the coordinator's refusals as they are, an Error for what it reports as its own fault, and refuses UNAVAILABLE if nobody
 * answers, or somebody else.
 */
export function createClientOver(transport: AdminTransport): AdminClient {
  const ask = async (method: string, path: string, body?: string): Promise<string> => {
    const answer = await send(transport, { method, path: `/v1${path}`, body });
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw toRefusal(answer);
  };
  const get = async (path: string): Promise<unknown> => JSON.parse(await ask('GET', path));
  return {
    get,
    async list(path, name) {
      const items: unknown[] = [];
      for (let next: string | null = ''; next !== null;) {
        const mark = path.includes('?') ? '&' : '?';
        const page = pageFormat.parse(await get(`${path}${mark}limit=${PAGE}${next && `&cursor=${next}`}`));
        items.push(...z.array(z.unknown()).parse(page[name]));
        next = page.next;
      }
      return items;
    },
    text: (path) => ask('GET', path),
    post: async (path, body) => JSON.parse(await ask('POST', path, body)) as unknown,
  };
}

interface Question {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function send(transport: AdminTransport, { method, path, body }: Question): Promise<Answer> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const headers = { ...transport.headers, ...type };
  const request = new Request(new URL(path, transport.baseUrl), { method, headers, body: body ?? null });
  try {
    const answer = await transport.fetch(request);
    return { status: answer.status, body: await answer.text() };
  } catch (cause) {
    throw new Refusal('UNAVAILABLE', transport.whenSilent, { cause });
  }
}

function toRefusal({ status, body }: Answer): Error {
  const problem = problemFormat.safeParse(parseJson(body));
  if (!problem.success)
    return new Refusal('UNAVAILABLE', `the answer has the status ${status}, and is not the coordinator’s`);
  const { code, detail } = problem.data;
  return code === 'INTERNAL' ? new Error(detail) : new Refusal(code, detail);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
