// After a restore beside a log that is newer than the backup: who was revoked since is in the log, and stays revoked.
import { memberPseudonym, toHex, type Digest, type SiteId } from '@blindsum/proto';
import type { RevocationReason } from '@blindsum/proto/tlog';
import { openSqliteDatabase } from '../storage/database.ts';
import { createSqliteMemberStore } from '../storage/sqlite-member-store.ts';
import type { RevokedCertificate } from './later-records.ts';

/** Revokes the members of these certificates in the database at `path`; returns those that were not revoked before. */
export async function revokeAgain(
  path: string,
  revoked: readonly RevokedCertificate[],
  nowMs: number,
): Promise<SiteId[]> {
  const reasons = new Map<Digest, RevocationReason>(revoked.map(({ member, reason }) => [member, reason]));
  const database = await openSqliteDatabase(path);
  try {
    const members = createSqliteMemberStore(database);
    const again: SiteId[] = [];
    for (const { site, signingKey, revoked: before } of await members.list()) {
      const reason = reasons.get(memberPseudonym({ signingKey: toHex(signingKey) }));
      if (reason === undefined || before !== undefined) continue;
      await members.revoke(site, { reason, atMs: nowMs });
      again.push(site);
    }
    return again;
  } finally {
    await database.destroy();
  }
}
