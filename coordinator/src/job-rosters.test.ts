import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest, SiteId } from '@blindsum/proto';
import { consentOf } from '../../test/simulation/model-site.ts';
import { SmallJob } from '../../test/simulation/small-job.ts';

const JOINING = ['site-4', 'site-5', 'site-6', 'site-7'] as SiteId[];

async function consentUnder(job: SmallJob, site: SiteId, rosterHash: Digest): Promise<void> {
  const document = await job.world.documentUnder(rosterHash, job.job);
  await job.world.consent(site, consentOf(site, document), job.job);
}

const rulesOf = async (job: SmallJob) => (await job.view()).round!.round.rules;

test('a site that a new roster adds takes part from the next round on, with the threshold of the larger roster', async () => {
  const job = new SmallJob({ sites: 3, joining: JOINING.slice(0, 1) });
  await job.start();
  const first = await rulesOf(job);
  const everyone = [...job.sites, ...JOINING.slice(0, 1)];
  const second = await job.world.adopt(everyone);
  await consentUnder(job, JOINING[0]!, second);
  assert.deepEqual(await rulesOf(job), first);
  await job.publish();
  const rules = await rulesOf(job);
  assert.deepEqual([rules.rosterHash, rules.sites, rules.threshold], [second, everyone, 3]);
  await job.publish(everyone);
  const records = job.world.log.records;
  const rosters = records.flatMap((record) => (record.kind === 'roster' ? [record.predicate.version] : []));
  assert.deepEqual(rosters, [1, 2]);
  const rounds = records.flatMap((record) => (record.kind === 'round' ? [record.predicate] : []));
  assert.deepEqual(
    rounds.map(({ rosterHash, setSize, counts }) => [rosterHash, setSize, counts.roster]),
    [
      [first.rosterHash, 3, 3],
      [second, 4, 4],
    ],
  );
  const at = (kind: string) => records.findLastIndex((record) => record.kind === kind);
  assert.ok(at('roster') < at('consent') && at('consent') < at('round-sealed'));
});

test('an attempt that is repeated keeps the roster that it began with', async () => {
  const job = new SmallJob({ sites: 3, joining: JOINING.slice(0, 1) });
  await job.start();
  const { rosterHash } = await rulesOf(job);
  const second = await job.world.adopt([...job.sites, JOINING[0]!]);
  await consentUnder(job, JOINING[0]!, second);
  await job.wait(40_000);
  assert.equal((await job.id()).attempt, 2);
  assert.equal((await rulesOf(job)).rosterHash, rosterHash);
});

test('a member that a new roster leaves out is asked nothing more', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start();
  const left = job.sites.slice(1);
  const second = await job.world.adopt(left);
  await job.publish();
  const rules = await rulesOf(job);
  assert.deepEqual([rules.rosterHash, rules.sites], [second, left]);
  await job.publish(left);
  assert.equal((await job.id()).round, 2);
});

test('a member that leaves with one roster and comes back with the next has one consent in the log', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start();
  const [first, ...others] = job.sites as [SiteId, ...SiteId[]];
  await job.world.adopt(others);
  await job.publish();
  assert.deepEqual((await rulesOf(job)).sites, others);
  await job.world.adopt(job.sites);
  await job.publish(others);
  assert.ok((await rulesOf(job)).sites.includes(first));
  assert.ok(job.world.log.records.every(({ kind }) => kind !== 'consent'));
});

test('a job stays with its roster, and says why, until enough members of the new one have consented', async () => {
  const job = new SmallJob({ sites: 3, joining: JOINING });
  await job.start();
  const { rosterHash } = await rulesOf(job);
  const second = await job.world.adopt([...job.sites, ...JOINING]);
  const rosters = job.world.drivers.jobRosters;
  await job.publish();
  assert.equal((await rulesOf(job)).rosterHash, rosterHash);
  const next = async () => rosters.next(job.job, rosterHash, await job.world.jobs.consents(job.job));
  assert.equal((await next()).waits, '3 of its members have consented, 4 are needed');
  await consentUnder(job, JOINING[0]!, second);
  assert.equal((await next()).waits, undefined);
  await job.publish();
  assert.deepEqual((await rulesOf(job)).sites, [...job.sites, JOINING[0]!]);
});

