import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { Refusal, type SiteId } from '@blindsum/proto';
import { createSiteRequest, FEDERATION } from '../federation.fixture.ts';
import { createAuthorityKey, openAuthority } from '../identity/authority.ts';
import { certificateFingerprint, toValidity } from '../identity/certificate-life.ts';
import type { Member, MemberStore } from '../member-store.ts';
import { createAuthenticator, type CallerWorld } from './caller.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const authority = await openAuthority(FEDERATION, await createAuthorityKey(FEDERATION, NOW_MS));

async function certificateFor(site: string): Promise<string> {
  const { request } = await createSiteRequest(site);
  return authority.issueSiteCertificate(site as SiteId, request, NOW_MS);
}

/** Knows one certificate, as that of `site`. */
function membersWith(certificate: string, site: string): MemberStore {
  const fingerprint = certificateFingerprint(certificate);
  return {
    byCertificate: async (asked: string) => (asked === fingerprint ? ({ site } as Member) : undefined),
  } as MemberStore;
}

const authenticatorFor = (known: Omit<CallerWorld, 'clock'>, nowMs = NOW_MS) =>
  createAuthenticator({ ...known, clock: { nowMs: () => nowMs } });

const callWith = (certificate: string | undefined) =>
  ({
    getAuthContext: () =>
      certificate === undefined ? {} : { sslPeerCertificate: { raw: new X509Certificate(certificate).raw } },
  }) as never;

const unauthenticated = (error: unknown) => error instanceof Refusal && error.code === 'UNAUTHENTICATED';

test('a caller is the site that its certificate names and was issued to', async () => {
  const certificate = await certificateFor('hospital-a');
  const authenticate = authenticatorFor({
    federation: FEDERATION,
    members: membersWith(certificate, 'hospital-a'),
  });
  assert.equal(await authenticate(callWith(certificate)), 'hospital-a');
});

test('nobody is recognised without a certificate, by a forgotten one, or by one of another member or federation', async () => {
  const certificate = await certificateFor('hospital-a');
  const another = await certificateFor('hospital-a');
  const cases: [string, string | undefined, string, string][] = [
    ['no certificate', undefined, 'hospital-a', FEDERATION],
    ['not issued to a member', another, 'hospital-a', FEDERATION],
    ['issued to another member', certificate, 'hospital-b', FEDERATION],
    ['another federation', certificate, 'hospital-a', 'other.example'],
    ['no site in it', authority.certificate, 'hospital-a', FEDERATION],
  ];
  for (const [what, shown, site, federation] of cases) {
    const authenticate = authenticatorFor({ federation, members: membersWith(certificate, site) });
    await assert.rejects(authenticate(callWith(shown)), unauthenticated, what);
  }
});

test('a certificate counts within its time only, also on a connection that was opened before its end', async () => {
  const certificate = await certificateFor('hospital-a');
  const known = { federation: FEDERATION, members: membersWith(certificate, 'hospital-a') };
  const { notBeforeMs, notAfterMs } = toValidity(certificate);
  for (const nowMs of [notBeforeMs, notAfterMs - 1])
    assert.equal(await authenticatorFor(known, nowMs)(callWith(certificate)), 'hospital-a');
  for (const nowMs of [notBeforeMs - 1, notAfterMs])
    await assert.rejects(authenticatorFor(known, nowMs)(callWith(certificate)), unauthenticated);
});
