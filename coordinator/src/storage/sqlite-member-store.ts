// Members and their certificates in SQL.
import { isEqualBytes, refuseUnless, type SiteId } from '@blindsum/proto';
import type { Transaction } from 'kysely';
import type { Admission, Heartbeat, Member, MemberStore } from '../member-store.ts';
import type { Database, MemberRow, Tables } from './tables.ts';

export function createSqliteMemberStore(database: Database): MemberStore {
  return {
    admit: (admission) => database.transaction().execute((transaction) => admit(transaction, admission)),
    list: () => listMembers(database),
    byCertificate: (fingerprint) => findByCertificate(database, fingerprint),
    seen: (site, heartbeat, nowMs) => recordHeartbeat(database, site, heartbeat, nowMs),
  };
}

async function admit(transaction: Transaction<Tables>, admission: Admission): Promise<Member> {
  await insertMember(transaction, admission);
  const member = await loadMember(transaction, admission.site);
  refuseUnless(
    isEqualBytes(member.signing_key, admission.signingKey) &&
      isEqualBytes(member.sharing_key, admission.sharingKey),
    'CONFLICTING_SUBMISSION',
    `${admission.site} was admitted with other keys`,
  );
  return toMember(member, await addCertificate(transaction, admission));
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
    })
    .onConflict((conflict) => conflict.column('site').doNothing())
    .execute();
}

/** Returns the member's latest certificate: the one given, unless it was followed by another. */
async function addCertificate(transaction: Transaction<Tables>, admission: Admission): Promise<string> {
  const { certificateFingerprint: fingerprint, site } = admission;
  const latest = await latestCertificate(transaction, site);
  await transaction
    .insertInto('member_certificates')
    .values({ fingerprint, site, sequence: (latest?.sequence ?? 0n) + 1n })
    .onConflict((conflict) => conflict.column('fingerprint').doNothing())
    .execute();
  const stored = await transaction
    .selectFrom('member_certificates')
    .select('site')
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirstOrThrow();
  refuseUnless(stored.site === site, 'CONFLICTING_SUBMISSION', 'the certificate belongs to another site');
  return (await latestCertificate(transaction, site))!.fingerprint;
}

async function latestCertificate(database: Database, site: SiteId) {
  return database
    .selectFrom('member_certificates')
    .selectAll()
    .where('site', '=', site)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
}

async function loadMember(database: Database, site: SiteId): Promise<MemberRow> {
  return database.selectFrom('members').selectAll().where('site', '=', site).executeTakeFirstOrThrow();
}

async function listMembers(database: Database): Promise<Member[]> {
  const members = await database.selectFrom('members').selectAll().orderBy('site').execute();
  const certificates = await database
    .selectFrom('member_certificates')
    .select(['site', 'fingerprint'])
    .orderBy('sequence')
    .execute();
  const latest = new Map(certificates.map(({ site, fingerprint }) => [site, fingerprint]));
  return members.map((member) => toMember(member, latest.get(member.site)!));
}

async function findByCertificate(database: Database, fingerprint: string): Promise<Member | undefined> {
  const found = await database
    .selectFrom('member_certificates')
    .select('site')
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst();
  if (!found) return undefined;
  const site = found.site as SiteId;
  return toMember(await loadMember(database, site), (await latestCertificate(database, site))!.fingerprint);
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

function toMember(row: MemberRow, certificateFingerprint: string): Member {
  return {
    site: row.site as SiteId,
    signingKey: row.signing_key,
    sharingKey: row.sharing_key,
    certificateFingerprint,
    admittedMs: Number(row.admitted_ms),
    lastSeenMs: row.last_seen_ms === null ? undefined : Number(row.last_seen_ms),
    version: row.version,
    backend: row.backend,
    activity: row.activity,
    permille: Number(row.permille),
  };
}
