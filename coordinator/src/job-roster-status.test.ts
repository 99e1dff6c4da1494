import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal, type Digest, type SiteId } from '@blindsum/proto';
import { consentOf } from '../../test/simulation/model-site.ts';
import { SmallJob } from '../../test/simulation/small-job.ts';
import { createDrivers } from './drivers.ts';
import { jobRosterStatus } from './job-roster-status.ts';
import { currentRound } from './job-status.ts';

const JOINING = ['site-4', 'site-5'] as SiteId[];

async function statusOf(job: SmallJob, jobRosters = job.world.drivers.shownRosters) {
  const process = job.newProcess();
  const opened = await process.reader.open(job.job);
  const id = currentRound(opened.stored);
  const current = id && (await process.rounds.load(id));
  const { document, waits } = await jobRosterStatus(
    { ...process, jobRosters },
    opened,
    current?.round.rules.rosterHash,
    await jobRosters.chain(),
  );
  return { version: document.roster.version, waits };
}

async function consentUnder(job: SmallJob, site: SiteId, rosterHash: Digest): Promise<void> {
  const document = await job.world.documentUnder(rosterHash, job.job);
  await job.world.consent(site, consentOf(site, document), job.job);
}

test('a job that waits for consents shows the roster that is consented to', async () => {
  const job = new SmallJob({ sites: 3, joining: JOINING });
  await job.start([]);
  assert.deepEqual(await statusOf(job), { version: 1, waits: null });
  await job.world.adopt([...job.sites, ...JOINING]);
  assert.deepEqual(await statusOf(job), { version: 2, waits: null });
});

test('a job that runs shows what its next round waits for, until it goes by the new roster', async () => {
  const job = new SmallJob({ sites: 3, joining: JOINING });
  await job.start();
  const second = await job.world.adopt([...job.sites, ...JOINING]);
  await job.withdraw(job.site(0), 1);
  const waits = '2 of its members have consented, 3 are needed';
  assert.deepEqual(await statusOf(job), { version: 1, waits });
  for (const site of JOINING) await consentUnder(job, site, second);
  assert.deepEqual(await statusOf(job), { version: 1, waits: null });
  await job.publish();
  assert.deepEqual(await statusOf(job), { version: 2, waits: null });
});

test('the consents of a job that goes by the latest roster are not read: hundreds of each of dozens of jobs', async () => {
  const job = new SmallJob({ sites: 3, joining: JOINING });
  await job.start();
  const process = job.newProcess();
  const opened = await process.reader.open(job.job);
  const { rosterHash } = (await job.view()).round!.round.rules;
  const reject = () => Promise.reject(new Error('consents are read'));
  const source = {
    ...process,
    jobs: { consents: reject, withdrawals: reject },
    jobRosters: job.world.drivers.shownRosters,
  };
  const look = async () =>
    (await jobRosterStatus(source, opened, rosterHash, await source.jobRosters.chain())).waits;
  assert.equal(await look(), null);
  await job.world.adopt([...job.sites, ...JOINING]);
  await assert.rejects(look(), /consents are read/);
});

test('looking brings nothing into the log', async () => {
  const job = new SmallJob({ sites: 3, joining: JOINING });
  await job.start();
  await job.world.adopt([...job.sites, ...JOINING]);
  const log = { ...job.world.log, append: () => Promise.reject(new Error('nothing is to be logged')) };
  const drivers = createDrivers({ ...job.newProcess(), log });
  assert.equal((await statusOf(job, drivers.shownRosters)).version, 1);
  await assert.rejects(statusOf(job, drivers.jobRosters), /nothing is to be logged/);
});

test('a job for which a larger roster leaves no room keeps its own, and says which limit that is', async () => {
  const job = new SmallJob({ sites: 3, joining: JOINING });
  const { shownRosters, jobRosters } = createDrivers(job.newProcess(), (_, sites) => {
    if (sites > 3) throw new Refusal('QUOTA_EXCEEDED', `no room for ${sites} sites`);
  });
  await job.start();
  const { rosterHash } = (await job.view()).round!.round.rules;
  await job.world.adopt([...job.sites, ...JOINING]);
  const waits = 'no room for 5 sites';
  assert.deepEqual(await statusOf(job, shownRosters), { version: 1, waits });
  const next = await jobRosters.next(job.job, rosterHash, await job.world.jobs.consents(job.job));
  assert.deepEqual([next.document.rosterHash, next.waits], [rosterHash, waits]);
});

test('a job that is over waits for nothing', async () => {
  const job = new SmallJob({ sites: 3, joining: JOINING });
  await job.start();
  await job.world.asks(() => job.world.drivers.control.cancel(job.job, 'enough'));
  await job.world.adopt([...job.sites, ...JOINING]);
  assert.deepEqual(await statusOf(job), { version: 1, waits: null });
});
