// What every MemberStore promises (member-store.ts). Each implementation runs exactly this.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal, type RefusalCode, type SiteId } from '@blindsum/proto';
import type { Admission, Member, MemberStore } from '../member-store.ts';

/** Runs the suite; `open` gives an empty store each time. */
export function describeMemberStore(name: string, open: () => Promise<MemberStore>): void {
  describeAdmission(name, open);
  describeCertificates(name, open);
  describeHeartbeats(name, open);
  describeRevocation(name, open);
}

function describeAdmission(name: string, open: () => Promise<MemberStore>): void {
  void test(`${name}: who is admitted is listed by name, key for key`, async () => {
    const store = await open();
    assert.deepEqual(await store.admit(admissionOf('site-b', 2)), unseen('site-b', 2));
    await store.admit(admissionOf('site-a', 1));
    assert.deepEqual(await store.list(), [unseen('site-a', 1), unseen('site-b', 2)]);
    assert.deepEqual(await store.load('site-b' as SiteId), unseen('site-b', 2));
    assert.equal(await store.load('site-c' as SiteId), undefined);
  });

  void test(`${name}: the same admission again is a retry`, async () => {
    const store = await open();
    await store.admit(admissionOf('site-a', 1));
    const again = await store.admit({ ...admissionOf('site-a', 1), admittedMs: 99 });
    assert.deepEqual(again, unseen('site-a', 1));
    assert.deepEqual(await store.list(), [unseen('site-a', 1)]);
  });

  void test(`${name}: other keys under an admitted name are refused, and change nothing`, async () => {
    const store = await open();
    await store.admit(admissionOf('site-a', 1));
    const other = admissionOf('site-a', 2);
    const { fingerprint } = other.certificate;
    const { signingKey, sharingKey } = admissionOf('site-a', 1);
    await refuses('CONFLICTING_SUBMISSION', () => store.admit({ ...other, signingKey }));
    await refuses('CONFLICTING_SUBMISSION', () => store.admit({ ...other, sharingKey }));
    assert.deepEqual(await store.list(), [unseen('site-a', 1)]);
    assert.equal(await store.byCertificate(fingerprint), undefined);
  });

  void test(`${name}: of admissions that race for a name one wins`, async () => {
    const store = await open();
    const racers = [1, 2, 3].map((n) => store.admit(admissionOf('site-a', n)));
    const results = await Promise.allSettled(racers);
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal((await store.list()).length, 1);
  });
}

function describeCertificates(name: string, open: () => Promise<MemberStore>): void {
  void test(`${name}: a member is found by its certificate, and nobody by an unknown one`, async () => {
    const store = await open();
    await store.admit(admissionOf('site-a', 1));
    await store.admit(admissionOf('site-b', 2));
    assert.deepEqual(await store.byCertificate(fingerprintOf(2)), unseen('site-b', 2));
    assert.equal(await store.byCertificate(fingerprintOf(3)), undefined);
  });

  void test(`${name}: a renewed certificate is the member's, and the one before stays valid`, async () => {
    const store = await open();
    await store.admit(admissionOf('site-a', 1));
    const renewed = { ...admissionOf('site-a', 1), certificate: certificateOf(9) };
    await store.admit(renewed);
    for (const fingerprint of [fingerprintOf(1), fingerprintOf(9)]) {
      assert.equal((await store.byCertificate(fingerprint))?.certificate.fingerprint, fingerprintOf(9));
    }
    assert.deepEqual(
      [...(await store.list()), await store.load(SITE)].map((member) => member?.certificate.fingerprint),
      [fingerprintOf(9), fingerprintOf(9)],
    );
  });

  void test(`${name}: a certificate of another site is refused, and nobody is admitted with it`, async () => {
    const store = await open();
    await store.admit(admissionOf('site-a', 1));
    const stolen = { ...admissionOf('site-b', 2), certificate: certificateOf(1) };
    await refuses('CONFLICTING_SUBMISSION', () => store.admit(stolen));
    assert.deepEqual(await store.list(), [unseen('site-a', 1)]);
  });
}

