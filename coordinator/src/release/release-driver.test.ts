// Every place at which a release may be interrupted, over a real log.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createInitialModel,
  encodeGlobalModel,
  globalModelHash,
  modelReleaseCodec,
  Refusal,
  sha256,
  signMessage,
  toHex,
  type Digest,
  type RefusalCode,
} from '@blindsum/proto';
import type { LogRecord } from '@blindsum/proto/tlog';
import {
  createTestFederation,
  createTestManifest,
  documentsOf,
  type TestSite,
} from '../../../test/fixtures/federation.ts';
import { parseJobDocument } from '../job-document.ts';
import { createLogKeys } from '../log/log-keys.ts';
import { createMemoryLogStore } from '../log/memory-log-store.ts';
import { openSequencer, type Log } from '../log/sequencer.ts';
import type { StoredRound } from '../ports.ts';
import { MemoryBlobStore } from '../storage/memory-blob-store.ts';
import { MemoryReleaseStore } from '../storage/memory-release-store.ts';
import { createUploads } from '../uploads/uploads.ts';
import { ReleaseDriver, type ReleaseEvent } from './release-driver.ts';
import type { PublishedRound } from './release-record.ts';
import type { Release } from './release.ts';

const { sites, roster } = createTestFederation();
const [A, B, C] = sites as [TestSite, TestSite, TestSite];
const manifest = createTestManifest(roster);
const document = parseJobDocument(documentsOf(manifest, roster));
const model = createInitialModel(manifest);
const file = encodeGlobalModel(model);
const fileDigest = toHex(sha256(file)) as Digest;
const digest = (digit: string) => digit.repeat(64) as Digest;
const refusal = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code;

const rules = {
  ...{ context: digest('1'), rosterHash: document.rosterHash, baseModelHash: digest('2') },
  ...{
    sites: sites.map(({ site }) => site),
    barred: [],
    withdrawn: [],
    revoked: [],
    minimum: 3,
    threshold: 2,
  },
  waits: {} as never,
};
const published: PublishedRound = {
  id: { job: manifest.job, round: 1, attempt: 1 },
  document,
  round: {
    ...{ phase: 'published', rules, phases: [], modelHash: globalModelHash(model), attestations: {} },
    set: { setAttempt: 1, root: digest('3'), members: rules.sites, excluded: [] },
    sum: { root: digest('4'), checksums: ['', ''] },
  },
};

const voteOf = ({ site, sign }: TestSite) =>
  signMessage(
    modelReleaseCodec,
    {
      ...{ federation: manifest.federation, job: manifest.job, round: 1, site },
      ...{ modelHash: published.round.modelHash, rosterHash: document.rosterHash, fileDigest },
    },
    sign,
    roster,
  );

class ReleaseUnderTest {
  readonly releases = new MemoryReleaseStore();
  readonly blobs = new MemoryBlobStore();
  readonly events: ReleaseEvent['event'][] = [];
  readonly log: Log;
  nowMs = 1000;
  timestamps = 0;
  breaks: Partial<Record<'append' | 'append, its answer' | 'replace' | 'describe', boolean>> = {};

  constructor(log: Log) {
    this.log = log;
  }

  static async open(): Promise<ReleaseUnderTest> {
    const keys = createLogKeys('log.example.org', new Uint8Array(32).fill(7));
    return new ReleaseUnderTest(await openSequencer(createMemoryLogStore(), keys));
  }

  /** A process over the same state. */
  process(releases = this.releases): ReleaseDriver {
    const uploads = createUploads({ blobs: this.blobs });
    const replace: typeof releases.replace = (id, before, after) => {
      if (this.breaks.replace && after.state === 'logged') throw new Error('killed');
      return releases.replace(id, before, after);
    };
    return new ReleaseDriver({
      ...{ uploads, blobs: this.blobs, clock: { nowMs: () => this.nowMs } },
      releases: {
        load: (job, round) => releases.load(job, round),
        list: () => releases.list(),
        replace: async (...change) => replace(...change),
      },
      rounds: { load: async (id) => ({ id, round: published.round }) as StoredRound },
      reader: { at: async () => document },
      log: {
        find: (name) => this.log.find(name),
        read: (record) => this.log.read(record),
        append: async (record) => {
          if (this.breaks.append) throw new Error('killed');
          const admitted = await this.log.append(record);
          if (this.breaks['append, its answer']) throw new Error('killed');
          return admitted;
        },
      },
      describe: async () => {
        if (this.breaks.describe) throw new Error('killed');
        return { 'README.md': 'a model' };
      },
      requestTimestamp: () => void this.timestamps++,
      report: (_, { event }) => void this.events.push(event),
    });
  }

  async state(): Promise<Release['state'] | undefined> {
    return (await this.releases.load(manifest.job, 1))?.release.state;
  }

