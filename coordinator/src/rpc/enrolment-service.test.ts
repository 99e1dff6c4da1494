// Enrolment, renewal and revocation over real connections.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { connect } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials, status } from '@grpc/grpc-js';
import { encodeSiteRequest, parseInvitation, parseSiteGrant, utf8, type SiteRequest } from '@blindsum/proto';
import { EnrolmentService, FederationService, type RequestInit } from '@blindsum/proto/rpc';
import { answerOf } from '@blindsum/admin-client';
import {
  admitTestSite,
  callUnary,
  createSiteRequest,
  refusedAs,
  startTestCoordinator,
  TestSite,
  type CallError,
  type TestCoordinator,
} from '../federation.fixture.ts';
import { loadAuthority } from '../identity/authority-files.ts';

const DAY_MS = 86_400_000;

let coordinator: TestCoordinator;
let stranger: Client;

before(async () => {
  coordinator = await startTestCoordinator();
  stranger = await connectStranger();
});

after(async () => {
  stranger.close();
  await coordinator.remove();
  assert.deepEqual(coordinator.crashes, []);
});

// Strangers have a few calls a second.
beforeEach(() => sleep(1100));

/** Somebody who knows the authority and has no certificate. */
async function connectStranger(): Promise<Client> {
  const { certificate } = await loadAuthority(coordinator.config.stateDirectory, 'test.example', Date.now());
  return new Client(coordinator.running.advertise, credentials.createSsl(Buffer.from(certificate)), {
    'grpc.ssl_target_name_override': 'localhost',
  });
}

async function invite(site: string, replaces = false) {
  const wish = { site, lifetimeMs: DAY_MS, replaces };
  const { token } = await answerOf(coordinator.admin.POST('/v1/invitations', { body: wish }));
  return parseInvitation(token);
}

type Invited = Awaited<ReturnType<typeof invite>>;

const toEnrolment = (
  { terms, secret }: Invited,
  request: SiteRequest,
): RequestInit<typeof EnrolmentService, 'enrol'> => ({
  invitation: terms.invitation,
  secret,
  request: utf8(encodeSiteRequest(request)),
});

async function enrol(site: string): Promise<{ enrolled: TestSite; invited: Invited; request: SiteRequest }> {
  const [invited, made] = [await invite(site), await createSiteRequest(site)];
  const { grant } = await callUnary(stranger, EnrolmentService, 'enrol', toEnrolment(invited, made.request));
  return {
    enrolled: new TestSite(parseSiteGrant(grant), made),
    invited,
    request: made.request,
  };
}

const heartbeat = { version: '1', backend: '', activity: 'idle', permille: 0 };

test('a site without a certificate enrols with a token, and is a member with what it gets', async () => {
  const { enrolled } = await enrol('hospital-a');
  await enrolled.call(FederationService, 'heartbeat', heartbeat);
  enrolled.close();
});

test('a token used twice at the same instant admits one site', async () => {
  const invited = await invite('hospital-b');
  const made = await Promise.all([1, 2, 3, 4].map(() => createSiteRequest('hospital-b')));
  const outcomes = await Promise.allSettled(
    made.map(({ request }) => callUnary(stranger, EnrolmentService, 'enrol', toEnrolment(invited, request))),
  );
  assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') assert.equal((outcome.reason as CallError).code, 'UNAUTHENTICATED');
});

test('what is no request is refused with a code, and costs the invitation nothing', async () => {
  const invited = await invite('hospital-c');
  const { request } = await createSiteRequest('hospital-c');
  const good = toEnrolment(invited, request);
  const bad: [RequestInit<typeof EnrolmentService, 'enrol'>, string][] = [
    [{}, 'MALFORMED'],
    [{ ...good, invitation: '../x' }, 'MALFORMED'],
    [{ ...good, secret: new Uint8Array(31) }, 'MALFORMED'],
    [{ ...good, secret: new Uint8Array(32) }, 'UNAUTHENTICATED'],
    [{ ...good, request: utf8('{}') }, 'MALFORMED'],
    [{ ...good, request: new Uint8Array(70_000) }, 'MALFORMED'],
  ];
  for (const [attempt, code] of bad)
    await assert.rejects(callUnary(stranger, EnrolmentService, 'enrol', attempt), refusedAs(code));
  await callUnary(stranger, EnrolmentService, 'enrol', good);
});

test('a certificate request that names another site, and asks to be an authority, gets the invited name', async () => {
  const invited = await invite('hospital-d');
  const { request } = await createSiteRequest('hospital-d', { asksFor: 'hospital-a' });
  const { grant } = await callUnary(stranger, EnrolmentService, 'enrol', toEnrolment(invited, request));
  const certificate = new X509Certificate(parseSiteGrant(grant).certificate);
  assert.equal(certificate.subjectAltName, 'URI:fed://test.example/site/hospital-d');
  assert.equal(certificate.ca, false);
  const other = { ...request, site: 'hospital-a' as typeof request.site };
  await assert.rejects(
    callUnary(stranger, EnrolmentService, 'enrol', toEnrolment(await invite('hospital-e'), other)),
    refusedAs('UNAUTHENTICATED'),
  );
});

