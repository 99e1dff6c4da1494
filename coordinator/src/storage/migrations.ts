// The steps that make the tables of tables.ts, oldest first. A released step is never changed: add another one.
import { sql, type CreateTableBuilder, type Kysely } from 'kysely';
import type { Migration, MigrationProvider } from 'kysely/migration';
import { createIdempotentWrites } from './api-migrations.ts';
import { createInvitations, keepCertificates } from './enrolment-migrations.ts';

/** Steps do not know the final tables. */
type Schema = Kysely<unknown>;

/** All steps by name; they run in the order of their names, each once. */
export function createMigrations(): MigrationProvider {
  const steps: Record<string, Migration> = {
    '001-jobs': { up: createJobs },
    '002-rounds': { up: createRounds },
    '003-members': { up: createMembers },
    '004-open-work': { up: indexOpenWork },
    '005-checkpoints': { up: createCheckpoints },
    '006-authors-and-withdrawals': { up: addAuthorsAndWithdrawals },
    '006-certificates': { up: keepCertificates },
    '006-invitations': { up: createInvitations },
    '006-operators': { up: createOperators },
    '007-rosters': { up: createRosters },
    '008-cosigned-notes': { up: createCosignedNotes },
    '009-releases': { up: createReleases },
    '010-idempotent-writes': { up: createIdempotentWrites },
    '011-round-traffic': { up: createRoundTraffic },
    '012-job-documents': { up: moveJobDocuments },
  };
  return { getMigrations: async () => steps };
}

async function createJobs(schema: Schema): Promise<void> {
  await schema.schema
    .createTable('jobs')
    .addColumn('job', 'text', (column) => column.primaryKey())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('manifest', 'blob', (column) => column.notNull())
    .addColumn('roster', 'blob', (column) => column.notNull())
    .addColumn('submitted_ms', 'bigint', (column) => column.notNull())
    .execute();
  await withSignedBytes(
    schema.schema
      .createTable('consents')
      .addColumn('job', 'text', (column) => column.notNull().references('jobs.job'))
      .addColumn('site', 'text', (column) => column.notNull()),
  )
    .addPrimaryKeyConstraint('consents_key', ['job', 'site'])
    .execute();
}

/** Whatever reads a row or changes it goes through all of its bytes. */
async function moveJobDocuments(schema: Schema): Promise<void> {
  await schema.schema
    .createTable('job_documents')
    .addColumn('job', 'text', (column) => column.primaryKey().references('jobs.job'))
    .addColumn('manifest', 'blob', (column) => column.notNull())
    .addColumn('author_signature', 'blob', (column) => column.notNull())
    .addColumn('roster', 'blob', (column) => column.notNull())
    .execute();
  await sql`insert into job_documents (job, manifest, author_signature, roster)
    select job, manifest, author_signature, roster from jobs`.execute(schema);
  for (const column of ['manifest', 'author_signature', 'roster'])
    await schema.schema.alterTable('jobs').dropColumn(column).execute();
}

