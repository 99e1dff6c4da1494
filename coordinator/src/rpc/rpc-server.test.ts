import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { FederationService, JobService, RoundService } from '@blindsum/proto/rpc';
import {
  admitTestSite,
  createSiteRequest,
  FEDERATION,
  refusedAs,
  startTestCoordinator,
  TestSite,
  type TestCoordinator,
} from '../federation.fixture.ts';
import { loadAuthority } from '../identity/authority-files.ts';
import { VERSION } from '../version.ts';
import { WINDOW_BYTES } from './flow-control-window.ts';

let coordinator: TestCoordinator;
let sites: TestSite[];

before(async () => {
  coordinator = await startTestCoordinator();
  sites = [];
  for (const name of ['hospital-a', 'hospital-b', 'hospital-c'])
    sites.push(await admitTestSite(coordinator, name));
});

after(async () => {
  for (const site of sites) site.close();
  await coordinator.remove();
  assert.deepEqual(coordinator.crashes, []);
});

test('a member learns about its federation over mutual TLS', async () => {
  const answer = await sites[0]!.call(FederationService, 'getFederation', {});
  assert.equal(answer.federation, FEDERATION);
  assert.match(answer.logVerifierKey, /^test\.example\+/);
  assert.deepEqual([answer.version, answer.protocol], [VERSION, 'blindsum/v1']);
  assert.ok(Math.abs(Number(answer.timeMs) - Date.now()) < 60_000);
});

test('a certificate of the authority that was issued to no member is refused on every call', async () => {
  const { request, sign, tlsKey } = await createSiteRequest('hospital-a');
  const authority = await loadAuthority(coordinator.config.stateDirectory, FEDERATION, Date.now());
  const certificate = await authority.issueSiteCertificate(request.site, request, Date.now());
  const stranger = new TestSite({ ...sites[0]!.grant, certificate }, { request, sign, tlsKey });
  await assert.rejects(
    stranger.call(FederationService, 'getFederation', {}),
    refusedAs('UNAUTHENTICATED', status.UNAUTHENTICATED),
  );
  stranger.close();
});

test('a certificate of another authority is that of a stranger', async () => {
  const other = await startTestCoordinator();
  const foreign = await admitTestSite(other, 'hospital-a');
  const { request, sign, tlsKey } = await createSiteRequest('hospital-a');
  const authority = await loadAuthority(other.config.stateDirectory, FEDERATION, Date.now());
  const certificate = await authority.issueSiteCertificate(request.site, request, Date.now());
  const stranger = new TestSite({ ...sites[0]!.grant, certificate }, { request, sign, tlsKey });
  await assert.rejects(
    stranger.call(FederationService, 'getFederation', {}),
    refusedAs('UNAUTHENTICATED', status.UNAUTHENTICATED),
  );
  stranger.close();
  foreign.close();
  await other.remove();
});

test('TLS 1.2 is not spoken', async () => {
  const [host, port] = sites[0]!.grant.coordinator.split(':');
  const socket = connectTls({ host, port: Number(port), maxVersion: 'TLSv1.2', rejectUnauthorized: false });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  assert.match(String(error.code), /PROTOCOL_VERSION/);
});

test('the server announces wide windows, for streams and for the connection', async () => {
  const { request, tlsKey } = await createSiteRequest('hospital-b');
  const authority = await loadAuthority(coordinator.config.stateDirectory, FEDERATION, Date.now());
  const cert = await authority.issueSiteCertificate(request.site, request, Date.now());
  const session = connectHttp2(`https://${sites[0]!.grant.coordinator}`, {
    ca: authority.certificate,
    cert,
    key: tlsKey,
  });
  await once(session, 'remoteSettings');
  assert.equal(session.remoteSettings.initialWindowSize, WINDOW_BYTES);
  // The connection's window is widened by a frame of its own, after the settings.
  for (let i = 0; i < 50 && session.state.remoteWindowSize !== WINDOW_BYTES; i++) {
    await new Promise((resolve) => session.ping(resolve));
  }
  assert.equal(session.state.remoteWindowSize, WINDOW_BYTES);
  session.destroy();
});

test('a heartbeat is kept, and one that would spoil a screen or a metric is refused', async () => {
  const [site] = sites as [TestSite];
  const beat = { version: '0.1.0', backend: 'cpu', activity: 'training', permille: 500 };
  await site.call(FederationService, 'heartbeat', beat);
  for (const change of [
    { backend: 'quantum' },
    { activity: '<script>' },
    { permille: 1001 },
    { version: 'x'.repeat(99) },
  ]) {
    await assert.rejects(
      site.call(FederationService, 'heartbeat', { ...beat, ...change }),
      refusedAs('MALFORMED'),
    );
  }
  const answer = await coordinator.get('/v1/sites');
  const { sites: shown } = (await answer.json()) as {
    sites: { site: string; activity: string; online: boolean }[];
  };
  assert.deepEqual(
    shown.map(({ site: name, activity, online }) => [name, activity, online]),
    [
      ['hospital-a', 'training', true],
      ['hospital-b', '', false],
      ['hospital-c', '', false],
    ],
  );
});

test('what is not there is NOT_FOUND, with its code in the trailers', async () => {
  const [site] = sites as [TestSite];
  await assert.rejects(
    site.call(JobService, 'getJob', { job: 'nothing' }),
    refusedAs('NOT_FOUND', status.NOT_FOUND),
  );
  await assert.rejects(
    site.call(JobService, 'getJob', { job: '../x' }),
    refusedAs('MALFORMED', status.INVALID_ARGUMENT),
  );
  await assert.rejects(site.call(RoundService, 'commit', {}), refusedAs('MALFORMED'));
});
