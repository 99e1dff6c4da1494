// Writes that were asked for under an idempotency key, in SQL.
import type { Digest } from '@blindsum/proto';
import type { KeptAnswer, KeptWrite, WriteStore } from '../api/write-store.ts';
import type { Database, IdempotentWriteRow } from './tables.ts';

export function createSqliteWriteStore(database: Database): WriteStore {
  return {
    begin: (write) => begin(database, write),
    finish: (name, answer) => finish(database, name, answer),
    remove: async (name) =>
      void (await database.deleteFrom('idempotent_writes').where('name', '=', name).execute()),
    removeBefore: async (begunMs) =>
      void (await database.deleteFrom('idempotent_writes').where('begun_ms', '<', BigInt(begunMs)).execute()),
  };
}

async function begin(
  database: Database,
  { name, request, begunMs }: Omit<KeptWrite, 'answer'>,
): Promise<KeptWrite | undefined> {
  const none = { status: null, location: null, answer: null };
  const inserted = await database
    .insertInto('idempotent_writes')
    .values({ name, request, begun_ms: BigInt(begunMs), ...none })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('name')
    .executeTakeFirst();
  if (inserted) return undefined;
  return toWrite(
    await database
      .selectFrom('idempotent_writes')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirstOrThrow(),
  );
}

async function finish(
  database: Database,
  name: Digest,
  { status, location, text }: KeptAnswer,
): Promise<void> {
  await database
    .updateTable('idempotent_writes')
    .set({ status: BigInt(status), location: location ?? null, answer: text ?? null })
    .where('name', '=', name)
    .execute();
}

function toWrite({ name, request, begun_ms, status, location, answer }: IdempotentWriteRow): KeptWrite {
  return {
    name: name as Digest,
    request: request as Digest,
    begunMs: Number(begun_ms),
    answer:
      status === null
        ? undefined
        : { status: Number(status), location: location ?? undefined, text: answer ?? undefined },
  };
}
