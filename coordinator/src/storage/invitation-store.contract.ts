// What every InvitationStore promises (invitation-store.ts). Each implementation runs exactly this.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest, SiteId } from '@blindsum/proto';
import type { Invitation, InvitationStore } from '../invitation-store.ts';

const digestOf = (n: number) => n.toString(16).padStart(64, '0') as Digest;
const idOf = (n: number) => n.toString(16).padStart(32, '0');
const INVITATION: Invitation = {
  id: idOf(1),
  site: 'site-a' as SiteId,
  secretDigest: digestOf(1),
  createdMs: 10,
  expiresMs: 100,
  replaces: false,
};
const UNUSED = { usedBy: undefined, usedMs: undefined, revokedMs: undefined };
const REDEMPTION = { id: INVITATION.id, secretDigest: INVITATION.secretDigest, keys: digestOf(7), nowMs: 50 };

type Open = () => Promise<InvitationStore>;

/** Runs the suite; `open` gives an empty store each time. */
export function describeInvitationStore(name: string, open: Open): void {
  const withInvitation = async () => {
    const store = await open();
    await store.create(INVITATION);
    return store;
  };
  describeUse(name, withInvitation);
  describeEnds(name, withInvitation);
}

function describeUse(name: string, withInvitation: Open): void {
  void test(`${name}: invitations are listed, the oldest first, and creating one again changes nothing`, async () => {
    const store = await withInvitation();
    const older = { ...INVITATION, id: idOf(2), createdMs: 5, replaces: true };
    await store.create(older);
    await store.redeem(REDEMPTION);
    await store.create(INVITATION);
    const used = { ...INVITATION, ...UNUSED, usedBy: REDEMPTION.keys, usedMs: 50 };
    assert.deepEqual(await store.list(), [{ ...older, ...UNUSED }, used]);
  });

  void test(`${name}: an invitation admits one set of keys, and the same ones again`, async () => {
    const store = await withInvitation();
    const first = await store.redeem(REDEMPTION);
    assert.deepEqual([first?.usedBy, first?.usedMs], [REDEMPTION.keys, 50]);
    assert.deepEqual(await store.redeem({ ...REDEMPTION, nowMs: 60 }), first);
    assert.equal(await store.redeem({ ...REDEMPTION, keys: digestOf(8) }), undefined);
    assert.deepEqual(await store.list(), [first]);
  });

  void test(`${name}: of many keys at the same instant one is admitted`, async () => {
    const store = await withInvitation();
    const racers = Array.from({ length: 20 }, (_, n) =>
      store.redeem({ ...REDEMPTION, keys: digestOf(100 + n) }),
    );
    const admitted = (await Promise.all(racers)).filter((answer) => answer !== undefined);
    assert.equal(admitted.length, 1);
    assert.deepEqual(await store.list(), admitted);
  });
}

function describeEnds(name: string, withInvitation: Open): void {
  const useless: Record<string, Partial<typeof REDEMPTION>> = {
    'an unknown name': { id: idOf(9) },
    'another secret': { secretDigest: digestOf(2) },
    'a time after its end': { nowMs: 101 },
    'the time of its end': { nowMs: 100 },
  };
  for (const [what, change] of Object.entries(useless))
    void test(`${name}: with ${what} nobody is admitted, and nothing changes`, async () => {
      const store = await withInvitation();
      assert.equal(await store.redeem({ ...REDEMPTION, ...change }), undefined);
      assert.deepEqual(await store.list(), [{ ...INVITATION, ...UNUSED }]);
    });

  void test(`${name}: a retry comes within the invitation's time as well`, async () => {
    const store = await withInvitation();
    await store.redeem(REDEMPTION);
    assert.equal(await store.redeem({ ...REDEMPTION, nowMs: 100 }), undefined);
  });

  void test(`${name}: a revoked invitation admits nobody, not even whom it admitted`, async () => {
    const store = await withInvitation();
    await store.redeem(REDEMPTION);
    assert.equal((await store.revoke(INVITATION.id, 60)).revokedMs, 60);
    assert.equal((await store.revoke(INVITATION.id, 70)).revokedMs, 60);
    assert.equal(await store.redeem(REDEMPTION), undefined);
    await assert.rejects(store.revoke(idOf(9), 60), { code: 'NOT_FOUND' });
  });

  void test(`${name}: all invitations of a site are revoked together, and no other`, async () => {
    const store = await withInvitation();
    const other = { ...INVITATION, id: idOf(2), site: 'site-b' as SiteId };
    await store.create(other);
    await store.revokeFor(INVITATION.site, 60);
    assert.equal(await store.redeem(REDEMPTION), undefined);
    assert.ok(await store.redeem({ ...REDEMPTION, id: other.id }));
  });
}
