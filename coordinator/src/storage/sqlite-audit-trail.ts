// The trail of administrative actions in SQL: rows are inserted, and never changed or removed.
import {
  encodeTrailEntry,
  parseTrailEntry,
  trailEntryHash,
  type Bytes,
  type Digest,
  type TrailEntry,
} from '@blindsum/proto';
import type { AuditTrail, TrailDraft } from '../audit-trail.ts';
import type { Database } from './tables.ts';

export function createSqliteAuditTrail(database: Database): AuditTrail {
  return {
    append: (draft, least = 0) => append(database, draft, least),
    read: (after, limit) => read(database, after, limit),
    last: async () => Number((await lastRow(database))?.sequence ?? 0n),
    unfinished: () => unfinished(database),
  };
}

/** The number is the key: of two that append at once, one finds it taken and follows upon the other. */
async function append(database: Database, draft: TrailDraft, least: number): Promise<TrailEntry> {
  for (;;) {
    const last = await lastRow(database);
    const sequence = Math.max(least, Number(last?.sequence ?? 0n) + 1);
    const entry: TrailEntry = { ...draft, sequence, previous: (last?.hash ?? '') as Digest | '' };
    if (await insert(database, entry)) return entry;
  }
}

async function insert(database: Database, entry: TrailEntry): Promise<boolean> {
  const bytes = encodeTrailEntry(entry);
  const { outcome } = entry;
  const [sequence, completes] = [BigInt(entry.sequence), BigInt(entry.completes)];
  const row = await database
    .insertInto('trail_entries')
    .values({ sequence, hash: trailEntryHash(bytes), outcome, completes, bytes })
    .onConflict((conflict) => conflict.column('sequence').doNothing())
    .returning('sequence')
    .executeTakeFirst();
  return row !== undefined;
}

function lastRow(database: Database) {
  return database
    .selectFrom('trail_entries')
    .select(['sequence', 'hash'])
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
}

async function read(database: Database, after: number, limit: number): Promise<readonly Bytes[]> {
  const rows = await database
    .selectFrom('trail_entries')
    .select('bytes')
    .where('sequence', '>', BigInt(after))
    .orderBy('sequence')
    .limit(limit)
    .execute();
  return rows.map(({ bytes }) => bytes);
}

async function unfinished(database: Database): Promise<readonly TrailEntry[]> {
  const rows = await database
    .selectFrom('trail_entries as begun')
    .leftJoin('trail_entries as after', 'after.completes', 'begun.sequence')
    .select('begun.bytes')
    .where('begun.outcome', '=', 'begun')
    .where('after.sequence', 'is', null)
    .orderBy('begun.sequence')
    .execute();
  return rows.map(({ bytes }) => parseTrailEntry(bytes));
}