test('a stranger cannot renew', async () => {
  const { request } = await createSiteRequest('hospital-a');
  await assert.rejects(
    callUnary(stranger, EnrolmentService, 'renew', { csr: request.csr }),
    refusedAs('UNAUTHENTICATED', status.UNAUTHENTICATED),
  );
});

test('a revoked certificate is refused with the next call of a live connection, and nothing brings it back but the operator', async () => {
  const { enrolled, invited, request } = await enrol('hospital-f');
  await enrolled.call(FederationService, 'heartbeat', heartbeat);
  await coordinator.admin.POST('/v1/sites/{site}/revoke', {
    ...{ params: { path: { site: 'hospital-f' } }, body: { reason: 'key-compromise' } },
  });
  await assert.rejects(
    enrolled.call(FederationService, 'heartbeat', heartbeat),
    refusedAs('UNAUTHENTICATED', status.UNAUTHENTICATED),
  );
  const { request: next } = await createSiteRequest('hospital-f');
  await assert.rejects(
    enrolled.call(EnrolmentService, 'renew', { csr: next.csr }),
    refusedAs('UNAUTHENTICATED'),
  );
  // The token that let it in, and the operator's own admission.
  await assert.rejects(
    callUnary(stranger, EnrolmentService, 'enrol', toEnrolment(invited, request)),
    refusedAs('UNAUTHENTICATED'),
  );
  await assert.rejects(coordinator.admin.POST('/v1/sites', { body: request }), { code: 'NOT_A_MEMBER' });
  const again = await invite('hospital-f', true);
  const { request: other } = await createSiteRequest('hospital-f');
  await callUnary(stranger, EnrolmentService, 'enrol', toEnrolment(again, other));
  await assert.rejects(
    enrolled.call(FederationService, 'heartbeat', heartbeat),
    refusedAs('UNAUTHENTICATED'),
  );
  enrolled.close();
});

test('an expired certificate is refused with the next call of a live connection', async () => {
  const site = await admitTestSite(coordinator, 'hospital-g');
  await site.call(FederationService, 'heartbeat', heartbeat);
  coordinator.time.offsetMs = 91 * DAY_MS;
  await assert.rejects(site.call(FederationService, 'heartbeat', heartbeat), refusedAs('UNAUTHENTICATED'));
  coordinator.time.offsetMs = 0;
  await site.call(FederationService, 'heartbeat', heartbeat);
  site.close();
});

test('a certificate of another federation’s authority makes nobody a member', async () => {
  const other = await startTestCoordinator();
  const foreign = await admitTestSite(other, 'hospital-a');
  const here = foreign.trusting(await authorityHere()).at(coordinator.running.advertise);
  await assert.rejects(here.call(FederationService, 'heartbeat', heartbeat), refusedAs('UNAUTHENTICATED'));
  here.close();
  foreign.close();
  await other.remove();
});

async function authorityHere(): Promise<string> {
  return (await loadAuthority(coordinator.config.stateDirectory, 'test.example', Date.now())).certificate;
}

test('the coordinator renews its certificate while it runs: old connections go on, others get the next one', async () => {
  const started = await startTestCoordinator({}, {}, -61 * DAY_MS);
  const site = await admitTestSite(started, 'hospital-a');
  await site.call(FederationService, 'heartbeat', heartbeat);
  const before = await presented(started);
  assert.equal(await presented(started), before);
  started.time.offsetMs = 0;
  while ((await presented(started)) === before) await sleep(100);
  await site.call(FederationService, 'heartbeat', heartbeat);
  const later = await admitTestSite(started, 'hospital-b');
  await later.call(FederationService, 'heartbeat', heartbeat);
  await assert.rejects(refusesOldTls(started), /PROTOCOL_VERSION/);
  for (const each of [site, later]) each.close();
  await started.remove();
});

/** Serial number of the certificate that the coordinator shows. */
async function presented({ running }: TestCoordinator): Promise<string> {
  const [host, port] = running.advertise.split(':');
  const socket = connect({
    host: host!,
    port: Number(port),
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

function refusesOldTls({ running }: TestCoordinator): Promise<void> {
  const [host, port] = running.advertise.split(':');
  return new Promise((resolve, reject) => {
    connect({ host: host!, port: Number(port), maxVersion: 'TLSv1.2', rejectUnauthorized: false })
      .once('secureConnect', resolve)
      .once('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code)));
  });
}
