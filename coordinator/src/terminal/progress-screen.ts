// A job as it goes on, for a terminal: pure, from what was told to the lines that show it.
import type { AdminEvent } from '@blindsum/admin-client';
import { toBytes, toCell } from './table.ts';

type JobDocument = Extract<AdminEvent, { type: 'job' }>['data']['job'];
type RoundDocument = Extract<AdminEvent, { type: 'round' }>['data']['round'];
type Upload = Extract<AdminEvent, { type: 'upload' }>['data'];

/** What is known of a job that is watched. */
export interface Watched {
  readonly job: JobDocument;
  readonly round: RoundDocument | undefined;
  /** Of the attempt that goes on, the latest of each site and kind. */
  readonly uploads: readonly Upload[];
}

/** What is known after an event; the same if it is about something else. */
export function afterEvent(watched: Watched, event: AdminEvent): Watched {
  const { job } = watched.job;
  switch (event.type) {
    case 'job':
      return event.data.job.job === job ? { ...watched, job: event.data.job } : watched;
    case 'round':
      return event.data.round.job === job ? withRound(watched, event.data.round) : watched;
    case 'upload':
      return event.data.job === job ? withUpload(watched, event.data) : watched;
    case 'site':
    case 'log':
    case 'trail':
    case 'reset':
      return watched;
  }
}

function withRound(watched: Watched, round: RoundDocument): Watched {
  const isSame = watched.round?.round === round.round && watched.round.attempt === round.attempt;
  return { ...watched, round, uploads: isSame ? watched.uploads : [] };
}

function withUpload(watched: Watched, upload: Upload): Watched {
  const { round, attempt } = watched.round ?? upload;
  if (upload.round !== round || upload.attempt !== attempt) return watched;
  const others = watched.uploads.filter(({ site, kind }) => site !== upload.site || kind !== upload.kind);
  return { ...watched, uploads: [...others, upload].sort(bySite) };
}

function bySite(a: Upload, b: Upload): number {
  return a.site.localeCompare(b.site, 'en') || a.kind.localeCompare(b.kind, 'en');
}

const BAR = 24;
const MAX_SITES = 20;

/** As many characters of `#` as have been done. */
export function toBar(done: number, of: number, width = BAR): string {
  const share = of === 0 ? 0 : Math.min(1, Math.max(0, done / of));
  const filled = Math.floor(share * width);
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}]`;
}

/** Lines for a screen of `columns` characters; none is longer, so that the cursor knows where it is. */
export function drawWatched({ job, round, uploads }: Watched, columns: number): string[] {
  // Statistics before the training rounds, and evaluation after them.
  const last = job.trainingRounds + 1;
  const at = round?.round ?? 0;
  const ended = round?.phase === 'published' ? at + 1 : at;
  const lines = [
    `${job.job}: ${job.state}${job.failure === null ? '' : ` (${job.failure})`}`,
    `rounds    ${toBar(ended, last + 1)} ${at} of 0 to ${last}${round ? `, ${round.kind}, attempt ${round.attempt}` : ''}`,
    ...(round ? [describePhase(round)] : []),
    ...uploads.slice(0, MAX_SITES).map(describeUpload),
    ...(uploads.length > MAX_SITES ? [`and ${uploads.length - MAX_SITES} more`] : []),
  ];
  return lines.map((line) => toCell(line).slice(0, columns));
}

function describePhase({ phase, contributors, awaited, failure }: RoundDocument): string {
  const waits = awaited.map(({ site }) => site).join(', ');
  const why = failure ? `, ${failure.reason}` : '';
  return `phase     ${phase}${why}, ${contributors.length} contributors${waits === '' ? '' : `, waits for ${waits}`}`;
}

function describeUpload({ site, kind, bytes, ofBytes }: Upload): string {
  return `${site.padEnd(20)} ${kind.padEnd(10)} ${toBar(bytes, ofBytes)} ${toBytes(bytes)} of ${toBytes(ofBytes)}`;
}

/** The line that says what has changed, for what is no terminal; undefined for what a line would not be worth. */
export function describeChange(before: Watched, after: Watched): string | undefined {
  const { job, round } = after;
  if (job.state !== before.job.state) return `job ${job.job}: ${job.state}`;
  if (!round) return undefined;
  const same = before.round;
  if (same?.round === round.round && same.attempt === round.attempt && same.phase === round.phase)
    return undefined;
  return `round ${round.round} of 0 to ${job.trainingRounds + 1}, attempt ${round.attempt}: ${round.phase}, ${round.contributors.length} contributors`;
}
