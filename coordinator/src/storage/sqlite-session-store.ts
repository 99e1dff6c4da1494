// Sessions in SQL, by the hashes of their secrets.
import type { Digest } from '@blindsum/proto';
import type { Session, SessionStore } from '../access/session-store.ts';
import type { Database } from './tables.ts';

export function createSqliteSessionStore(database: Database): SessionStore {
  return {
    create: (session) => create(database, session),
    load: (hash) => load(database, hash),
    used: (hash, atMs) => noteUse(database, hash, BigInt(atMs)),
    remove: async (hash) =>
      (await database
        .deleteFrom('sessions')
        .where('hash', '=', hash)
        .returning('hash')
        .executeTakeFirst()) !== undefined,
    removeBefore: ({ endsMs, lastUsedMs }) => removeBefore(database, BigInt(endsMs), BigInt(lastUsedMs)),
  };
}

async function create(database: Database, session: Session): Promise<void> {
  const { hash, actor, createdMs, endsMs, lastUsedMs } = session;
  await database
    .insertInto('sessions')
    .values({
      hash,
      actor: JSON.stringify(actor),
      created_ms: BigInt(createdMs),
      ends_ms: BigInt(endsMs),
      last_used_ms: BigInt(lastUsedMs),
    })
    .execute();
}

async function load(database: Database, hash: Digest): Promise<Session | undefined> {
  const row = await database.selectFrom('sessions').selectAll().where('hash', '=', hash).executeTakeFirst();
  return (
    row && {
      hash,
      actor: JSON.parse(row.actor) as Session['actor'],
      createdMs: Number(row.created_ms),
      endsMs: Number(row.ends_ms),
      lastUsedMs: Number(row.last_used_ms),
    }
  );
}

async function noteUse(database: Database, hash: Digest, atMs: bigint): Promise<void> {
  await database
    .updateTable('sessions')
    .set({ last_used_ms: atMs })
    .where('hash', '=', hash)
    .where('last_used_ms', '<', atMs)
    .execute();
}

async function removeBefore(database: Database, endsMs: bigint, lastUsedMs: bigint): Promise<void> {
  await database
    .deleteFrom('sessions')
    .where((where) => where.or([where('ends_ms', '<=', endsMs), where('last_used_ms', '<=', lastUsedMs)]))
    .execute();
}
