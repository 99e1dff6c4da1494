// The coordinator's admin API as the console asks it: same origin, with the session's cookie.

/** What the coordinator answers instead (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(status: number, code: string, detail: string, hint?: string) {
    super(detail);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Asks for one document; throws a Problem for any answer but a good one, and for none. */
export async function ask<T>(
  path: string,
  { method = 'GET', body, headers, signal }: Asked = {},
): Promise<T> {
  const isWrite = method !== 'GET';
  const answer = await reach(path, {
    method,
    headers: {
      accept: 'application/json',
      ...(isWrite && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(isWrite && { body: JSON.stringify(body ?? {}) }),
    ...(signal && { signal }),
  });
  if (!answer.ok) throw await toProblem(answer);
  return (await answer.json()) as T;
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, credentials: 'same-origin', redirect: 'error' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, 'UNREACHABLE', 'The coordinator does not answer.', 'Wait, or look whether it runs.');
  }
}

async function toProblem(answer: Response): Promise<Problem> {
  const document = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  const text = (name: string) => (typeof document[name] === 'string' ? document[name] : undefined);
  const detail = text('detail') ?? text('title') ?? `The coordinator answers ${answer.status}.`;
  return new Problem(answer.status, text('code') ?? 'UNKNOWN', detail, text('hint'));
}

const PAGE = 200;
/** Far more pages than a federation has. */
const MOST_PAGES = 500;

/** Every item of a list that comes in pages. */
export async function askAll<T>(path: string, name: string, signal?: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor !== null && { cursor }) });
    const answer: Record<string, unknown> = await ask(
      `${path}?${query.toString()}`,
      signal ? { signal } : {},
    );
    items.push(...((answer[name] ?? []) as T[]));
    cursor = (answer['next'] as string | null | undefined) ?? null;
    if (cursor === null) break;
  }
  return items;
}

/** A write is done once, also when its answer is lost and it is asked for again. */
export function createIdempotencyKey(): string {
  return crypto.randomUUID();
}
