// Requests for checkpoints in SQL: the state as JSON.
import type { JobId } from '@blindsum/proto';
import type { CheckpointStore, StoredCheckpoint } from '../ports.ts';
import type { CheckpointRow, Database } from './tables.ts';

type Content = Pick<StoredCheckpoint, 'request' | 'retired'>;

export function createSqliteCheckpointStore(database: Database): CheckpointStore {
  return {
    load: (job) => load(database, job),
    replace: (job, before, after) =>
      before ? replace(database, before, after) : create(database, job, after),
  };
}

async function load(database: Database, job: JobId): Promise<StoredCheckpoint | undefined> {
  const row = await database.selectFrom('checkpoints').selectAll().where('job', '=', job).executeTakeFirst();
  return row && toStored(row);
}

async function create(database: Database, job: JobId, first: Content): Promise<StoredCheckpoint | undefined> {
  const row = await database
    .insertInto('checkpoints')
    .values({ job, version: 1n, state: toState(first) })
    .onConflict((conflict) => conflict.column('job').doNothing())
    .returningAll()
    .executeTakeFirst();
  return row && toStored(row);
}

async function replace(
  database: Database,
  before: StoredCheckpoint,
  after: Content,
): Promise<StoredCheckpoint | undefined> {
  const row = await database
    .updateTable('checkpoints')
    .set({ state: toState(after), version: BigInt(before.version + 1) })
    .where((where) => where.and({ job: before.job, version: BigInt(before.version) }))
    .returningAll()
    .executeTakeFirst();
  return row && toStored(row);
}

function toState({ request, retired }: Content): string {
  return JSON.stringify({ request, retired });
}

function toStored({ job, version, state }: CheckpointRow): StoredCheckpoint {
  const { request, retired } = JSON.parse(state) as Partial<Content> & Pick<Content, 'request'>;
  // JSON leaves out what is undefined.
  const { asked } = request;
  return { job: job as JobId, version: Number(version), request: { ...request, asked }, retired };
}