async function createRounds(schema: Schema): Promise<void> {
  await withRoundId(schema.schema.createTable('rounds'))
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('owed', 'text', (column) => column.notNull())
    .addColumn('started_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('rounds_key', ['job', 'round', 'attempt'])
    .execute();
  const key = ['job', 'round', 'attempt', 'type', 'subject', 'site', 'digest'] as const;
  await withSignedBytes(
    withRoundId(schema.schema.createTable('round_messages'))
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('site', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('version', 'bigint', (column) => column.notNull())
      .addColumn('position', 'bigint', (column) => column.notNull()),
  )
    .addPrimaryKeyConstraint('round_messages_key', [...key])
    .execute();
}

async function createMembers(schema: Schema): Promise<void> {
  await schema.schema
    .createTable('members')
    .addColumn('site', 'text', (column) => column.primaryKey())
    .addColumn('signing_key', 'blob', (column) => column.notNull())
    .addColumn('sharing_key', 'blob', (column) => column.notNull())
    .addColumn('admitted_ms', 'bigint', (column) => column.notNull())
    .addColumn('last_seen_ms', 'bigint')
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('backend', 'text', (column) => column.notNull())
    .addColumn('activity', 'text', (column) => column.notNull())
    .addColumn('permille', 'bigint', (column) => column.notNull())
    .execute();
  await schema.schema
    .createTable('member_certificates')
    .addColumn('fingerprint', 'text', (column) => column.primaryKey())
    .addColumn('site', 'text', (column) => column.notNull().references('members.site'))
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('member_certificates_order', ['site', 'sequence'])
    .execute();
}

/** What goes on is found without reading what has ended. */
async function indexOpenWork(schema: Schema): Promise<void> {
  await schema.schema
    .alterTable('jobs')
    .addColumn('state', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  const { rows } = await sql<{ job: string; status: string }>`select job, status from jobs`.execute(schema);
  for (const { job, status } of rows) {
    const { state } = JSON.parse(status) as { state: string };
    await sql`update jobs set state = ${state} where job = ${job}`.execute(schema);
  }
  await schema.schema.createIndex('jobs_by_state').on('jobs').columns(['state']).execute();
  await sql`create index rounds_owing on rounds (job, round, attempt) where owed <> '[]'`.execute(schema);
}

async function createCheckpoints(schema: Schema): Promise<void> {
  await schema.schema
    .createTable('checkpoints')
    .addColumn('job', 'text', (column) => column.primaryKey().references('jobs.job'))
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .execute();
}

async function addAuthorsAndWithdrawals(schema: Schema): Promise<void> {
  await schema.schema
    .alterTable('jobs')
    .addColumn('author_signature', 'blob', (column) => column.notNull().defaultTo(sql`x''`))
    .execute();
  await withSignedBytes(
    schema.schema
      .createTable('withdrawals')
      .addColumn('job', 'text', (column) => column.notNull().references('jobs.job'))
      .addColumn('site', 'text', (column) => column.notNull()),
  )
    .addPrimaryKeyConstraint('withdrawals_key', ['job', 'site'])
    .execute();
}

async function createOperators(schema: Schema): Promise<void> {
  await schema.schema
    .createTable('trail_entries')
    .addColumn('sequence', 'bigint', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('completes', 'bigint', (column) => column.notNull())
    .addColumn('bytes', 'blob', (column) => column.notNull())
    .execute();
  await schema.schema
    .createIndex('trail_entries_completing')
    .on('trail_entries')
    .columns(['completes'])
    .execute();
  await schema.schema
    .createTable('api_keys')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('secret_hash', 'text', (column) => column.notNull())
    .addColumn('retired_hash', 'text')
    .addColumn('retired_until_ms', 'bigint')
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_ms', 'bigint')
    .addColumn('revoked_ms', 'bigint')
    .addColumn('last_used_ms', 'bigint')
    .execute();
  await schema.schema
    .createTable('sessions')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('ends_ms', 'bigint', (column) => column.notNull())
    .addColumn('last_used_ms', 'bigint', (column) => column.notNull())
    .execute();
}

async function createRosters(schema: Schema): Promise<void> {
  await schema.schema
    .createTable('rosters')
    .addColumn('version', 'bigint', (column) => column.primaryKey())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('roster', 'blob', (column) => column.notNull())
    .addColumn('answers', 'text', (column) => column.notNull())
    .execute();
}

async function createCosignedNotes(schema: Schema): Promise<void> {
  await schema.schema
    .createTable('cosigned_notes')
    .addColumn('size', 'bigint', (column) => column.primaryKey())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('has_quorum', 'bigint', (column) => column.notNull())
    .execute();
}

async function createReleases(schema: Schema): Promise<void> {
  await withRoundId(schema.schema.createTable('releases'))
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('releases_key', ['job', 'round'])
    .execute();
}

async function createRoundTraffic(schema: Schema): Promise<void> {
  await withRoundId(schema.schema.createTable('round_traffic'))
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('received_bytes', 'bigint', (column) => column.notNull())
    .addColumn('sent_bytes', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('round_traffic_key', ['job', 'round', 'attempt', 'phase'])
    .execute();
}

function withRoundId<Table extends string>(table: CreateTableBuilder<Table>) {
  return table
    .addColumn('job', 'text', (column) => column.notNull())
    .addColumn('round', 'bigint', (column) => column.notNull())
    .addColumn('attempt', 'bigint', (column) => column.notNull());
}

/** Payload and signature of a SignedMessage, exactly as they arrived. */
function withSignedBytes<Table extends string, Column extends string>(
  table: CreateTableBuilder<Table, Column>,
) {
  return table
    .addColumn('payload', 'blob', (column) => column.notNull())
    .addColumn('signature', 'blob', (column) => column.notNull());
}
