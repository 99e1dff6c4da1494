// Enrolment with a real database in memory, a log that can fail, and a clock that stands still.
import { pino } from 'pino';
import { parseInvitation, type SiteId } from '@blindsum/proto';
import { encodeRecord, type LogRecord } from '@blindsum/proto/tlog';
import { FEDERATION } from '../federation.fixture.ts';
import { createAuthorityKey, openAuthority, type Authority } from '../identity/authority.ts';
import { openSqliteDatabase } from '../storage/database.ts';
import { createSqliteCertificateRecordStore } from '../storage/sqlite-certificates.ts';
import { createSqliteInvitationStore } from '../storage/sqlite-invitation-store.ts';
import { createSqliteMemberStore } from '../storage/sqlite-member-store.ts';
import { Invitations } from './invitations.ts';
import { SiteCertificates } from './site-certificates.ts';

export const NOW_MS = Date.UTC(2026, 5, 1);
export const DAY_MS = 86_400_000;
export const SITE = 'hospital-a' as SiteId;

export type EnrolmentBench = Awaited<ReturnType<typeof openBench>>;

/** Keys of an authority are made once: what differs between tests is everything else. */
const OWN = await openAuthority(FEDERATION, await createAuthorityKey(FEDERATION, NOW_MS));

export async function openBench(authority: Authority = OWN) {
  const database = await openSqliteDatabase(':memory:');
  const members = createSqliteMemberStore(database);
  const records = createSqliteCertificateRecordStore(database);
  const store = createSqliteInvitationStore(database);
  const time = { nowMs: NOW_MS };
  const clock = { nowMs: () => time.nowMs };
  const logged: LogRecord[] = [];
  const fault = { ofLog: undefined as Error | undefined };
  const recordLog = {
    async append(record: LogRecord) {
      if (fault.ofLog) throw fault.ofLog;
      // As the log would: what is no record is refused.
      encodeRecord(record);
      logged.push(record);
      return { index: logged.length };
    },
  };
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
  const certificates = new SiteCertificates({ authority, members, records, recordLog, clock, log });
  const grant = { authority, advertise: () => 'coordinator.example:7443', logVerifierKey: 'a+b+c' };
  const invitations = new Invitations({ invitations: store, members, certificates, grant, clock, log });
  return {
    ...{ authority, members, records, store, time, logged, fault, lines, certificates, invitations },
    async invite(site: SiteId = SITE, replaces = false) {
      const { token } = await invitations.invite({ site, lifetimeMs: DAY_MS, replaces });
      const { terms, secret } = parseInvitation(token);
      return { terms, secret, invitation: terms.invitation };
    },
    close: () => database.destroy(),
  };
}

export const eventsOf = (records: readonly LogRecord[]): string[] =>
  records.map(({ kind, predicate }) => ('event' in predicate ? predicate.event : kind));
