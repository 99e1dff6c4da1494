import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Refusal } from '@blindsum/proto';
import { createSiteRequest } from '../federation.fixture.ts';
import { DAY_MS, eventsOf, openBench, SITE, type EnrolmentBench } from './enrolment.fixture.ts';

let bench: EnrolmentBench;
beforeEach(async () => (bench = await openBench()));
afterEach(() => bench.close());

const NOT_REPLACING = { replaces: false };

test('the same request gets the same certificate, and another one once two thirds of its life are over', async () => {
  const { request } = await createSiteRequest(SITE);
  const first = await bench.certificates.admit(request, NOT_REPLACING);
  bench.time.nowMs += 59 * DAY_MS;
  assert.deepEqual(await bench.certificates.admit(request, NOT_REPLACING), first);
  bench.time.nowMs += 2 * DAY_MS;
  const second = await bench.certificates.admit(request, NOT_REPLACING);
  assert.notEqual(second.fingerprint, first.fingerprint);
  assert.deepEqual(eventsOf(bench.logged), ['issued', 'renewed']);
});

test('a renewal is for another key, and what was issued before counts until its end', async () => {
  const { request } = await createSiteRequest(SITE);
  const first = await bench.certificates.admit(request, NOT_REPLACING);
  bench.time.nowMs += 60 * DAY_MS;
  const { request: next } = await createSiteRequest(SITE);
  const second = await bench.certificates.renew(SITE, next);
  for (const { fingerprint } of [first, second])
    assert.equal(
      (await bench.members.byCertificate(fingerprint))?.certificate.fingerprint,
      second.fingerprint,
    );
  assert.deepEqual(await bench.certificates.renew(SITE, next), second, 'a lost reply');
  assert.deepEqual(eventsOf(bench.logged), ['issued', 'renewed']);
});

test('a site cannot fill the log with renewals', async () => {
  const { request } = await createSiteRequest(SITE);
  await bench.certificates.admit(request, NOT_REPLACING);
  const { request: next } = await createSiteRequest(SITE);
  await assert.rejects(bench.certificates.renew(SITE, next), { code: 'QUOTA_EXCEEDED' });
  bench.time.nowMs += 4 * DAY_MS;
  await bench.certificates.renew(SITE, next);
  assert.equal(bench.logged.length, 2);
});

test('a revoked site gets nothing any more, and the log says why before the operator hears of it', async () => {
  const { request } = await createSiteRequest(SITE);
  const { fingerprint } = await bench.certificates.admit(request, NOT_REPLACING);
  bench.fault.ofLog = new Error('killed');
  await assert.rejects(bench.certificates.revoke(SITE, 'key-compromise'), /killed/);
  // Not acknowledged, and in force all the same.
  assert.equal(await bench.members.byCertificate(fingerprint), undefined);
  bench.fault.ofLog = undefined;
  await bench.certificates.settle();
  assert.deepEqual(eventsOf(bench.logged), ['issued', 'revoked']);
  const { predicate } = bench.logged[1]!;
  assert.equal('reason' in predicate && predicate.reason, 'key-compromise');
  const { request: next } = await createSiteRequest(SITE);
  for (const ask of [
    () => bench.certificates.renew(SITE, next),
    () => bench.certificates.admit(request, NOT_REPLACING),
  ])
    await assert.rejects(ask, { code: 'NOT_A_MEMBER' });
  await bench.certificates.revoke(SITE, 'unspecified');
  assert.equal(bench.logged.length, 2);
});

test('who is revoked is told once the log has it, and is not told any more when it is admitted again', async () => {
  const { request } = await createSiteRequest(SITE);
  await bench.certificates.admit(request, NOT_REPLACING);
  assert.deepEqual(await bench.certificates.revoked(), []);
  bench.fault.ofLog = new Error('killed');
  await assert.rejects(bench.certificates.revoke(SITE, 'key-compromise'), /killed/);
  await assert.rejects(bench.certificates.revoked(), /killed/);
  bench.fault.ofLog = undefined;
  assert.deepEqual(await bench.certificates.revoked(), [SITE]);
  assert.deepEqual(eventsOf(bench.logged), ['issued', 'revoked']);
  const { request: again } = await createSiteRequest(SITE);
  await bench.certificates.admit(again, { replaces: true });
  assert.deepEqual(await bench.certificates.revoked(), []);
});

test('what is owed to the log is settled once, in its order, whoever comes first', async () => {
  const { request } = await createSiteRequest(SITE);
  bench.fault.ofLog = new Error('away');
  await assert.rejects(bench.certificates.admit(request, NOT_REPLACING));
  await assert.rejects(bench.certificates.revoke(SITE, 'superseded'));
  bench.fault.ofLog = undefined;
  await bench.certificates.settle();
  await bench.certificates.settle();
  assert.deepEqual(eventsOf(bench.logged), ['issued', 'revoked']);
});

test('a record that the log refuses is our own fault, a full disk is not', async () => {
  const { request } = await createSiteRequest(SITE);
  bench.fault.ofLog = new Refusal('CONFLICTING_SUBMISSION', 'another record');
  await assert.rejects(
    bench.certificates.admit(request, NOT_REPLACING),
    (error) => !(error instanceof Refusal),
  );
  const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
  bench.fault.ofLog = new Refusal('QUOTA_EXCEEDED', 'full', { cause: full });
  await assert.rejects(bench.certificates.settle(), { code: 'QUOTA_EXCEEDED' });
});