function describeHeartbeats(name: string, open: () => Promise<MemberStore>): void {
  void test(`${name}: the latest heartbeat is kept`, async () => {
    const store = await open();
    await store.admit(admissionOf('site-a', 1));
    await store.seen(SITE, { version: '1.0.0', backend: '', activity: 'idle', permille: 0 }, 10);
    const latest = { version: '1.0.1', backend: 'gpu', activity: 'training', permille: 1000 };
    await store.seen(SITE, latest, 20);
    assert.deepEqual(await store.list(), [{ ...unseen('site-a', 1), ...latest, lastSeenMs: 20 }]);
  });

  void test(`${name}: a renewal keeps the heartbeat`, async () => {
    const store = await open();
    await store.admit(admissionOf('site-a', 1));
    await store.seen(SITE, { version: '1.0.0', backend: '', activity: 'idle', permille: 5 }, 10);
    const renewed = { ...admissionOf('site-a', 1), certificate: certificateOf(9) };
    assert.equal((await store.admit(renewed)).lastSeenMs, 10);
  });

  void test(`${name}: a heartbeat of a stranger is refused`, async () => {
    const store = await open();
    const heartbeat = { version: '1.0.0', backend: '', activity: 'idle', permille: 0 };
    await refuses('NOT_A_MEMBER', () => store.seen(SITE, heartbeat, 10));
  });
}

function describeRevocation(name: string, open: () => Promise<MemberStore>): void {
  const revocation = { reason: 'key-compromise', atMs: 50 } as const;

  void test(`${name}: no certificate of a revoked site is anybody's, and it stays in the list`, async () => {
    const store = await open();
    await store.admit(admissionOf('site-a', 1));
    await store.admit({ ...admissionOf('site-a', 1), certificate: certificateOf(9) });
    await store.admit(admissionOf('site-b', 2));
    assert.deepEqual((await store.revoke(SITE, revocation)).revoked, revocation);
    for (const n of [1, 9]) assert.equal(await store.byCertificate(fingerprintOf(n)), undefined);
    assert.deepEqual(await store.byCertificate(fingerprintOf(2)), unseen('site-b', 2));
    assert.deepEqual(
      (await store.list()).map(({ revoked }) => revoked),
      [revocation, undefined],
    );
  });

  void test(`${name}: the first revocation stays, and a stranger cannot be revoked`, async () => {
    const store = await open();
    await store.admit(admissionOf('site-a', 1));
    await store.revoke(SITE, revocation);
    assert.deepEqual((await store.revoke(SITE, { reason: 'superseded', atMs: 60 })).revoked, revocation);
    await refuses('NOT_FOUND', () => store.revoke('site-b' as SiteId, revocation));
  });

  void test(`${name}: a revoked site is admitted again only where that was said, with the same keys too`, async () => {
    const store = await open();
    await store.admit(admissionOf('site-a', 1));
    await store.revoke(SITE, revocation);
    const again = { ...admissionOf('site-a', 1), certificate: certificateOf(9) };
    await refuses('NOT_A_MEMBER', () => store.admit(again));
    assert.equal(await store.byCertificate(fingerprintOf(9)), undefined);
    await store.admit({ ...again, replaces: true });
    assert.equal((await store.byCertificate(fingerprintOf(9)))?.revoked, undefined);
    assert.equal(await store.byCertificate(fingerprintOf(1)), undefined);
    const old = { ...admissionOf('site-a', 1), replaces: true };
    await refuses('CONFLICTING_SUBMISSION', () => store.admit(old));
  });

  void test(`${name}: who takes a place takes it with other keys, and what was issued before counts no more`, async () => {
    const store = await open();
    await store.admit(admissionOf('site-a', 1));
    const other = { ...admissionOf('site-a', 2), replaces: true };
    assert.deepEqual((await store.admit(other)).signingKey, other.signingKey);
    assert.deepEqual(await store.admit(other), unseen('site-a', 2));
    assert.equal(await store.byCertificate(fingerprintOf(1)), undefined);
    assert.deepEqual(await store.list(), [unseen('site-a', 2)]);
  });
}

const SITE = 'site-a' as SiteId;
const fingerprintOf = (n: number) => n.toString(16).padStart(64, '0');
const certificateOf = (n: number) => ({
  fingerprint: fingerprintOf(n),
  pem: `certificate ${n}`,
  notBeforeMs: n,
  notAfterMs: 1000 + n,
});

function admissionOf(site: string, n: number): Admission {
  return {
    site: site as SiteId,
    signingKey: new Uint8Array(32).fill(n),
    sharingKey: new Uint8Array(1216).fill(n),
    certificate: certificateOf(n),
    admittedMs: n,
  };
}

function unseen(site: string, n: number): Member {
  const silent = {
    revoked: undefined,
    lastSeenMs: undefined,
    version: '',
    backend: '',
    activity: '',
    permille: 0,
  };
  return { ...admissionOf(site, n), ...silent };
}

async function refuses(code: RefusalCode, act: () => Promise<unknown>): Promise<void> {
  await assert.rejects(act, (error) => error instanceof Refusal && error.code === code);
}
