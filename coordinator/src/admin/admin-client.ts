// The commands' side of the admin socket.
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
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

/**
 * Talks to the coordinator at `socketPath`. Throws its refusals as they are, an Error for what it reports as its own fault, and
 * refuses UNAVAILABLE with `howToStart` if it does not run.
 */
export function createAdminClient(socketPath: string, howToStart: string): AdminClient {
  const ask = async (method: string, path: string, body?: string): Promise<string> => {
    const answer = await send({ socketPath, method, path: `/v1${path}`, body }, howToStart);
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    const { code, detail } = problemFormat.parse(JSON.parse(answer.body));
    throw code === 'INTERNAL' ? new Error(detail) : new Refusal(code, detail);
  };
  const get = async (path: string): Promise<unknown> => JSON.parse(await ask('GET', path));
  return {
    get,
    async list(path, name) {
      const items: unknown[] = [];
      for (let next: string | null = ''; next !== null;) {
        const page = pageFormat.parse(await get(`${path}?limit=${PAGE}${next && `&cursor=${next}`}`));
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
  readonly socketPath: string;
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
}

function send(
  { socketPath, method, path, body }: Question,
  howToStart: string,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { ...type, [USER_HEADER]: encodeName(commandUser()) };
    const asked = request({ socketPath, method, path, headers }, (answer) => {
      text(answer).then((received) => resolve({ status: answer.statusCode ?? 0, body: received }), reject);
    });
    asked.once('error', (cause) =>
      reject(new Refusal('UNAVAILABLE', `no coordinator answers at ${socketPath}; ${howToStart}`, { cause })),
    );
    asked.end(body);
  });
}
