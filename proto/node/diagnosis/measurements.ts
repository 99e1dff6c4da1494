// What a doctor measures of the machine and of the others. Nothing is changed, nothing is sent but questions.
import { stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';

const TIMEOUT_MS = 5_000;

/** Listens on `host:port` for an instant: `free`, or the system's error code. */
export function tryToListen(address: string): Promise<string> {
  const { host, port } = toHostPort(address);
  return new Promise((done) => {
    const server = createServer();
    server.once('error', ({ code = 'unknown error' }: NodeJS.ErrnoException) => done(code));
    server.listen({ host, port, exclusive: true }, () => server.close(() => done('free')));
  });
}

/** IPv6 addresses lose their brackets. */
export function toHostPort(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}

export interface FileFacts {
  readonly mode: number;
  readonly uid: number;
}

/** Undefined where there is none, or the way to it is closed. */
export async function lookAtFile(path: string): Promise<FileFacts | undefined> {
  try {
    const { mode, uid } = await stat(path);
    return { mode, uid };
  } catch {
    return undefined;
  }
}

/** Bytes that may still be written where `path` is, or will be made. */
export async function measureFreeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path, { bigint: true });
    return Number(bavail * bsize);
  } catch (error) {
    const parent = dirname(resolve(path));
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === resolve(path)) throw error;
    return measureFreeBytes(parent);
  }
}

export interface ShownTime {
  /** Our time less theirs, in milliseconds. */
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
}

/** From when a question was asked, what the answer says the time is, and when that came. `resolutionMs` is that of the answer. */
export function compareTimes(
  askedMs: number,
  shownMs: number,
  { answeredMs, resolutionMs }: { readonly answeredMs: number; readonly resolutionMs: number },
): ShownTime {
  const between = (askedMs + answeredMs) / 2;
  const theirs = shownMs + resolutionMs / 2;
  return { offsetMs: between - theirs, uncertaintyMs: (answeredMs - askedMs + resolutionMs) / 2 };
}

const HTTP_DATE_RESOLUTION_MS = 1000;

/** The clock of a web server by the Date of its answer (RFC 9110, section 6.6.1). Rejects if it does not answer, or without one. */
export async function askForTime(url: string): Promise<ShownTime> {
  const askedMs = Date.now();
  const answer = await fetch(url, {
    method: 'HEAD',
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const shownMs = Date.parse(answer.headers.get('date') ?? '');
  if (Number.isNaN(shownMs)) throw new Error('the answer has no date');
  return compareTimes(askedMs, shownMs, { answeredMs: Date.now(), resolutionMs: HTTP_DATE_RESOLUTION_MS });
}
