// `jobs watch`: a job as it goes on, until it ends.
import { EXIT } from '@blindsum/proto';
import type { AdminClient } from '@blindsum/admin-client';
import { createLiveLines } from '../terminal/live-lines.ts';
import { afterEvent, describeChange, drawWatched, type Watched } from '../terminal/progress-screen.ts';
import { jobNamed } from './names.ts';
import type { Output } from './operator.ts';
import { answered, connect, toRefusal, type Target } from './target.ts';

export interface Screen {
  /** Undefined for what is no terminal. */
  readonly columns: number | undefined;
  readonly write: (text: string) => void;
}

const ENDED = ['finished', 'failed', 'cancelled'];
const TYPES = ['job', 'round', 'upload'] as const;

/** Resolves to the exit status: whether the job finished. */
export async function watchJob(
  target: Target,
  name: string,
  { output, screen }: { readonly output: Output; readonly screen: Screen },
): Promise<number> {
  const job = jobNamed(name);
  const client = await connect(target);
  let watched = await readWatched(client, job);
  const show = createView(output, screen);
  show(undefined, watched);
  const ending = new AbortController();
  // What happened between the reading and the first event is in the stream: it is opened first.
  for await (const event of eventsOf(client, ending.signal)) {
    const before = watched;
    watched =
      event === undefined || event.type === 'reset'
        ? await readWatched(client, job)
        : afterEvent(watched, event);
    if (output.json && event && watched !== before)
      output.print(JSON.stringify({ event: event.type, ...event.data }));
    show(before, watched);
    if (ENDED.includes(watched.job.state)) ending.abort();
  }
  return watched.job.state === 'finished' ? EXIT.ok : EXIT.failed;
}

type WatchedEvent = Awaited<ReturnType<ReturnType<AdminClient['watch']>['next']>>['value'];

/** `undefined` whenever the stream has begun: what came before it is to be read. */
async function* eventsOf(
  client: AdminClient,
  signal: AbortSignal,
): AsyncGenerator<Exclude<WatchedEvent, void> | undefined> {
  const opened = Promise.withResolvers<void>();
  const stream = client.watch({
    signal,
    types: TYPES,
    onState: (state) => state === 'open' && opened.resolve(),
  });
  try {
    let next = stream.next();
    next.catch(() => opened.resolve());
    await opened.promise;
    yield undefined;
    for (;;) {
      const { done, value } = await next;
      if (done === true) return;
      yield value;
      next = stream.next();
    }
  } catch (error) {
    throw toRefusal(error);
  }
}

async function readWatched(client: AdminClient, job: string): Promise<Watched> {
  const document = await answered(client.GET('/v1/jobs/{job}', { params: { path: { job } } }));
  const { current } = document;
  if (current === null) return { job: document, round: undefined, uploads: [] };
  const path = { job, round: current.round };
  const { attempts } = await answered(client.GET('/v1/jobs/{job}/rounds/{round}', { params: { path } }));
  return { job: document, round: attempts.at(-1), uploads: [] };
}

type View = (before: Watched | undefined, after: Watched) => void;

/** Bars that move on a terminal, one line for each change elsewhere; with JSON the events say it. */
function createView(output: Output, { columns, write }: Screen): View {
  if (output.json) return () => {};
  if (columns !== undefined) {
    const live = createLiveLines(write);
    return (_, after) => live.draw(drawWatched(after, columns));
  }
  return (before, after) => {
    const line = before ? describeChange(before, after) : `job ${after.job.job}: ${after.job.state}`;
    if (line !== undefined) output.print(line);
  };
}
