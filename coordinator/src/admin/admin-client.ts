// The commands' side of the admin socket.
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { REFUSAL_CODES, Refusal } from '@blindsum/proto';

export interface AdminClient {
  get(path: string): Promise<unknown>;
  /** Posts a JSON document. */
  post(path: string, body: string): Promise<unknown>;
}

const problemFormat = z.object({ code: z.enum([...REFUSAL_CODES, 'INTERNAL']), detail: z.string() });

/**
 * Talks to the coordinator at `socketPath`. Throws its refusals as they are, an Error for what it reports as its own fault, and
 * refuses UNAVAILABLE with `howToStart` if it does not run.
 */
export function createAdminClient(socketPath: string, howToStart: string): AdminClient {
  const ask = async (method: string, path: string, body?: string): Promise<unknown> => {
    const answer = await send({ socketPath, method, path, body }, howToStart);
    const value: unknown = JSON.parse(answer.body);
    if (answer.status >= 200 && answer.status < 300) return value;
    const { code, detail } = problemFormat.parse(value);
    throw code === 'INTERNAL' ? new Error(detail) : new Refusal(code, detail);
  };
  return { get: (path) => ask('GET', path), post: (path, body) => ask('POST', path, body) };
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
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const asked = request({ socketPath, method, path, headers }, (answer) => {
      text(answer).then((received) => resolve({ status: answer.statusCode ?? 0, body: received }), reject);
    });
    asked.once('error', (cause) =>
      reject(new Refusal('UNAVAILABLE', `no coordinator answers at ${socketPath}; ${howToStart}`, { cause })),
    );
    asked.end(body);
  });
}
