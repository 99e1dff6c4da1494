// The steps that make the tables of the admin API. A released step is never changed: add another one.
import type { Kysely } from 'kysely';

/** Writes that were asked for under an idempotency key. */
export async function createIdempotentWrites(schema: Kysely<unknown>): Promise<void> {
  await schema.schema
    .createTable('idempotent_writes')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('request', 'text', (column) => column.notNull())
    .addColumn('begun_ms', 'bigint', (column) => column.notNull())
    .addColumn('status', 'bigint')
    .addColumn('location', 'text')
    .addColumn('answer', 'text')
    .execute();
  await schema.schema
    .createIndex('idempotent_writes_by_age')
    .on('idempotent_writes')
    .columns(['begun_ms'])
    .execute();
}
