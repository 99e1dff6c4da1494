// Two jobs and one place, over the wire and with the operator's commands: each test goes on where the one before ended.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  acknowledgementCodec,
  CHUNK_BYTES,
  commitmentCodec,
  consentCodec,
  encodePart,
  manifestHash,
  parseManifest,
  parseRoster,
  Refusal,
  rosterHash,
  roundContext,
  SEALED_SHARE_BYTES,
  toHex,
  type Bytes,
  type Digest,
  type JobId,
} from '@blindsum/proto';
import { hashLeaf } from '@blindsum/proto/node';
import { BlobKind, JobService, JobState, RoundPhase, RoundService } from '@blindsum/proto/rpc';
import { merkleRoot } from '@blindsum/proto/tlog';
import { cancel, jobs, pause, resume } from './commands/jobs.ts';
import { adoptRoster } from './adoption.fixture.ts';
import { createAuthorKey } from './author/author-files.ts';
import type { Output } from './commands/operator.ts';
import { submit } from './commands/submit.ts';
import {
  admitTestSite,
  FEDERATION,
  randomResidues,
  refusedAs,
  startTestCoordinator,
  TEST_JOB,
  type TestCoordinator,
  type TestSite,
} from './federation.fixture.ts';

const FIRST = 'first' as JobId;
const SECOND = 'second' as JobId;

let coordinator: TestCoordinator;
const sites: TestSite[] = [];
let folder: string;
let configPath: string;
let authorKey: string;

before(async () => {
  coordinator = await startTestCoordinator({ maxRunningJobs: 1, maxOpenJobs: 2 });
  folder = await mkdtemp(join(tmpdir(), 'bs-jobs-'));
  configPath = join(folder, 'coordinator.yaml');
  const { stateDirectory } = coordinator.config;
  authorKey = join(folder, 'author.key');
  await createAuthorKey(authorKey, 'Ada Author');
  await writeFile(configPath, `federation: ${FEDERATION}\nstateDirectory: ${stateDirectory}\n`);
  for (const name of ['hospital-a', 'hospital-b', 'hospital-c'])
    sites.push(await admitTestSite(coordinator, name));
  await adoptRoster(coordinator, sites);
});

after(async () => {
  for (const site of sites) site.close();
  await coordinator.remove();
  await rm(folder, { recursive: true });
  assert.deepEqual(coordinator.crashes, []);
});

async function printed(command: (output: Output) => Promise<void>, json = false): Promise<string> {
  const lines: string[] = [];
  await command({ json, print: (line) => lines.push(line) });
  return lines.join('\n');
}

async function submitJob(job: string): Promise<void> {
  const path = join(folder, 'job.yaml');
  await writeFile(path, JSON.stringify({ ...TEST_JOB, job }));
  await printed((output) => submit(configPath, { job: path, authorKey }, output));
}

const showJobs = () => printed((output) => jobs(configPath, output));
const watch = (job: JobId, site = sites[0]!) => site.call(RoundService, 'watchRound', { job });
const root = (leaves: readonly Bytes[]) => toHex(merkleRoot(leaves.map(hashLeaf))) as Digest;

async function termsOf(job: JobId) {
  const documents = await sites[0]!.call(JobService, 'getJob', { job });
  const manifest = parseManifest(documents.manifest);
  const hashes = {
    manifestHash: manifestHash(manifest),
    rosterHash: rosterHash(parseRoster(documents.roster)),
  };
  const ref = { job, round: 0, attempt: 1 };
  const { federation } = manifest;
  const context = roundContext({ federation, ...ref, baseModelHash: manifest.model.initialHash, ...hashes });
  return { federation, hashes, ref, context };
}

async function consent(job: JobId): Promise<void> {
  const { federation, hashes } = await termsOf(job);
  for (const site of sites) {
    const message = site.sign(consentCodec, { federation, job, site: site.site, ...hashes });
    await site.call(JobService, 'consent', { job, consent: message });
  }
}

/** Uploads random residues and shares to round 0, and commits to them. */
async function contribute(site: TestSite, job: JobId): Promise<void> {
  const { ref, context } = await termsOf(job);
  const ciphertext = encodePart(randomResidues(CHUNK_BYTES / 8));
  const shares = new Uint8Array(randomBytes(3 * SEALED_SHARE_BYTES));
  await site.upload({ ref, kind: BlobKind.CIPHERTEXT, size: ciphertext.length }, [ciphertext]);
  await site.upload({ ref, kind: BlobKind.SHARES, size: shares.length }, [shares]);
  const records = [0, 1, 2].map((i) => shares.subarray(i * SEALED_SHARE_BYTES, (i + 1) * SEALED_SHARE_BYTES));
  const roots = { ciphertextRoot: root([ciphertext]), shareRoot: root(records) };
  const commitment = site.sign(commitmentCodec, { context, site: site.site, chunks: 1, ...roots });
  await site.call(RoundService, 'commit', { ref, commitment });
}

