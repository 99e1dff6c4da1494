import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberPseudonym, type SiteId } from '@blindsum/proto';
import { createTestFederation, createTestManifest, documentsOf } from '../../test/fixtures/federation.ts';
import { FAULTS, type Fault } from '../../test/simulation/fault-injection.ts';
import { consentOf } from '../../test/simulation/model-site.ts';
import { SmallJob } from '../../test/simulation/small-job.ts';

const JOIN_MS = 60_000;

test('a job starts with the last consent, after its roster and consents are in the log', async () => {
  const job = new SmallJob();
  await job.start(job.sites.slice(0, 2));
  assert.equal((await job.view()).job.status.state, 'joining');
  assert.deepEqual(await job.world.rounds.list(job.world.job), []);
  await job.consent(job.site(2));
  assert.deepEqual(await job.id(), { job: job.world.job, round: 0, attempt: 1 });
  const [roster, manifest] = job.world.log.records;
  assert(roster?.kind === 'roster' && manifest?.kind === 'manifest');
  assert.equal(manifest.predicate.consents.length, 3);
});

test('when the time to join is over, the job starts with those who consented, and the others stay out', async () => {
  const job = new SmallJob({ sites: 5 });
  const present = job.sites.slice(1);
  await job.start(present);
  await job.wait(JOIN_MS - 1);
  assert.equal((await job.view()).job.status.state, 'joining');
  await job.wait(1);
  assert.deepEqual((await job.view()).round?.round.rules.sites, present);
});

test('a site that consents while the job runs takes part from the next round on, and that is logged first', async () => {
  const job = new SmallJob({ sites: 5 });
  const present = job.sites.slice(1);
  await job.start(present);
  await job.wait(JOIN_MS);
  await job.act(present.slice(0, 2));
  assert.equal(await job.consent(job.site(0)), 'accepted');
  assert.equal(await job.consent(job.site(0)), 'accepted');
  assert.deepEqual((await job.view()).round?.round.rules.sites, present);
  // The attempt fails, and is repeated with the same sites.
  await job.wait(40_000);
  assert.deepEqual((await job.id()).attempt, 2);
  assert.deepEqual((await job.view()).round?.round.rules.sites, present);
  assert.ok(job.world.log.records.every(({ kind }) => kind !== 'consent'));
  await job.publish(present);
  assert.deepEqual(await job.id(), { job: job.job, round: 1, attempt: 1 });
  assert.deepEqual((await job.view()).round?.round.rules.sites, job.sites);
  const records = job.world.log.records;
  assert.deepEqual(
    records.slice(-2).map(({ kind }) => kind),
    ['round', 'consent'],
  );
  const [late] = (await job.world.document()).roster.members;
  assert(late);
  const left = records.flatMap((record) => (record.kind === 'round' ? record.predicate.excluded : []));
  assert.deepEqual(left, [{ member: memberPseudonym(late), reason: 'no-consent' }]);
  await job.publish();
  const last = job.world.log.records.findLast(({ kind }) => kind === 'round');
  assert(last?.kind === 'round');
  assert.deepEqual([last.predicate.round, last.predicate.setSize, last.predicate.excluded], [1, 5, []]);
});

test('whichever write is lost when a site is taken in, its consent is logged once, before the round that counts it', async () => {
  for (const fault of FAULTS) {
    // The last attestation, the record, its effect, the consent, the round, the job, its effect.
    for (let nth = 1; nth <= 7; nth++) {
      const faults = new Map<number, Fault>();
      const job = new SmallJob({ sites: 5, faults, faultsAreFatal: true });
      const present = job.sites.slice(1);
      await job.start(present);
      await job.wait(JOIN_MS);
      await job.consent(job.site(0));
      await job.act(present);
      await job.finishSum();
      for (let step = 0; step < 3; step++) await job.act(present);
      await job.act(present.slice(1));
      faults.set(job.world.faults.writes + nth, fault);
      const last = await job.owed(job.site(1));
      while ((await job.world.deliver(last, { round: 0, attempt: 1 })) === 'unknown');
      await job.world.tick();
      assert.deepEqual((await job.view()).round?.round.rules.sites, job.sites, `write ${nth} ${fault}`);
      const kinds = job.world.log.records.map(({ kind }) => kind);
      assert.deepEqual(kinds, ['roster', 'manifest', 'round-sealed', 'round', 'consent']);
    }
  }
});

test('a site that consents while the job is paused takes part when it is resumed', async () => {
  const job = new SmallJob({ sites: 5 });
  const present = job.sites.slice(1);
  await job.start(present);
  await job.wait(JOIN_MS);
  await job.world.drivers.control.pause(job.job);
  await job.publish(present);
  await job.consent(job.site(0));
  await job.world.drivers.control.resume(job.job);
  assert.deepEqual((await job.view()).round?.round.rules.sites, job.sites);
});

