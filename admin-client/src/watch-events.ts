// The coordinator's events. A connection that ends is made again, and goes on after the last event that came: nothing is missed
// in between, or the coordinator says `reset`.
import type { AdminEvent, EventType } from './admin-event.ts';
import { createEventStreamParser, type EventStreamParser, type StreamedEvent } from './event-stream.ts';
import { Problem, toProblem } from './problem.ts';

const TYPES: ReadonlySet<string> = new Set(['job', 'round', 'upload', 'site', 'log', 'trail', 'reset']);

export interface WatchOptions {
  readonly signal: AbortSignal;
  /** All of them unless given. */
  readonly types?: readonly EventType[];
  /** Goes on after this event of an earlier stream. */
  readonly lastEventId?: string;
  /** Told whenever the stream begins, and whenever it ends and is waited for. */
  readonly onState?: (state: 'open' | 'waiting', why?: unknown) => void;
}

export type OpenStream = (
  path: string,
  init: { headers: Record<string, string>; signal: AbortSignal },
) => Promise<Response>;

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** The coordinator shows that it is there every 15 seconds: after so much silence the connection is dead. */
const SILENCE_MS = 45_000;

/** Ends once the signal is aborted. Throws a Problem that another attempt does not mend: a credential that is not good, for example. */
export async function* watchEvents(
  open: OpenStream,
  options: WatchOptions,
): AsyncGenerator<AdminEvent, void, undefined> {
  const { signal, types, onState } = options;
  const path = types === undefined ? '/v1/events' : `/v1/events?types=${types.join(',')}`;
  let last = options.lastEventId;
  let failures = 0;
  while (!signal.aborted) {
    const parser = createEventStreamParser();
    let why: unknown;
    try {
      for await (const event of readStream({ open, path, last, parser, signal }, () => onState?.('open'))) {
        failures = 0;
        last = event.id === '' ? last : event.id;
        if (isKnown(event)) yield { ...event, data: JSON.parse(event.data) as never } as AdminEvent;
      }
    } catch (error) {
      if (isFinal(error)) throw error;
      why = error;
    }
    if (signal.aborted) return;
    onState?.('waiting', why);
    await pause(toWait(failures++, parser.retryMs), signal);
  }
}

interface Reading {
  readonly open: OpenStream;
  readonly path: string;
  readonly last: string | undefined;
  readonly parser: EventStreamParser;
  readonly signal: AbortSignal;
}

async function* readStream(
  { open, path, last, parser, signal }: Reading,
  opened: () => void,
): AsyncGenerator<StreamedEvent, void, undefined> {
  const silence = new AbortController();
  const ending = AbortSignal.any([signal, silence.signal]);
  const resume: Record<string, string> = last === undefined ? {} : { 'last-event-id': last };
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const headers = { accept: 'text/event-stream', ...resume };
    const response = await open(path, { headers, signal: ending });
    if (!response.ok || !response.body) throw await toProblem(response);
    opened();
    for await (const part of partsOf(response.body)) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      yield* parser.push(part);
    }
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** Not every browser iterates over a body. */
async function* partsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function isKnown({ type }: StreamedEvent): boolean {
  return TYPES.has(type);
}

/** A request that is refused as it is will be refused again; too many of them, or nobody there, will not last. */
function isFinal(error: unknown): boolean {
  return error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429;
}

/** Longer each time, and not the same for all who lost their connection at the same moment. */
function toWait(failures: number, retryMs = FIRST_WAIT_MS): number {
  const longest = Math.min(retryMs * 2 ** Math.min(failures, 10), LONGEST_WAIT_MS);
  return longest * (0.5 + Math.random() / 2);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}
