// Members and their certificates in SQL, with the records that the log is owed about them.
import { isEqualBytes, memberPseudonym, refuseUnless, toHex, type SiteId } from '@blindsum/proto';
import type { Transaction } from 'kysely';
import type { Admission, Heartbeat, Member, MemberStore, Revocation } from '../member-store.ts';
import { addCertificate, latestCertificate, revokeCertificates } from './sqlite-certificates.ts';
import type { Database, MemberCertificateRow, MemberRow, Tables } from './tables.ts';

export function createSqliteMemberStore(database: Database): MemberStore {
  return {
    admit: (admission) => database.transaction().execute((transaction) => admit(transaction, admission)),
    load: (site) => findWithCertificate(database, site),
    list: () => listMembers(database),
    byCertificate: (fingerprint) => findByCertificate(database, fingerprint),
    seen: (site, heartbeat, nowMs) => recordHeartbeat(database, site, heartbeat, nowMs),
    revoke: (site, revocation) =>
      database.transaction().execute((transaction) => revoke(transaction, site, revocation)),
  };
}

async function admit(transaction: Transaction<Tables>, admission: Admission): Promise<Member> {
  const { site } = admission;
  await insertMember(transaction, admission);
  let member = await loadMember(transaction, site);
  if (admission.replaces === true && !isSame(member, admission)) {
    await replaceMember(transaction, admission);
    member = await loadMember(transaction, site);
  }
  refuseUnless(member.revoked_ms === null, 'NOT_A_MEMBER', `${site} was revoked`);
  refuseUnless(isSame(member, admission), 'CONFLICTING_SUBMISSION', `${site} was admitted with other keys`);
  await addCertificate(transaction, {
    site,
    certificate: admission.certificate,
    member: memberPseudonym({ signingKey: toHex(admission.signingKey) }),
  });
  return toMember(member, (await latestCertificate(transaction, site))!);
}

/** Whether the admission changes nothing about who the member is. */
function isSame(member: MemberRow, { signingKey, sharingKey }: Admission): boolean {
  return (
    member.revoked_ms === null &&
    isEqualBytes(member.signing_key, signingKey) &&
    isEqualBytes(member.sharing_key, sharingKey)
  );
}

async function insertMember(transaction: Transaction<Tables>, admission: Admission): Promise<void> {
  await transaction
    .insertInto('members')
    .values({
      site: admission.site,
      signing_key: admission.signingKey,
      sharing_key: admission.sharingKey,
      admitted_ms: BigInt(admission.admittedMs),
      last_seen_ms: null,
      version: '',
      backend: '',
      activity: '',
      permille: 0n,
      revoked_ms: null,
      revocation_reason: null,
    })
    .onConflict((conflict) => conflict.column('site').doNothing())
    .execute();
}

/** What was issued to the one before counts no more. */
async function replaceMember(transaction: Transaction<Tables>, admission: Admission): Promise<void> {
  const { site, signingKey, sharingKey, admittedMs } = admission;
  await revokeCertificates(transaction, site, { reason: 'superseded', atMs: admittedMs });
  await transaction
    .updateTable('members')
    .set({
      signing_key: signingKey,
      sharing_key: sharingKey,
      admitted_ms: BigInt(admittedMs),
      revoked_ms: null,
      revocation_reason: null,
    })
    .where('site', '=', site)
    .execute();
}

async function revoke(
  transaction: Transaction<Tables>,
  site: SiteId,
  revocation: Revocation,
): Promise<Member> {
  await revokeCertificates(transaction, site, revocation);
  await transaction
    .updateTable('members')
    .set({ revoked_ms: BigInt(revocation.atMs), revocation_reason: revocation.reason })
    .where('site', '=', site)
    .where('revoked_ms', 'is', null)
    .execute();
  const member = await findMember(transaction, site);
  refuseUnless(member !== undefined, 'NOT_FOUND', `no site named ${site} was admitted`);
  return toMember(member, (await latestCertificate(transaction, site))!);
}

function findMember(database: Database, site: SiteId): Promise<MemberRow | undefined> {
  return database.selectFrom('members').selectAll().where('site', '=', site).executeTakeFirst();
}

async function loadMember(database: Database, site: SiteId): Promise<MemberRow> {
  return (await findMember(database, site))!;
}

async function findWithCertificate(database: Database, site: SiteId): Promise<Member | undefined> {
  const row = await findMember(database, site);
  return row && toMember(row, (await latestCertificate(database, site))!);
}

async function listMembers(database: Database): Promise<Member[]> {
  const rows = await database
    .selectFrom('members')
    .innerJoin('member_certificates as latest', 'latest.site', 'members.site')
    .selectAll('members')
    .select(CERTIFICATE_COLUMNS.map((column) => `latest.${column}` as const))
    .where('latest.sequence', '=', (latest) =>
      latest
        .selectFrom('member_certificates as any')
        .select(({ fn }) => fn.max('any.sequence').as('sequence'))
        .whereRef('any.site', '=', 'members.site'),
    )
    .orderBy('members.site')
    .execute();
  return rows.map((row) => toMember(row, row));
}

async function findByCertificate(database: Database, fingerprint: string): Promise<Member | undefined> {
  const found = await database
    .selectFrom('member_certificates')
    .select('site')
    .where('fingerprint', '=', fingerprint)
    .where('revoked_ms', 'is', null)
    .executeTakeFirst();
  if (!found) return undefined;
  return findWithCertificate(database, found.site as SiteId);
}

async function recordHeartbeat(
  database: Database,
  site: SiteId,
  heartbeat: Heartbeat,
  nowMs: number,
): Promise<void> {
  const { version, backend, activity, permille } = heartbeat;
  const known = await database
    .updateTable('members')
    .set({ version, backend, activity, permille: BigInt(permille), last_seen_ms: BigInt(nowMs) })
    .where('site', '=', site)
    .returning('site')
    .executeTakeFirst();
  refuseUnless(known !== undefined, 'NOT_A_MEMBER', site);
}

const CERTIFICATE_COLUMNS = ['fingerprint', 'pem', 'not_before_ms', 'not_after_ms'] as const;

function toMember(
  row: MemberRow,
  latest: Pick<MemberCertificateRow, (typeof CERTIFICATE_COLUMNS)[number]>,
): Member {
  return {
    site: row.site as SiteId,
    signingKey: row.signing_key,
    sharingKey: row.sharing_key,
    certificate: {
      fingerprint: latest.fingerprint,
      pem: latest.pem,
      notBeforeMs: Number(latest.not_before_ms),
      notAfterMs: Number(latest.not_after_ms),
    },
    admittedMs: Number(row.admitted_ms),
    lastSeenMs: row.last_seen_ms === null ? undefined : Number(row.last_seen_ms),
    version: row.version,
    backend: row.backend,
    activity: row.activity,
    permille: Number(row.permille),
    revoked:
      row.revoked_ms === null
        ? undefined
        : { reason: row.revocation_reason ?? 'unspecified', atMs: Number(row.revoked_ms) },
  };
}
