// A site is revoked, at every point of a job.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberOf, memberPseudonym, type SiteId } from '@blindsum/proto';
import { FAULTS, type Fault } from '../../test/simulation/fault-injection.ts';
import { SmallJob } from '../../test/simulation/small-job.ts';
import { revokedBefore } from './revocations.ts';
import { withdrawnBefore } from './withdrawals.ts';

async function rules(job: SmallJob) {
  return (await job.view()).round!.round.rules;
}

const memberNamed = async (job: SmallJob, site: SiteId) =>
  memberOf((await job.world.document(job.job)).roster, site);

async function admitAgain(job: SmallJob, site: SiteId): Promise<void> {
  await job.world.revocations.admit(await memberNamed(job, site));
}

async function excludedIn(job: SmallJob, round: number) {
  const record = job.world.log.records.find(
    ({ kind, predicate }) => kind === 'round' && (predicate as { round: number }).round === round,
  );
  assert(record?.kind === 'round');
  return record.predicate.excluded;
}

const kindsOf = (job: SmallJob) => job.world.log.records.map(({ kind }) => kind);

test('a revocation leaves the round under way as it is; the next ones do without the site, and their records say why', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start();
  const [gone, ...others] = job.sites as [SiteId, ...SiteId[]];
  await job.revoke(gone);
  assert.deepEqual((await rules(job)).sites, job.sites);
  await job.publish();
  assert.deepEqual(await excludedIn(job, 0), []);
  const { sites, revoked } = await rules(job);
  assert.deepEqual([sites, revoked], [others, [gone]]);
  await job.publish(others);
  const member = memberPseudonym(await memberNamed(job, gone));
  assert.deepEqual(await excludedIn(job, 1), [{ member, reason: 'revoked' }]);
});

test('an attempt that is repeated does without a site that was revoked meanwhile', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start();
  await job.act(job.sites.slice(1, 3));
  await job.revoke(job.site(0));
  await job.wait(100_000);
  assert.equal((await job.id()).attempt, 2);
  assert.deepEqual((await rules(job)).sites, job.sites.slice(1));
});

test('a site that is admitted again counts from the next round on, with the consent that it gave', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start();
  await job.revoke(job.site(0));
  await job.publish();
  await admitAgain(job, job.site(0));
  assert.deepEqual((await rules(job)).sites, job.sites.slice(1));
  await job.publish(job.sites.slice(1));
  const { sites, revoked } = await rules(job);
  assert.deepEqual([sites, revoked], [job.sites, []]);
  assert.ok(!kindsOf(job).includes('consent'), 'its consent is in the log with the manifest');
});

test('a site that is revoked when its job starts, and comes back, has its consent logged before the round that counts it', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.world.submitJob(job.job);
  await job.consent(job.site(0));
  await job.revoke(job.site(0));
  for (const site of job.sites.slice(1)) await job.consent(site);
  const first = await rules(job);
  assert.deepEqual([first.sites, first.revoked], [job.sites.slice(1), [job.site(0)]]);
  await admitAgain(job, job.site(0));
  await job.publish(job.sites.slice(1));
  assert.deepEqual((await rules(job)).sites, job.sites);
  const consents = job.world.log.records.flatMap((record) =>
    record.kind === 'manifest'
      ? record.predicate.consents.map(({ member }) => member)
      : record.kind === 'consent'
        ? [record.predicate.consent.member]
        : [],
  );
  const members = (await job.world.document(job.job)).roster.members.map(memberPseudonym);
  assert.deepEqual(consents.toSorted(), members.toSorted(), 'each once');
});

test('a job does not wait for the consent of a site that is revoked', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.world.submitJob(job.job);
  await job.revoke(job.site(4));
  for (const site of job.sites.slice(0, 4)) await job.consent(site);
  assert.deepEqual((await rules(job)).sites, job.sites.slice(0, 4));
});

test('a job with too few sites that are not revoked waits for one to be admitted again', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start(job.sites.slice(0, 3));
  await job.revoke(job.site(3));
  await job.revoke(job.site(4));
  await job.wait(100_000);
  assert.equal((await job.view()).job.status.state, 'joining');
  await admitAgain(job, job.site(3));
  await job.consent(job.site(3));
  const { sites, revoked } = await rules(job);
  assert.deepEqual([sites, revoked], [job.sites.slice(0, 4), [job.site(4)]]);
});

test('a job that is left with too few sites stops once its round has ended, and says why', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start();
  await job.revoke(job.site(0));
  await job.revoke(job.site(1));
  await job.publish();
  const { status } = (await job.view()).job;
  assert.deepEqual(status, {
    state: 'failed',
    reason: 'TOO_FEW_CONTRIBUTORS: 3 sites remain after withdrawals and revocations, 4 are needed',
    last: { job: job.job, round: 0, attempt: 1 },
  });
});

test('a site that has withdrawn and is revoked is named as withdrawn', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start();
  await job.withdraw(job.site(0), 1);
  await job.revoke(job.site(0));
  await job.publish();
  await job.publish(job.sites.slice(1));
  assert.deepEqual(
    (await excludedIn(job, 1)).map(({ reason }) => reason),
    ['withdrawn'],
  );
});

test('an attempt that was made keeps who had withdrawn and who was revoked by then', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start();
  const made = await job.id();
  const next = { ...made, round: 1 };
  await job.withdraw(job.site(0), 1);
  await job.revoke(job.site(1));
  const world = job.newProcess();
  const document = await job.world.document();
  assert.deepEqual(await withdrawnBefore(world, made, document), []);
  assert.ok(!kindsOf(job).includes('withdrawal'), 'it is logged before the next one');
  assert.deepEqual(await revokedBefore(world, made), new Set());
  assert.deepEqual(await withdrawnBefore(world, next, document), [job.site(0)]);
  assert.deepEqual(await revokedBefore(world, next), new Set([job.site(1)]));
});

test('whichever write is lost, the round after a revocation does without its site', async () => {
  for (const fault of FAULTS) {
    // The last attestation, the record of the round, its effect, the next round, the job, its effect.
    for (let nth = 1; nth <= 7; nth++) {
      const faults = new Map<number, Fault>();
      const job = new SmallJob({ sites: 5, faults, faultsAreFatal: true });
      await job.start();
      await job.act();
      await job.finishSum();
      for (let step = 0; step < 3; step++) await job.act();
      await job.act(job.sites.slice(1));
      await job.revoke(job.site(0));
      faults.set(job.world.faults.writes + nth, fault);
      const last = await job.owed(job.site(0));
      while ((await job.world.deliver(last, { round: 0, attempt: 1 })) === 'unknown');
      await job.world.tick();
      const { sites, revoked } = await rules(job);
      assert.deepEqual([sites, revoked], [job.sites.slice(1), [job.site(0)]], `write ${nth} ${fault}`);
      assert.equal((await job.id()).round, 1);
    }
  }
});
