// Releases in SQL: the state as JSON.
import type { JobId } from '@blindsum/proto';
import type { RoundId } from '../ports.ts';
import type { Release } from '../release/release.ts';
import type { ReleaseStore, StoredRelease } from '../release/release-store.ts';
import type { Database, ReleaseRow } from './tables.ts';

export function createSqliteReleaseStore(database: Database): ReleaseStore {
  return {
    load: (job, round) => load(database, job, round),
    list: () => list(database),
    replace: (id, before, after) => (before ? replace(database, before, after) : create(database, id, after)),
  };
}

async function load(database: Database, job: JobId, round: number): Promise<StoredRelease | undefined> {
  const row = await database
    .selectFrom('releases')
    .selectAll()
    .where((where) => where.and({ job, round: BigInt(round) }))
    .executeTakeFirst();
  return row && toStored(row);
}

async function list(database: Database): Promise<StoredRelease[]> {
  const rows = await database.selectFrom('releases').selectAll().orderBy('job').orderBy('round').execute();
  return rows.map(toStored);
}

async function create(
  database: Database,
  { job, round, attempt }: RoundId,
  first: Release,
): Promise<StoredRelease | undefined> {
  const name = { job, round: BigInt(round), attempt: BigInt(attempt) };
  const row = await database
    .insertInto('releases')
    .values({ ...name, version: 1n, state: JSON.stringify(first) })
    .onConflict((conflict) => conflict.columns(['job', 'round']).doNothing())
    .returningAll()
    .executeTakeFirst();
  return row && toStored(row);
}

async function replace(
  database: Database,
  { id, version }: StoredRelease,
  after: Release,
): Promise<StoredRelease | undefined> {
  const row = await database
    .updateTable('releases')
    .set({ state: JSON.stringify(after), version: BigInt(version + 1) })
    .where((where) => where.and({ job: id.job, round: BigInt(id.round), version: BigInt(version) }))
    .returningAll()
    .executeTakeFirst();
  return row && toStored(row);
}

function toStored({ job, round, attempt, version, state }: ReleaseRow): StoredRelease {
  const id = { job: job as JobId, round: Number(round), attempt: Number(attempt) };
  return { id, version: Number(version), release: JSON.parse(state) as Release };
}
