// Invitations in memory: for tests, and for what need not outlive its process.
import { timingSafeEqual } from 'node:crypto';
import { Refusal } from '@blindsum/proto';
import type { InvitationStore, StoredInvitation } from '../invitation-store.ts';

export function createMemoryInvitationStore(): InvitationStore {
  const byId = new Map<string, StoredInvitation>();
  const change = (invitation: StoredInvitation, changes: Partial<StoredInvitation>): StoredInvitation => {
    const changed = { ...invitation, ...changes };
    byId.set(invitation.id, changed);
    return changed;
  };
  return {
    async create(invitation) {
      const unused = { usedBy: undefined, usedMs: undefined, revokedMs: undefined };
      if (!byId.has(invitation.id)) byId.set(invitation.id, { ...invitation, ...unused });
    },
    async list() {
      return [...byId.values()].sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
    },
    async redeem({ id, secretDigest, keys, nowMs }) {
      const known = byId.get(id);
      if (!known || !timingSafeEqual(Buffer.from(known.secretDigest), Buffer.from(secretDigest)))
        return undefined;
      const isUsable =
        known.revokedMs === undefined && known.expiresMs > nowMs && (known.usedBy ?? keys) === keys;
      return isUsable ? change(known, { usedBy: keys, usedMs: known.usedMs ?? nowMs }) : undefined;
    },
    async revoke(id, nowMs) {
      const known = byId.get(id);
      if (!known) throw new Refusal('NOT_FOUND', `no invitation is named ${id}`);
      return change(known, { revokedMs: known.revokedMs ?? nowMs });
    },
    async revokeFor(site, nowMs) {
      for (const invitation of byId.values())
        if (invitation.site === site) change(invitation, { revokedMs: invitation.revokedMs ?? nowMs });
    },
  };
}
