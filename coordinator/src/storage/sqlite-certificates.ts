// The certificates of members in SQL: issued, renewed, revoked, and each time the record that the log is owed, in the same
// transaction.
import { refuseUnless, type Digest, type SiteId } from '@blindsum/proto';
import type { Predicate } from '@blindsum/proto/tlog';
import type { Transaction } from 'kysely';
import type { CertificateRecordStore } from '../certificate-record-store.ts';
import type { MemberCertificate, Revocation } from '../member-store.ts';
import type { Database, MemberCertificateRow, Tables } from './tables.ts';

export interface AddedCertificate {
  readonly site: SiteId;
  readonly certificate: MemberCertificate;
  /** Pseudonym of the member. */
  readonly member: Digest;
}

export function createSqliteCertificateRecordStore(database: Database): CertificateRecordStore {
  return {
    async owed() {
      const rows = await database.selectFrom('certificate_records').selectAll().orderBy('sequence').execute();
      return rows.map(({ sequence, predicate }) => ({
        sequence,
        predicate: JSON.parse(predicate) as Predicate<'certificate'>,
      }));
    },
    async logged(sequence) {
      await database.deleteFrom('certificate_records').where('sequence', '=', sequence).execute();
    },
  };
}

/**
 * The certificate becomes the site's latest, unless it was that or an earlier one already. Refuses CONFLICTING_SUBMISSION for
 * one of another site, and for one that was revoked.
 */
export async function addCertificate(
  transaction: Transaction<Tables>,
  { site, certificate, member }: AddedCertificate,
): Promise<void> {
  const known = await findCertificate(transaction, certificate.fingerprint);
  if (known) {
    refuseUnless(known.site === site, 'CONFLICTING_SUBMISSION', 'the certificate belongs to another site');
    refuseUnless(known.revoked_ms === null, 'CONFLICTING_SUBMISSION', 'the certificate was revoked');
    return;
  }
  const isFirst = !(await hasCertificate(transaction, member));
  const latest = await latestCertificate(transaction, site);
  await transaction
    .insertInto('member_certificates')
    .values({
      fingerprint: certificate.fingerprint,
      site,
      sequence: (latest?.sequence ?? 0n) + 1n,
      pem: certificate.pem,
      not_before_ms: BigInt(certificate.notBeforeMs),
      not_after_ms: BigInt(certificate.notAfterMs),
      member,
      revoked_ms: null,
    })
    .execute();
  await oweRecord(transaction, {
    event: isFirst ? 'issued' : 'renewed',
    member,
    certificate: certificate.fingerprint as Digest,
    notAfter: certificate.notAfterMs,
  });
}

/** All that count; those of which the log has no record leave none. */
export async function revokeCertificates(
  transaction: Transaction<Tables>,
  site: SiteId,
  { reason, atMs }: Revocation,
): Promise<void> {
  const revoked = await transaction
    .updateTable('member_certificates')
    .set({ revoked_ms: BigInt(atMs) })
    .where('site', '=', site)
    .where('revoked_ms', 'is', null)
    .returningAll()
    .execute();
  for (const row of revoked.toSorted((a, b) => Number(a.sequence - b.sequence))) {
    if (row.member === '') continue;
    await oweRecord(transaction, {
      event: 'revoked',
      member: row.member as Digest,
      certificate: row.fingerprint as Digest,
      notAfter: Number(row.not_after_ms),
      reason,
    });
  }
}

export function latestCertificate(
  database: Database,
  site: SiteId,
): Promise<MemberCertificateRow | undefined> {
  return database
    .selectFrom('member_certificates')
    .selectAll()
    .where('site', '=', site)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
}

function findCertificate(database: Database, fingerprint: string): Promise<MemberCertificateRow | undefined> {
  return database
    .selectFrom('member_certificates')
    .selectAll()
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst();
}

async function hasCertificate(database: Database, member: Digest): Promise<boolean> {
  const found = await database
    .selectFrom('member_certificates')
    .select('fingerprint')
    .where('member', '=', member)
    .where('revoked_ms', 'is', null)
    .executeTakeFirst();
  return found !== undefined;
}

async function oweRecord(
  transaction: Transaction<Tables>,
  predicate: Predicate<'certificate'>,
): Promise<void> {
  const last = await transaction
    .selectFrom('certificate_records')
    .select('sequence')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  await transaction
    .insertInto('certificate_records')
    .values({ sequence: (last?.sequence ?? 0n) + 1n, predicate: JSON.stringify(predicate) })
    .execute();
}
