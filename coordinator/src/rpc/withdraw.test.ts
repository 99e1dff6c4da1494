// What a site says when it takes its consent back, and what is refused of it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  manifestHash,
  parseManifest,
  withdrawalCodec,
  type Digest,
  type SignedMessage,
  type Withdrawal,
} from '@blindsum/proto';
import { JobService, RoundPhase, RoundService } from '@blindsum/proto/rpc';
import {
  refusedAs,
  startTestCoordinator,
  type TestCoordinator,
  type TestSite,
} from '../federation.fixture.ts';
import { TestJob } from '../whole-rounds.fixture.ts';

let coordinator: TestCoordinator;
let job: TestJob;
let [a, b, c]: TestSite[] = [];
/** What each of them would say that withdraws before anything was contributed. */
let termsOf: (site: TestSite) => Withdrawal;

before(async () => {
  coordinator = await startTestCoordinator();
  job = await TestJob.start(coordinator, { contributors: { minimum: 2, allowTwoSites: true } });
  [a, b, c] = job.sites;
  const { manifest: bytes } = await a!.call(JobService, 'getJob', { job: job.job });
  const manifest = parseManifest(bytes);
  const { federation } = manifest;
  const hash = manifestHash(manifest);
  termsOf = ({ site }) => ({ federation, job: job.job, site, manifestHash: hash, fromRound: 0 });
});

after(async () => {
  job.close();
  await coordinator.remove();
  assert.deepEqual(coordinator.crashes, []);
});

const say = (site: TestSite, withdrawal: SignedMessage) =>
  site.call(JobService, 'withdraw', { job: job.job, withdrawal });
const withdraw = (site: TestSite, terms: Withdrawal) => say(site, site.sign(withdrawalCodec, terms));

describe('a withdrawal is refused', () => {
  const WRONG: [string, (good: Withdrawal) => Withdrawal][] = [
    ['of another federation', (good) => ({ ...good, federation: 'other.example' })],
    ['of another job', (good) => ({ ...good, job: 'other-job' as Withdrawal['job'] })],
    ['of another manifest', (good) => ({ ...good, manifestHash: 'ab'.repeat(32) as Digest })],
    ['from a later round than the next one', (good) => ({ ...good, fromRound: 2 })],
  ];
  for (const [what, change] of WRONG)
    test(`${what}: WRONG_CONTEXT`, () =>
      assert.rejects(withdraw(c!, change(termsOf(c!))), refusedAs('WRONG_CONTEXT')));

  test('that another member signed: BAD_SIGNATURE', async () => {
    const { payload } = c!.sign(withdrawalCodec, termsOf(c!));
    await assert.rejects(say(c!, b!.signAgain(withdrawalCodec, payload)), refusedAs('BAD_SIGNATURE'));
  });

  test('of another member, in the name of whoever delivers it: UNAUTHENTICATED', () =>
    assert.rejects(say(c!, b!.sign(withdrawalCodec, termsOf(b!))), refusedAs('UNAUTHENTICATED')));

  test('without a message, and with one that is none: MALFORMED', async () => {
    await assert.rejects(c!.call(JobService, 'withdraw', { job: job.job }), refusedAs('MALFORMED'));
    const withdrawal = { ...c!.sign(withdrawalCodec, termsOf(c!)), payload: new Uint8Array(9) };
    const call = c!.call(JobService, 'withdraw', { job: job.job, withdrawal });
    await assert.rejects(call, refusedAs('MALFORMED'));
  });

  test('from a job that is not there: NOT_FOUND', async () => {
    const withdrawal = c!.sign(withdrawalCodec, termsOf(c!));
    const call = c!.call(JobService, 'withdraw', { job: 'other-job', withdrawal });
    await assert.rejects(call, refusedAs('NOT_FOUND'));
  });

  test('and after all of these every site still counts', async () => {
    const { round } = await a!.call(RoundService, 'watchRound', { job: job.job });
    assert.equal(round!.phase, RoundPhase.COLLECTING);
    await job.play(1);
  });
});

test('a withdrawal is taken once: the same again is a retry, another one in its place is refused', async () => {
  const terms = { ...termsOf(c!), fromRound: 1 };
  await withdraw(c!, terms);
  await withdraw(c!, terms);
  await assert.rejects(withdraw(c!, termsOf(c!)), refusedAs('CONFLICTING_SUBMISSION'));
});

test('a job that has ended takes no withdrawal, but confirms the one it has', async () => {
  const params = { path: { job: job.job } };
  await coordinator.admin.POST('/v1/jobs/{job}/cancel', { params, body: { reason: 'over' } });
  await withdraw(c!, { ...termsOf(c!), fromRound: 1 });
  await assert.rejects(withdraw(b!, { ...termsOf(b!), fromRound: 1 }), refusedAs('WRONG_PHASE'));
});