test('a job that keeps its roster, or has no room for the new one, stays with it', async () => {
  for (const [terms, why] of [
    [{ roster: 'fixed' }, /keeps the roster/],
    [
      { contributors: { minimum: 2, allowTwoSites: true, capacity: 3 } },
      /contributors\.capacity: 3 members, the roster has 4/,
    ],
  ] as const) {
    const job = new SmallJob({ sites: 3, joining: JOINING.slice(0, 1), terms });
    await job.start();
    const { rosterHash } = await rulesOf(job);
    await job.world.adopt([...job.sites, JOINING[0]!]);
    const { waits } = await job.world.drivers.jobRosters.toConsent(job.job, rosterHash);
    assert.match(waits!, why);
    await job.publish();
    assert.equal((await rulesOf(job)).rosterHash, rosterHash);
  }
});

test('a job that demands everyone demands everyone of a larger roster, from the round on that goes by it', async () => {
  const terms = { contributors: { minimum: 'all', capacity: 4 } };
  const job = new SmallJob({ sites: 3, joining: JOINING.slice(0, 1), terms });
  await job.start();
  assert.equal((await rulesOf(job)).minimum, 3);
  const everyone = [...job.sites, JOINING[0]!];
  const second = await job.world.adopt(everyone);
  await consentUnder(job, JOINING[0]!, second);
  await job.publish();
  assert.deepEqual([(await rulesOf(job)).minimum, (await rulesOf(job)).sites], [4, everyone]);
  await job.act(job.sites);
  await job.wait(40_000);
  assert.equal((await job.id()).attempt, 2, 'no set without the newcomer');
});

test('a job that waits for consents begins with the latest roster', async () => {
  const job = new SmallJob({ sites: 3, joining: JOINING.slice(0, 1) });
  await job.start(job.sites.slice(0, 2));
  const everyone = [...job.sites, JOINING[0]!];
  const second = await job.world.adopt(everyone);
  await job.consent(job.site(2));
  assert.equal((await job.view()).job.status.state, 'joining');
  await consentUnder(job, JOINING[0]!, second);
  assert.deepEqual((await rulesOf(job)).sites, everyone);
});

test('a job that was ready in the queue begins under its own roster if too few of a later one have consented', async () => {
  const limits = { maxRunningJobs: 1, maxOpenJobs: 10 };
  const job = new SmallJob({ sites: 3, joining: JOINING, limits });
  await job.start();
  const queued = job.beside('queued');
  await queued.start();
  const { rosterHash } = await rulesOf(job);
  const second = await job.world.adopt([...job.sites, ...JOINING]);
  await job.world.drivers.control.cancel(job.job, 'the test says so');
  await job.world.tick();
  const rules = await rulesOf(queued);
  assert.deepEqual([rules.rosterHash, rules.sites], [rosterHash, job.sites]);
  await consentUnder(queued, JOINING[0]!, second);
  await queued.publish();
  assert.equal((await rulesOf(queued)).rosterHash, second);
});

/** Where `site` has another signing key than before. */
const changing = (changed: SiteId) => (site: SiteId) => (site === changed ? ('somebody' as SiteId) : site);

test('whoever has another signing key than it consented with takes no part, in a job that begins as in one that goes on', async () => {
  const job = new SmallJob({ sites: 3 });
  await job.start(job.sites.slice(0, 2));
  const [first, ...others] = job.sites as [SiteId, ...SiteId[]];
  const second = await job.world.adopt(job.sites, changing(first));
  await consentUnder(job, job.site(2), second);
  assert.equal(
    (await job.view()).job.status.state,
    'joining',
    'it waits for the consent under the other key',
  );
  await job.wait(60_000);
  assert.deepEqual((await rulesOf(job)).sites, others);
  const running = new SmallJob({ sites: 5 });
  await running.start();
  await running.world.adopt(running.sites, changing(running.site(0)));
  await running.publish();
  assert.deepEqual((await rulesOf(running)).sites, running.sites.slice(1));
});
