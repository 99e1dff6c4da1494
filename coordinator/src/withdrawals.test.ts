// A site takes its consent back, at every point of a job.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberPseudonym, type SiteId } from '@blindsum/proto';
import { FAULTS, type Fault } from '../../test/simulation/fault-injection.ts';
import { SmallJob } from '../../test/simulation/small-job.ts';

async function rules(job: SmallJob) {
  return (await job.view()).round!.round.rules;
}

const kindsOf = (job: SmallJob) => job.world.log.records.map(({ kind }) => kind);

async function excludedIn(job: SmallJob, round: number) {
  const record = job.world.log.records.find(
    ({ kind, predicate }) => kind === 'round' && (predicate as { round: number }).round === round,
  );
  assert(record?.kind === 'round');
  return record.predicate.excluded;
}

test('a withdrawal takes effect at the next round, is logged before it, and is the reason that the record gives', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start();
  const [leaving, ...others] = job.sites as [SiteId, ...SiteId[]];
  assert.equal(await job.withdraw(leaving, 1), 'accepted');
  assert.equal(await job.withdraw(leaving, 1), 'accepted', 'the same again is a retry');
  assert.deepEqual((await rules(job)).sites, job.sites, 'the round under way goes on with it');
  assert.ok(!kindsOf(job).includes('withdrawal'));
  await job.publish();
  assert.deepEqual(await excludedIn(job, 0), []);
  const { sites, withdrawn } = await rules(job);
  assert.deepEqual([sites, withdrawn], [others, [leaving]]);
  await job.publish(others);
  assert.deepEqual(kindsOf(job).slice(2), ['round-sealed', 'round', 'withdrawal', 'round-sealed', 'round']);
  const [member] = (await job.world.document()).roster.members;
  assert.deepEqual(await excludedIn(job, 1), [{ member: memberPseudonym(member!), reason: 'withdrawn' }]);
});

test('an attempt that is repeated does without a site that has withdrawn', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start();
  await job.act(job.sites.slice(1, 3));
  await job.withdraw(job.site(0), 0);
  await job.wait(100_000);
  assert.equal((await job.id()).attempt, 2);
  assert.deepEqual((await rules(job)).sites, job.sites.slice(1));
});

test('a job that is left with too few sites stops once its round has ended, and says why', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start();
  await job.withdraw(job.site(0), 1);
  await job.withdraw(job.site(1), 1);
  assert.equal((await job.view()).job.status.state, 'running');
  await job.publish();
  const { status } = (await job.view()).job;
  assert.deepEqual(status, {
    state: 'failed',
    reason: 'TOO_FEW_CONTRIBUTORS: 3 sites remain after withdrawals and revocations, 4 are needed',
    last: { job: job.job, round: 0, attempt: 1 },
  });
  assert.deepEqual(kindsOf(job).slice(-2), ['withdrawal', 'withdrawal']);
  assert.equal(await job.withdraw(job.site(2), 1), 'refused', 'the job has ended');
});

test('a withdrawal in the last round of a job, or in a job that is paused or cancelled, is in the log when it stands still', async () => {
  const paused = new SmallJob({ sites: 5 });
  await paused.start();
  await paused.withdraw(paused.site(0), 1);
  await paused.world.drivers.control.pause(paused.job);
  await paused.publish();
  assert.equal((await paused.view()).job.status.state, 'paused');
  assert.equal(kindsOf(paused).at(-1), 'withdrawal');
  const last = new SmallJob({ sites: 5 });
  await last.start();
  for (let round = 0; round < 2; round++) await last.publish();
  await last.withdraw(last.site(0), 3);
  await last.publish();
  assert.equal((await last.view()).job.status.state, 'finished');
  assert.equal(kindsOf(last).at(-1), 'withdrawal');
});

test('a job does not wait for the consent of a site that has withdrawn', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start(job.sites.slice(0, 4));
  await job.consent(job.site(4));
  const early = job.beside('early');
  await early.start(early.sites.slice(0, 4));
  await early.withdraw(early.site(0), 0);
  assert.equal((await early.view()).job.status.state, 'joining');
  await early.consent(early.site(4));
  assert.deepEqual((await rules(early)).sites, early.sites.slice(1));
});

test('a job that can never have enough sites any more fails before it starts', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start(job.sites.slice(0, 2));
  await job.withdraw(job.site(0), 0);
  assert.equal((await job.view()).job.status.state, 'joining');
  await job.withdraw(job.site(1), 0);
  const { status } = (await job.view()).job;
  assert.deepEqual(status, {
    state: 'failed',
    reason: 'TOO_FEW_CONTRIBUTORS: 3 sites remain after withdrawals and revocations, 4 are needed',
  });
  assert.equal(await job.withdraw(job.site(1), 0), 'accepted', 'held already');
  assert.equal(await job.consent(job.site(4)), 'refused');
});

test('a consent does not undo a withdrawal, and who has not consented has nothing to withdraw', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start(job.sites.slice(1));
  assert.equal(await job.withdraw(job.site(0), 0), 'refused');
  await job.withdraw(job.site(1), 0);
  assert.equal(await job.consent(job.site(1)), 'accepted', 'a retry');
  assert.equal(await job.withdraw(job.site(1), 1), 'refused', 'another one in its place');
  await job.consent(job.site(0));
  assert.deepEqual((await rules(job)).sites, [job.site(0), ...job.sites.slice(2)]);
});

test('whichever write is lost, a withdrawal is logged once, before the round that does without its site', async () => {
  for (const fault of FAULTS) {
    // The withdrawal; then the last attestation, the record, its effect, the withdrawal's record, the round, the job, its effect.
    for (let nth = 1; nth <= 8; nth++) {
      const faults = new Map<number, Fault>();
      const job = new SmallJob({ sites: 5, faults, faultsAreFatal: true });
      await job.start();
      await job.act();
      await job.finishSum();
      for (let step = 0; step < 3; step++) await job.act();
      await job.act(job.sites.slice(1));
      faults.set(job.world.faults.writes + nth, fault);
      while ((await job.withdraw(job.site(0), 1)) === 'unknown');
      const last = await job.owed(job.site(0));
      while ((await job.world.deliver(last, { round: 0, attempt: 1 })) === 'unknown');
      await job.world.tick();
      assert.deepEqual((await rules(job)).sites, job.sites.slice(1), `write ${nth} ${fault}`);
      assert.deepEqual(kindsOf(job), ['roster', 'manifest', 'round-sealed', 'round', 'withdrawal']);
    }
  }
});
