// Invitations in SQL.
import { timingSafeEqual } from 'node:crypto';
import { Refusal, type Digest, type SiteId } from '@blindsum/proto';
import type { Invitation, InvitationStore, Redemption, StoredInvitation } from '../invitation-store.ts';
import type { Database, InvitationRow } from './tables.ts';

export function createSqliteInvitationStore(database: Database): InvitationStore {
  return {
    create: (invitation) => create(database, invitation),
    async list() {
      const rows = await database
        .selectFrom('invitations')
        .selectAll()
        .orderBy('created_ms')
        .orderBy('id')
        .execute();
      return rows.map(toInvitation);
    },
    redeem: (redemption) => redeem(database, redemption),
    revoke: (id, nowMs) => revoke(database, id, nowMs),
    async revokeFor(site, nowMs) {
      await database
        .updateTable('invitations')
        .set({ revoked_ms: BigInt(nowMs) })
        .where('site', '=', site)
        .where('revoked_ms', 'is', null)
        .execute();
    },
  };
}

async function create(database: Database, invitation: Invitation): Promise<void> {
  const { id, site, secretDigest, createdMs, expiresMs, replaces } = invitation;
  await database
    .insertInto('invitations')
    .values({
      id,
      site,
      secret_digest: secretDigest,
      created_ms: BigInt(createdMs),
      expires_ms: BigInt(expiresMs),
      replaces: replaces ? 1n : 0n,
      used_by: null,
      used_ms: null,
      revoked_ms: null,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** One statement decides, so that of two at the same instant one finds the invitation unused. */
async function redeem(
  database: Database,
  { id, secretDigest, keys, nowMs }: Redemption,
): Promise<StoredInvitation | undefined> {
  const known = await find(database, id);
  // Compared here and not by the database, whose comparison ends at the first byte that differs.
  if (!known || !isSameDigest(known.secret_digest, secretDigest)) return undefined;
  const row = await database
    .updateTable('invitations')
    .set((row) => ({
      used_by: keys,
      used_ms: row.fn.coalesce('used_ms', row.val(BigInt(nowMs))),
    }))
    .where('id', '=', id)
    .where('revoked_ms', 'is', null)
    .where('expires_ms', '>', BigInt(nowMs))
    .where((row) => row.or([row('used_by', 'is', null), row('used_by', '=', keys)]))
    .returningAll()
    .executeTakeFirst();
  return row && toInvitation(row);
}

async function revoke(database: Database, id: string, nowMs: number): Promise<StoredInvitation> {
  const row = await database
    .updateTable('invitations')
    .set((row) => ({ revoked_ms: row.fn.coalesce('revoked_ms', row.val(BigInt(nowMs))) }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw new Refusal('NOT_FOUND', `no invitation is named ${id}`);
  return toInvitation(row);
}

function find(database: Database, id: string): Promise<InvitationRow | undefined> {
  return database.selectFrom('invitations').selectAll().where('id', '=', id).executeTakeFirst();
}

function isSameDigest(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function toInvitation(row: InvitationRow): StoredInvitation {
  return {
    id: row.id,
    site: row.site as SiteId,
    secretDigest: row.secret_digest as Digest,
    createdMs: Number(row.created_ms),
    expiresMs: Number(row.expires_ms),
    replaces: row.replaces === 1n,
    usedBy: (row.used_by as Digest | null) ?? undefined,
    usedMs: row.used_ms === null ? undefined : Number(row.used_ms),
    revokedMs: row.revoked_ms === null ? undefined : Number(row.revoked_ms),
  };
}
