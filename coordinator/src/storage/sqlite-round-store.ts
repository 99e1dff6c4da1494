// Rounds in SQL: the state and what it owes as JSON, messages as they arrived.
import { messageLeaf, type JobId, type SiteId } from '@blindsum/proto';
import { sql, type Selectable, type Transaction } from 'kysely';
import type { RoundId, RoundStore, StoredMessage, StoredRound } from '../ports.ts';
import { toRoundKey } from '../round-names.ts';
import type { Effect, Round } from '../round/round.ts';
import type { Database, RoundMessageRow, RoundRow, Tables } from './tables.ts';

type Content = Pick<RoundRow, 'state' | 'owed'>;

export function createSqliteRoundStore(database: Database): RoundStore {
  return {
    load: (id) => loadRound(database, id),
    versions: (ids) => readVersions(database, ids),
    everyVersion: () => readEveryVersion(database),
    create: (id, first) => createRound(database, id, first),
    replace: (before, after, messages) =>
      database.transaction().execute((transaction) => replaceRound(transaction, before, after, messages)),
    messages: (id) => listMessages(database, id),
    list: (job) => listRounds(database, job),
    owing: () => listOwing(database),
  };
}

async function loadRound(database: Database, id: RoundId): Promise<StoredRound | undefined> {
  const row = await database
    .selectFrom('rounds')
    .selectAll()
    .where((where) => where.and(toKey(id)))
    .executeTakeFirst();
  return row && toStoredRound(row);
}

/** In one statement; SQLite takes 32,766 values. */
const MAX_IDS = 10_000;

async function readVersions(
  database: Database,
  ids: readonly RoundId[],
): Promise<readonly (number | undefined)[]> {
  const found = new Map<string, number>();
  for (let first = 0; first < ids.length; first += MAX_IDS)
    for (const row of await selectVersions(database, ids.slice(first, first + MAX_IDS)))
      found.set(toRoundKey(toRoundId(row)), Number(row.version));
  return ids.map((id) => found.get(toRoundKey(id)));
}

const VERSION_COLUMNS = ['job', 'round', 'attempt', 'version'] as const;

function selectVersions(database: Database, ids: readonly RoundId[]) {
  const keys = ids.map(toKey).map(({ job, round, attempt }) => sql`(${job}, ${round}, ${attempt})`);
  return database
    .selectFrom('rounds')
    .select(VERSION_COLUMNS)
    .where(sql<boolean>`(job, round, attempt) in (values ${sql.join(keys)})`)
    .execute();
}

async function readEveryVersion(database: Database): Promise<Pick<StoredRound, 'id' | 'version'>[]> {
  const rows = await database
    .selectFrom('rounds')
    .select(VERSION_COLUMNS)
    .orderBy('job')
    .orderBy('round')
    .orderBy('attempt')
    .execute();
  return rows.map((row) => ({ id: toRoundId(row), version: Number(row.version) }));
}

async function createRound(
  database: Database,
  id: RoundId,
  first: Pick<StoredRound, 'round' | 'owed' | 'startedMs'>,
): Promise<StoredRound> {
  await database
    .insertInto('rounds')
    .values({ ...toKey(id), ...toContent(first), version: 1n, started_ms: BigInt(first.startedMs) })
    .onConflict((conflict) => conflict.columns(['job', 'round', 'attempt']).doNothing())
    .execute();
  const stored = await loadRound(database, id);
  if (!stored) throw new Error(`round ${id.job}/${id.round}-${id.attempt} is gone after it was created`);
  return stored;
}

// The update comes first: a transaction that starts by reading could lose its place to another process's write.
async function replaceRound(
  transaction: Transaction<Tables>,
  before: StoredRound,
  after: Pick<StoredRound, 'round' | 'owed'>,
  messages: readonly StoredMessage[],
): Promise<StoredRound | undefined> {
  const version = before.version + 1;
  const row = await transaction
    .updateTable('rounds')
    .set({ ...toContent(after), version: BigInt(version) })
    .where((where) => where.and({ ...toKey(before.id), version: BigInt(before.version) }))
    .returningAll()
    .executeTakeFirst();
  if (!row) return undefined;
  if (messages.length > 0) await addMessages(transaction, before.id, version, messages);
  return toStoredRound(row);
}

async function addMessages(
  transaction: Transaction<Tables>,
  id: RoundId,
  version: number,
  messages: readonly StoredMessage[],
): Promise<void> {
  const rows = messages.map(({ type, site, subject, message }, position) => ({
    ...toKey(id),
    type,
    site,
    subject,
    digest: messageLeaf(message),
    version: BigInt(version),
    position: BigInt(position),
    payload: message.payload,
    signature: message.signature,
  }));
  await transaction
    .insertInto('round_messages')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function listMessages(database: Database, id: RoundId): Promise<StoredMessage[]> {
  const rows = await database
    .selectFrom('round_messages')
    .selectAll()
    .where((where) => where.and(toKey(id)))
    .orderBy('version')
    .orderBy('position')
    .execute();
  return rows.map(toStoredMessage);
}

async function listRounds(database: Database, job: JobId): Promise<StoredRound[]> {
  const rows = await database
    .selectFrom('rounds')
    .selectAll()
    .where('job', '=', job)
    .orderBy('round')
    .orderBy('attempt')
    .execute();
  return rows.map(toStoredRound);
}

async function listOwing(database: Database): Promise<RoundId[]> {
  // The condition is spelled as the index has it.
  const rows = await database
    .selectFrom('rounds')
    .select(['job', 'round', 'attempt'])
    .where(sql<boolean>`owed <> '[]'`)
    .orderBy('job')
    .orderBy('round')
    .orderBy('attempt')
    .execute();
  return rows.map(toRoundId);
}

function toKey(id: RoundId): Pick<RoundRow, 'job' | 'round' | 'attempt'> {
  return { job: id.job, round: BigInt(id.round), attempt: BigInt(id.attempt) };
}

function toContent(stored: Pick<StoredRound, 'round' | 'owed'>): Content {
  return { state: JSON.stringify(stored.round), owed: JSON.stringify(stored.owed) };
}

function toRoundId(row: Pick<Selectable<RoundRow>, 'job' | 'round' | 'attempt'>): RoundId {
  return { job: row.job as JobId, round: Number(row.round), attempt: Number(row.attempt) };
}

function toStoredRound(row: Selectable<RoundRow>): StoredRound {
  return {
    id: toRoundId(row),
    version: Number(row.version),
    round: JSON.parse(row.state) as Round,
    owed: JSON.parse(row.owed) as Effect[],
    startedMs: Number(row.started_ms),
  };
}

function toStoredMessage(row: Selectable<RoundMessageRow>): StoredMessage {
  return {
    type: row.type as StoredMessage['type'],
    site: row.site as SiteId,
    subject: row.subject as SiteId,
    message: { payload: row.payload, signature: row.signature },
  };
}