test('the record of a round names a site without consent as left out', async () => {
  const job = new SmallJob({ sites: 5 });
  const present = job.sites.slice(1);
  await job.start(present);
  await job.wait(JOIN_MS);
  await job.act(present);
  await job.finishSum();
  for (let step = 0; step < 4; step++) await job.act(present);
  const record = job.world.log.records.find(({ kind }) => kind === 'round');
  assert(record?.kind === 'round');
  const [absent] = (await job.world.document()).roster.members;
  assert(absent);
  assert.deepEqual(record.predicate.excluded, [{ member: memberPseudonym(absent), reason: 'no-consent' }]);
});

test('with too few consents a job goes on waiting, however long it takes', async () => {
  const job = new SmallJob({ sites: 5 });
  await job.start(job.sites.slice(0, 3));
  await job.wait(10 * JOIN_MS);
  assert.equal((await job.view()).job.status.state, 'joining');
  await job.consent(job.site(3));
  assert.equal((await job.view()).job.status.state, 'running');
});

test('a consent that arrives while the job starts does not change whose consents are logged', async () => {
  // The job, 4 consents, the queue, the choice of whose count, two records and the round; then the job would run.
  const faults = new Map([[11, 'fails and does not persist' as const]]);
  const job = new SmallJob({ sites: 5, faults });
  const present = job.sites.slice(1);
  await job.start(present);
  await job.wait(JOIN_MS);
  const stored = await job.world.jobs.load(job.world.job);
  const { rosterHash } = await job.world.document();
  assert.deepEqual(stored?.status, { state: 'starting', consented: present, rosterHash });
  await job.world.jobs.addConsent(
    job.world.job,
    job.site(0),
    consentOf(job.site(0), await job.world.document()),
  );
  await job.world.tick();
  assert.deepEqual((await job.view()).round?.round.rules.sites, present);
});

test('a consent that is sent again is a retry, also after the start', async () => {
  const job = new SmallJob();
  await job.start();
  assert.equal(await job.consent(job.site(0)), 'accepted');
});

test('the same job again is a retry, another one under its name is refused', async () => {
  const { roster } = createTestFederation();
  const bytes = documentsOf(createTestManifest(roster), roster);
  const { jobs } = new SmallJob().world.drivers;
  const stored = await jobs.submit(bytes);
  assert.deepEqual(await jobs.submit(bytes), stored);
  const other = documentsOf(createTestManifest(roster, { rounds: 9 }), roster);
  await assert.rejects(jobs.submit(other), { code: 'CONFLICTING_SUBMISSION' });
});

test('a manifest that does not fit its roster is refused before it is stored', async () => {
  const { roster } = createTestFederation();
  const manifest = { ...createTestManifest(roster), threshold: 4 };
  const { world } = new SmallJob();
  const bytes = documentsOf(manifest, roster);
  await assert.rejects(world.drivers.jobs.submit(bytes), { code: 'MANIFEST_INVALID' });
  assert.deepEqual(await world.jobs.list(), []);
});

test('a job that takes nobody back goes on without the update of a site that was late, and with its help', async () => {
  const job = new SmallJob({ sites: 5, terms: { lateSites: 'refused' } });
  await job.start();
  const [late, ...others] = job.sites as [SiteId, ...SiteId[]];
  const finish = async () => {
    await job.finishSum();
    // Acknowledgements, checksums of the set alone, openings and attestations.
    for (const sites of [job.sites, others, job.sites, job.sites]) await job.act(sites);
  };
  await job.act(others);
  await job.wait(10_000);
  await finish();
  assert.deepEqual(await job.id(), { job: job.job, round: 1, attempt: 1 });
  assert.equal(await job.world.deliver(await job.owed(late), await job.id()), 'refused');
  await job.act(others);
  assert.equal(await job.phase(), 'sealed', 'nobody waits for its update');
  await finish();
  assert.equal((await job.id()).round, 2);
  const left = job.world.log.records.flatMap((record) =>
    record.kind === 'round' ? record.predicate.excluded.map(({ reason }) => reason) : [],
  );
  assert.deepEqual(left, ['late', 'late-before']);
});

test('a manifest that its author did not sign is refused before it is stored', async () => {
  const { roster } = createTestFederation();
  const { world } = new SmallJob();
  const signed = documentsOf(createTestManifest(roster), roster);
  const altered = documentsOf(createTestManifest(roster, { rounds: 9 }), roster);
  const { authorSignature } = signed;
  for (const bytes of [
    { ...altered, authorSignature },
    { ...signed, authorSignature: authorSignature.slice(1) },
  ])
    await assert.rejects(world.drivers.jobs.submit(bytes), { code: 'BAD_SIGNATURE' });
  assert.deepEqual(await world.jobs.list(), []);
});
