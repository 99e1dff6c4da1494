import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { pino } from 'pino';
import { createSiteRequest } from '../federation.fixture.ts';
import { ServerIdentity } from '../identity/server-identity.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { DAY_MS, openBench, SITE, type EnrolmentBench } from './enrolment.fixture.ts';

let bench: EnrolmentBench;
beforeEach(async () => (bench = await openBench()));
afterEach(() => bench.close());

async function openWatch() {
  const lines: { event: string; owner?: string; daysLeft?: number }[] = [];
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line) as never) });
  const clock = { nowMs: () => bench.time.nowMs };
  const { authority, certificates, members } = bench;
  const identity = await ServerIdentity.open({ authority, hosts: ['localhost'], clock, log });
  const watch = new CertificateWatch({ certificates, identity, members, clock, log });
  return { watch, identity, lines };
}

test('a site’s certificate that was not renewed is warned of once, and again when it has expired', async () => {
  const { watch, lines } = await openWatch();
  const { request } = await createSiteRequest(SITE);
  await bench.certificates.admit(request, { replaces: false });
  const look = async (days: number) => {
    bench.time.nowMs += days * DAY_MS;
    lines.length = 0;
    await watch.look();
    return lines.filter(({ owner }) => owner === 'site').map(({ event, daysLeft }) => [event, daysLeft]);
  };
  assert.deepEqual(await look(71), []);
  assert.deepEqual(await look(2), [['certificate.expiring', 17]]);
  assert.deepEqual(await look(1), []);
  assert.deepEqual(await look(16), [['certificate.expired', 0]]);
  assert.deepEqual(await look(1), []);
});

test('a revoked site is not warned of', async () => {
  const { watch, lines } = await openWatch();
  const { request } = await createSiteRequest(SITE);
  await bench.certificates.admit(request, { replaces: false });
  await bench.certificates.revoke(SITE, 'unspecified');
  bench.time.nowMs += 100 * DAY_MS;
  await watch.look();
  assert.deepEqual(
    lines.map(({ event }) => event),
    ['certificate.reloaded'],
  );
});

test('the coordinator’s own certificate is another one after two thirds of its life, and whoever serves it is told', async () => {
  const { watch, identity, lines } = await openWatch();
  const first = identity.current;
  const told: unknown[] = [];
  identity.onChange((next) => told.push(next));
  bench.time.nowMs += 59 * DAY_MS;
  await watch.look();
  assert.equal(identity.current, first);
  bench.time.nowMs += 2 * DAY_MS;
  await watch.look();
  assert.notEqual(identity.current.certificate, first.certificate);
  assert.deepEqual(told, [identity.current]);
  assert.deepEqual(
    lines.map(({ event }) => event),
    ['certificate.reloaded'],
  );
});

test('what the log is owed is settled by the watch, too', async () => {
  const { watch } = await openWatch();
  const { request } = await createSiteRequest(SITE);
  bench.fault.ofLog = new Error('killed');
  await assert.rejects(bench.certificates.admit(request, { replaces: false }));
  bench.fault.ofLog = undefined;
  await watch.look();
  assert.equal(bench.logged.length, 1);
});
