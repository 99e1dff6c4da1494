// The chain of rosters in SQL: one row for each version, with what sites said about it as JSON.
import {
  encodeBase64,
  parseBase64,
  parseHex,
  SIGNATURE_BYTES,
  toHex,
  type Digest,
  type SignedMessage,
} from '@blindsum/proto';
import type { RosterEntry, RosterRefusal, RosterStore, StoredRoster } from '../roster-store.ts';
import type { Database, RosterRow } from './tables.ts';

interface Answers {
  readonly approvals: readonly { readonly payload: string; readonly signature: string }[];
  readonly refusals: readonly RosterRefusal[];
}

export function createSqliteRosterStore(database: Database): RosterStore {
  return {
    head: () => head(database),
    load: (version) => load(database, version),
    replace: (version, before, after) =>
      before ? replace(database, before, after) : create(database, version, after),
  };
}

async function head(database: Database) {
  const row = await database
    .selectFrom('rosters')
    .select(['version', 'revision'])
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { version: Number(row.version), revision: Number(row.revision) };
}

async function load(database: Database, version: number): Promise<StoredRoster | undefined> {
  const row = await database
    .selectFrom('rosters')
    .selectAll()
    .where('version', '=', BigInt(version))
    .executeTakeFirst();
  return row && toStored(row);
}

async function create(
  database: Database,
  version: number,
  first: RosterEntry,
): Promise<StoredRoster | undefined> {
  const row = await database
    .insertInto('rosters')
    .values({ ...toContent(first), version: BigInt(version), revision: 1n })
    .onConflict((conflict) => conflict.column('version').doNothing())
    .returningAll()
    .executeTakeFirst();
  return row && toStored(row);
}

async function replace(
  database: Database,
  { version, revision }: StoredRoster,
  after: RosterEntry,
): Promise<StoredRoster | undefined> {
  const row = await database
    .updateTable('rosters')
    .set({ ...toContent(after), revision: BigInt(revision + 1) })
    .where((where) => where.and({ version: BigInt(version), revision: BigInt(revision), state: 'proposed' }))
    .returningAll()
    .executeTakeFirst();
  return row && toStored(row);
}

function toContent({ roster, hash, state, approvals, refusals }: RosterEntry) {
  const answers: Answers = { approvals: approvals.map(toText), refusals };
  return { roster, hash, state, answers: JSON.stringify(answers) };
}

function toStored({ version, revision, roster, hash, state, answers }: RosterRow): StoredRoster {
  const { approvals, refusals } = JSON.parse(answers) as Answers;
  return {
    ...{ version: Number(version), revision: Number(revision), state: state as RosterEntry['state'] },
    ...{ roster: new Uint8Array(roster), hash: hash as Digest },
    approvals: approvals.map(toMessage),
    refusals,
  };
}

function toText({ payload, signature }: SignedMessage): Answers['approvals'][number] {
  return { payload: encodeBase64(payload), signature: toHex(signature) };
}

function toMessage({ payload, signature }: Answers['approvals'][number]): SignedMessage {
  return {
    payload: parseBase64(payload, 'stored approval'),
    signature: parseHex(signature, SIGNATURE_BYTES, 'stored approval'),
  };
}