  /** In the log, beside its charter. */
  get entries(): number {
    return this.log.latest().size - 1;
  }

  async upload(driver: ReleaseDriver, { site }: TestSite, bytes = file): Promise<void> {
    const target = await driver.target(published, site);
    await this.blobs.append(target, 0, bytes);
  }
}

for (const broken of ['append', 'append, its answer', 'replace'] as const)
  test(`a coordinator killed at "${broken}" logs the release once, when it is back`, async () => {
    const world = await ReleaseUnderTest.open();
    const first = world.process();
    await first.vote(published, A.site, voteOf(A));
    world.breaks = { [broken]: true };
    await assert.rejects(first.vote(published, B.site, voteOf(B)), /killed/);
    assert.equal(await world.state(), 'agreed');
    world.breaks = {};
    await world.process().work();
    assert.deepEqual([await world.state(), world.entries], ['logged', 1]);
    assert.ok(world.timestamps >= 1);
    await world.process().work();
    assert.equal(world.entries, 1);
  });

test('the file is wanted only once the record is in the log', async () => {
  const world = await ReleaseUnderTest.open();
  const driver = world.process();
  await driver.vote(published, A.site, voteOf(A));
  await driver.look(published, A.site);
  await assert.rejects(driver.target(published, A.site), refusal('WRONG_PHASE'));
  assert.equal(world.entries, 0);
  await driver.vote(published, B.site, voteOf(B));
  await driver.look(published, A.site);
  assert.equal(world.entries, 1);
  await driver.target(published, A.site);
});

test('a coordinator killed before it has described the model takes the same file again', async () => {
  const world = await ReleaseUnderTest.open();
  const driver = world.process();
  for (const voter of [A, B]) await driver.vote(published, voter.site, voteOf(voter));
  await driver.look(published, A.site);
  await world.upload(driver, A);
  world.breaks = { describe: true };
  await assert.rejects(driver.deliver(published, A.site), /killed/);
  assert.equal(await world.state(), 'logged');
  world.breaks = {};
  await world.process().deliver(published, A.site);
  assert.equal(await world.state(), 'available');
});

test('a voter that lets its time pass is not waited for, and what it left is removed', async () => {
  const world = await ReleaseUnderTest.open();
  const driver = world.process();
  for (const voter of [A, B]) await driver.vote(published, voter.site, voteOf(voter));
  await driver.look(published, A.site);
  const left = await driver.target(published, A.site);
  await world.blobs.append(left, 0, file.subarray(0, 10));
  await driver.look(published, B.site);
  await assert.rejects(driver.target(published, B.site), refusal('WRONG_PHASE'));
  world.nowMs += 60_000;
  await driver.look(published, B.site);
  await world.upload(driver, B);
  await driver.deliver(published, B.site);
  assert.equal(await world.blobs.size(left), 0);
  assert.deepEqual(world.events, ['release.logged', 'release.available']);
});

test('attack: the right file under the wrong hash of a model is not taken', async () => {
  const world = await ReleaseUnderTest.open();
  const driver = world.process();
  for (const voter of [A, B]) await driver.vote(published, voter.site, voteOf(voter));
  await driver.look(published, A.site);
  await world.upload(driver, A);
  const other = { ...published, round: { ...published.round, modelHash: digest('5') } };
  await assert.rejects(driver.deliver(other, A.site), refusal('MODEL_MISMATCH'));
  assert.equal(await world.state(), 'logged');
});

test('a coordinator that was restored without the votes goes by those that its log has', async () => {
  const world = await ReleaseUnderTest.open();
  for (const voter of [A, B]) await world.process().vote(published, voter.site, voteOf(voter));
  const restored = new MemoryReleaseStore();
  const driver = world.process(restored);
  for (const voter of [C, B]) await driver.vote(published, voter.site, voteOf(voter));
  const { release } = (await restored.load(manifest.job, 1))!;
  assert.equal(release.state, 'logged');
  assert.deepEqual(
    release.votes.map(({ site }) => site),
    [A.site, B.site],
  );
  assert.equal(world.entries, 1);
});

test('the record holds the votes in roster order, by pseudonym', async () => {
  const world = await ReleaseUnderTest.open();
  for (const voter of [B, A]) await world.process().vote(published, voter.site, voteOf(voter));
  const admitted = world.log.find(`release of the model of round 1 of job ${manifest.job}`)!;
  const record = (await world.log.read(admitted.record)) as Extract<LogRecord, { kind: 'release' }>;
  assert.deepEqual(
    record.predicate.votes.map(({ payload }) => payload),
    [A, B].map((site) => Buffer.from(voteOf(site).payload).toString('base64')),
  );
  assert.ok(!JSON.stringify(record).includes(A.site));
});