async function until(job: JobId, isReached: (view: Awaited<ReturnType<typeof watch>>) => boolean) {
  for (let view = await watch(job); ;) {
    if (isReached(view)) return view;
    view = await sites[0]!.call(RoundService, 'watchRound', {
      job,
      knownVersion: view.version,
      waitMs: 4000,
    });
  }
}

test('the second of two jobs waits in the queue while the first one runs', async () => {
  for (const job of [FIRST, SECOND]) {
    await submitJob(job);
    await consent(job);
  }
  assert.equal((await watch(FIRST)).jobState, JobState.RUNNING);
  const waiting = await watch(SECOND);
  assert.deepEqual([waiting.jobState, waiting.round], [JobState.QUEUED, undefined]);
  const lines = (await showJobs()).split('\n');
  assert.match(lines[1]!, /^first +running +0 of 2 +collecting +0 /);
  assert.match(lines[2]!, /^second +queued +- +- +- +number 1 in the queue$/);
});

test('a third job is more than the limit of open jobs allows', async () => {
  await assert.rejects(
    submitJob('third'),
    (error) =>
      error instanceof Refusal && error.code === 'QUOTA_EXCEEDED' && /limits\.maxOpenJobs/.test(error.detail),
  );
});

test('the first job is cancelled in the middle of its round: sites are told why, and the second one starts', async () => {
  await contribute(sites[1]!, FIRST);
  const known = await watch(FIRST);
  const told = sites[2]!.call(RoundService, 'watchRound', {
    job: FIRST,
    knownVersion: known.version,
    waitMs: 4000,
  });
  const request = { job: FIRST, reason: 'the schema has changed' };
  const line = await printed((output) => cancel(configPath, request, output));
  assert.match(
    line,
    /^job first: cancelled, round 0 of 0 to 2, attempt 1: failed, .*: the schema has changed$/,
  );
  assert.notEqual((await told).version, known.version);
  const ended = await watch(FIRST, sites[2]);
  assert.deepEqual([ended.jobState, ended.failure], [JobState.CANCELLED, 'the schema has changed']);
  assert.equal(ended.round?.failure, 'CANCELLED: the schema has changed');
  await assert.rejects(contribute(sites[0]!, FIRST), refusedAs('WRONG_PHASE'));
  const next = await until(SECOND, ({ jobState }) => jobState === JobState.RUNNING);
  assert.equal(next.round?.phase, RoundPhase.COLLECTING);
});

test('cancelling again changes nothing, and what cannot be done is refused in words', async () => {
  const again = await printed(
    (output) => cancel(configPath, { job: FIRST, reason: 'another' }, output),
    true,
  );
  assert.equal((JSON.parse(again) as { failure: string }).failure, 'the schema has changed');
  const refused = (code: string, detail: RegExp) => (error: unknown) =>
    error instanceof Refusal && error.code === code && detail.test(error.detail);
  await assert.rejects(
    printed((output) => resume(configPath, FIRST, output)),
    refused('WRONG_PHASE', /^job first is cancelled$/),
  );
  await assert.rejects(
    printed((output) => pause(configPath, 'none', output)),
    refused('NOT_FOUND', /none/),
  );
  await assert.rejects(
    printed((output) => cancel(configPath, { job: SECOND, reason: 'two\nlines' }, output)),
    refused('MALFORMED', /reason/),
  );
  await assert.rejects(
    printed((output) => pause(configPath, '../jobs', output)),
    refused('CONFIG_INVALID', /job/),
  );
});

test('the second job runs on to a sum of all its sites', async () => {
  for (const site of sites) await contribute(site, SECOND);
  const { round } = await until(SECOND, (view) => view.round?.phase === RoundPhase.SEALED);
  const { ref, context } = await termsOf(SECOND);
  const set = { setAttempt: 1, setRoot: toHex(round!.set!.root) as Digest };
  for (const site of sites) {
    const acknowledgement = site.sign(acknowledgementCodec, { context, site: site.site, ...set });
    await site.call(RoundService, 'acknowledge', { ref, acknowledgement });
  }
  await until(SECOND, (view) => view.round?.phase === RoundPhase.SUMMED);
});

test('a job that is to be paused says so, also after a restart, and the pause can be taken back', async () => {
  const line = await printed((output) => pause(configPath, SECOND, output));
  assert.match(line, /^job second: pausing once its round has ended, round 0 .*: summed, 3 sites in/);
  await coordinator.running.stop();
  coordinator = await coordinator.startAnother();
  assert.match(await showJobs(), /^second +pausing/m);
  assert.match(await printed((output) => resume(configPath, SECOND, output)), /^job second: running/);
});

test('jobs are counted by state', async () => {
  const metrics = await (await coordinator.get('/metrics')).text();
  assert.match(metrics, /blindsum_jobs\{state="running"\} 1/);
  assert.match(metrics, /blindsum_jobs\{state="cancelled"\} 1/);
  assert.match(metrics, /blindsum_jobs\{state="queued"\} 0/);
});
