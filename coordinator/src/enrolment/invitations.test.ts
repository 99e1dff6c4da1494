import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';
import type { SiteId } from '@blindsum/proto';
import { createSiteRequest } from '../federation.fixture.ts';
import { DAY_MS, eventsOf, openBench, SITE, type EnrolmentBench } from './enrolment.fixture.ts';

let bench: EnrolmentBench;
beforeEach(async () => (bench = await openBench()));
afterEach(() => bench.close());

const unauthenticated = { code: 'UNAUTHENTICATED' };

test('a token says where the coordinator is, and whom its authority is known by', async () => {
  const { terms } = await bench.invite();
  assert.equal(terms.coordinator, 'coordinator.example:7443');
  assert.equal(terms.site, SITE);
  const authority = new X509Certificate(bench.authority.certificate);
  assert.equal(terms.authority, authority.fingerprint256.replaceAll(':', '').toLowerCase());
});

test('whoever is invited is admitted, and the log knows of the certificate before the site does', async () => {
  const { request } = await createSiteRequest(SITE);
  const grant = await bench.invitations.enrol({ ...(await bench.invite()), request });
  const certificate = new X509Certificate(grant.certificate);
  assert.equal(certificate.subjectAltName, 'URI:fed://test.example/site/hospital-a');
  const [member] = await bench.members.list();
  assert.equal(member?.certificate.pem, grant.certificate);
  assert.deepEqual(eventsOf(bench.logged), ['issued']);
});

test('a token used twice at the same instant admits one of the two, and the same request again gets the same', async () => {
  const invited = await bench.invite();
  const requests = await Promise.all(Array.from({ length: 8 }, () => createSiteRequest(SITE)));
  const outcomes = await Promise.allSettled(
    requests.map(({ request }) => bench.invitations.enrol({ ...invited, request })),
  );
  const admitted = outcomes.flatMap((outcome, i) =>
    outcome.status === 'fulfilled' ? [{ grant: outcome.value, request: requests[i]!.request }] : [],
  );
  assert.equal(admitted.length, 1);
  const [{ grant, request }] = admitted as [(typeof admitted)[0]];
  for (const outcome of outcomes)
    if (outcome.status === 'rejected')
      assert.equal((outcome.reason as { code: string }).code, 'UNAUTHENTICATED');
  assert.deepEqual(await bench.invitations.enrol({ ...invited, request }), grant);
  assert.deepEqual(eventsOf(bench.logged), ['issued']);
});

test('a stranger is told the same whatever is wrong with its token, and changes nothing', async () => {
  const invited = await bench.invite();
  const { request } = await createSiteRequest(SITE);
  const expired = await bench.invite();
  const revoked = await bench.invite();
  await bench.invitations.revoke(revoked.invitation);
  const { request: other } = await createSiteRequest('hospital-b');
  const used = await bench.invite('hospital-b' as SiteId);
  await bench.invitations.enrol({ ...used, request: other });
  const before = [await bench.members.list(), bench.logged.length];
  const { request: again } = await createSiteRequest('hospital-b');
  const attempts = {
    unknown: { ...invited, invitation: '0'.repeat(32), request },
    'another secret': { ...invited, secret: new Uint8Array(32), request },
    'used by another': { ...used, request: again },
    revoked: { ...revoked, request },
  };
  const told = new Set<string>();
  for (const [what, attempt] of Object.entries(attempts))
    await assert.rejects(bench.invitations.enrol(attempt), (error: { code: string; detail: string }) => {
      assert.equal(error.code, 'UNAUTHENTICATED', what);
      told.add(error.detail);
      return true;
    });
  bench.time.nowMs += DAY_MS;
  await assert.rejects(bench.invitations.enrol({ ...expired, request }), unauthenticated);
  assert.equal(told.size, 1);
  assert.deepEqual([await bench.members.list(), bench.logged.length], before);
});

test('a request under another name than the invited one, or for another federation, is refused', async () => {
  const invited = await bench.invite();
  const { request: other } = await createSiteRequest('hospital-b');
  await assert.rejects(bench.invitations.enrol({ ...invited, request: other }), unauthenticated);
  const { request } = await createSiteRequest(SITE);
  const elsewhere = { ...request, federation: 'other.example' };
  await assert.rejects(
    bench.invitations.enrol({ ...(await bench.invite()), request: elsewhere }),
    unauthenticated,
  );
  assert.deepEqual(await bench.members.list(), []);
});

test('a crash between the store and the log is mended by the same request again', async () => {
  const invited = await bench.invite();
  const { request } = await createSiteRequest(SITE);
  bench.fault.ofLog = new Error('killed');
  await assert.rejects(bench.invitations.enrol({ ...invited, request }), /killed/);
  bench.fault.ofLog = undefined;
  const grant = await bench.invitations.enrol({ ...invited, request });
  assert.deepEqual(eventsOf(bench.logged), ['issued']);
  assert.equal((await bench.members.list())[0]?.certificate.pem, grant.certificate);
});

test('the name of an admitted site is free only where the operator says so', async () => {
  const { request } = await createSiteRequest(SITE);
  await bench.invitations.enrol({ ...(await bench.invite()), request });
  await assert.rejects(bench.invite(), { code: 'CONFLICTING_SUBMISSION', detail: /--replace/ });
  const { request: other } = await createSiteRequest(SITE);
  const grant = await bench.invitations.enrol({ ...(await bench.invite(SITE, true)), request: other });
  assert.deepEqual(eventsOf(bench.logged), ['issued', 'revoked', 'issued']);
  assert.equal((await bench.members.list())[0]?.certificate.pem, grant.certificate);
});

test('an invitation that was made before a site was admitted does not let another take its place', async () => {
  const [first, second] = [await bench.invite(), await bench.invite()];
  const { request } = await createSiteRequest(SITE);
  await bench.invitations.enrol({ ...first, request });
  const { request: other } = await createSiteRequest(SITE);
  await assert.rejects(bench.invitations.enrol({ ...second, request: other }), {
    code: 'CONFLICTING_SUBMISSION',
  });
});

test('no line of the log holds a token or its secret', async () => {
  const { request } = await createSiteRequest(SITE);
  const invited = await bench.invite();
  await bench.invitations.enrol({ ...invited, request });
  await assert.rejects(bench.invitations.enrol({ ...invited, invitation: '0'.repeat(32), request }));
  const text = bench.lines.join('');
  assert.match(text, /invitation\.created/);
  assert.match(text, /invitation\.refused/);
  for (const secret of [
    Buffer.from(invited.secret).toString('hex'),
    Buffer.from(invited.secret).toString('base64'),
    'blindsum-invite',
  ])
    assert.ok(!text.includes(secret));
});
