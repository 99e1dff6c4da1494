// The steps that make the tables of enrolment. A released step is never changed: add another one.
import { sql, type Kysely } from 'kysely';

/** Certificates of before are known by their fingerprint only; they were valid for 825 days. */
export async function keepCertificates(schema: Kysely<unknown>): Promise<void> {
  for (const [column, type] of [
    ['revoked_ms', 'bigint'],
    ['revocation_reason', 'text'],
  ] as const)
    await schema.schema.alterTable('members').addColumn(column, type).execute();
  const added = [
    ['pem', 'text', ''],
    ['not_before_ms', 'bigint', 0],
    ['not_after_ms', 'bigint', 0],
    ['member', 'text', ''],
  ] as const;
  for (const [column, type, before] of added)
    await schema.schema
      .alterTable('member_certificates')
      .addColumn(column, type, (definition) => definition.notNull().defaultTo(before))
      .execute();
  await schema.schema.alterTable('member_certificates').addColumn('revoked_ms', 'bigint').execute();
  await sql`update member_certificates set not_before_ms = admitted_ms, not_after_ms = admitted_ms + 71280000000
    from members where members.site = member_certificates.site`.execute(schema);
  await schema.schema
    .createTable('certificate_records')
    .addColumn('sequence', 'bigint', (column) => column.primaryKey())
    .addColumn('predicate', 'text', (column) => column.notNull())
    .execute();
}

/** The invitations of an operator, with the hash of each secret. */
export async function createInvitations(schema: Kysely<unknown>): Promise<void> {
  await schema.schema
    .createTable('invitations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('site', 'text', (column) => column.notNull())
    .addColumn('secret_digest', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_ms', 'bigint', (column) => column.notNull())
    .addColumn('replaces', 'bigint', (column) => column.notNull())
    .addColumn('used_by', 'text')
    .addColumn('used_ms', 'bigint')
    .addColumn('revoked_ms', 'bigint')
    .execute();
}
