// A page of the trail, read from its end. What is sought may be rare: a page may hold less than was asked for, also nothing, and
// still say where to go on.
import { parseTrailEntry, Refusal, type TrailEntry } from '@blindsum/proto';
import type { AuditTrail } from '../audit-trail.ts';
import { encodeCursor, parseCursor } from './page.ts';

export interface TrailQuery {
  readonly limit: number;
  /** Entries with smaller numbers. */
  readonly before?: number | undefined;
  readonly since?: number | undefined;
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
}

/** Entries looked at for one page. */
const MAX_READ = 20_000;
const WINDOW = 500;

export async function readTrailPage(
  trail: Pick<AuditTrail, 'read' | 'last'>,
  query: TrailQuery,
): Promise<{ readonly entries: readonly TrailEntry[]; readonly next: string | null }> {
  const end = Math.min(await trail.last(), (query.before ?? Infinity) - 1);
  // Without a filter, every entry that is read is one of the page.
  const window = query.action === undefined && query.actor === undefined ? query.limit : WINDOW;
  const found: TrailEntry[] = [];
  let to = end;
  while (to > 0 && end - to < MAX_READ) {
    const from = Math.max(0, to - window);
    // Newest first, each parsed once it is its turn; `read` gives what comes after `from`, also what came in since.
    for (const bytes of (await trail.read(from, window)).toReversed()) {
      const entry = parseTrailEntry(bytes);
      if (entry.sequence > to) continue;
      if (entry.atMs < (query.since ?? 0)) return { entries: found, next: null };
      if (isWanted(entry, query)) found.push(entry);
      if (found.length === query.limit) return { entries: found, next: toNext(entry.sequence) };
    }
    to = from;
  }
  return { entries: found, next: to > 0 ? toNext(to + 1) : null };
}

/** Refuses MALFORMED. */
export function parseTrailCursor(cursor: string): number {
  const key = parseCursor(cursor);
  if (!/^[1-9][0-9]{0,14}$/.test(key))
    throw new Refusal('MALFORMED', 'cursor: expected the `next` of the page before');
  return Number(key);
}

function toNext(sequence: number): string | null {
  return sequence > 1 ? encodeCursor(String(sequence)) : null;
}

function isWanted({ action, actor }: TrailEntry, query: TrailQuery): boolean {
  const isAction =
    query.action === undefined || action === query.action || action.startsWith(`${query.action}.`);
  return isAction && (query.actor === undefined || namesOf(actor).includes(query.actor));
}

function namesOf(actor: TrailEntry['actor']): string[] {
  switch (actor.kind) {
    case 'local':
      return [actor.user];
    case 'key':
      return [actor.key, actor.name];
    case 'person':
      return [actor.subject];
    case 'stranger':
    case 'coordinator':
      return [actor.kind];
  }
}
