// Checkpoints at the border: who may upload, offer, fetch and complain, and about what.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  checkpointComplaintCodec,
  consentCodec,
  PART_BYTES,
  rosterHash,
  sealedCheckpointCodec,
  signMessage,
  withdrawalCodec,
  toHex,
  type Bytes,
  type Digest,
  type RefusalCode,
  type SignedMessage,
} from '@blindsum/proto';
import { hashLeaf } from '@blindsum/proto/node';
import { BlobKind, type UploadRequest } from '@blindsum/proto/rpc';
import { merkleRoot } from '@blindsum/proto/tlog';
import {
  createTestFederation,
  createTestManifest,
  type TestSite,
  documentsOf,
} from '../../../test/fixtures/federation.ts';
import { CheckpointDriver } from '../checkpoint-driver.ts';
import { JobChanges } from '../job-changes.ts';
import { createJobReader } from '../job-document.ts';
import type { RoundId } from '../ports.ts';
import { UNCOUNTED, UNCOUNTED_TRAFFIC } from '../uncounted.fixture.ts';
import { createRosterReader } from '../roster-reader.ts';
import { MemoryRosterStore } from '../storage/memory-roster-store.ts';
import { createRound } from '../round/create-round.ts';
import type { Published } from '../round/round.ts';
import { PUBLISHED } from '../round/sample-rounds.fixture.ts';
import { MemoryBlobStore } from '../storage/memory-blob-store.ts';
import { MemoryCheckpointStore } from '../storage/memory-checkpoint-store.ts';
import { MemoryJobStore } from '../storage/memory-job-store.ts';
import { MemoryRoundStore } from '../storage/memory-round-store.ts';
import { createUploads } from '../uploads/uploads.ts';
import { createCheckpointHandlers } from './checkpoint-service.ts';
import { createDownloadService } from './download-service.ts';
import { createRoundAccess } from './round-access.ts';
import type { Caller } from './service-handlers.ts';
import { UploadGuard } from './upload-guard.ts';
import { createUploadService } from './upload-service.ts';

const federation = createTestFederation([
  'hospital-a',
  'hospital-b',
  'hospital-c',
  'hospital-d',
  'hospital-e',
]);
/** Two that attested, one that was away, one that consented later, and one that never did. */
const [a, b, away, late, stranger] = federation.sites as [TestSite, TestSite, TestSite, TestSite, TestSite];
const manifest = createTestManifest(federation.roster);
const { job } = manifest;
const ref = { job, round: 0, attempt: 1 };
const caller = ({ site }: TestSite): Caller => ({ site, signal: new AbortController().signal });
const published = PUBLISHED as Published;
const { modelHash } = published;
const { context } = published.rules;
const hashOfRoster = rosterHash(federation.roster);

/** A coordinator whose round 0 was published without `away`, and which asks for its model. */
async function open() {
  const jobs = new MemoryJobStore();
  const rounds = new MemoryRoundStore();
  const reader = createJobReader(jobs, createRosterReader(new MemoryRosterStore()));
  const blobs = new MemoryBlobStore();
  const uploads = createUploads({ blobs });
  const world = { jobs, rounds, reader, uploads, changes: new JobChanges(), clock: { nowMs: () => 0 } };
  const checkpoints = new CheckpointDriver({ ...world, checkpoints: new MemoryCheckpointStore() });
  const current: RoundId = { job, round: 1, attempt: 1 };
  const status = { state: 'running', current, lastRecord: '' } as const;
  const documents = documentsOf(manifest, federation.roster);
  const stored = await jobs.create({ job, status, submittedMs: 0, ...documents });
  for (const { site, sign } of [a, b, away, late]) {
    const hashes = { manifestHash: modelHash, rosterHash: modelHash };
    const consent = { federation: manifest.federation, job, site, ...hashes };
    await jobs.addConsent(job, site, signMessage(consentCodec, consent, sign, federation.roster));
  }
  const [attested] = Object.values(published.attestations);
  const sites = [a.site, b.site, away.site];
  const round: Published = {
    ...published,
    rules: { ...published.rules, rosterHash: hashOfRoster, sites },
    attestations: { [a.site]: attested!, [b.site]: attested! },
  };
  await rounds.create({ job, round: 0, attempt: 1 }, { round, owed: [], startedMs: 0 });
  const rules = { ...round.rules, sites: [...sites, late.site] };
  const next = await rounds.create(current, { round: createRound(rules, 0), owed: [], startedMs: 0 });
  await checkpoints.progress(stored, next);
  const access = { openRound: createRoundAccess({ reader, rounds, jobs }) };
  const warnings: unknown[] = [];
  const traffic = UNCOUNTED_TRAFFIC;
  const guard = new UploadGuard(uploads);
  const shell = { ...access, reader, checkpoints, uploads, blobs, rounds, traffic, guard };
  return {
    jobs,
    checkpoints,
    warnings,
    size: (await checkpoints.target({ job, round: 0, attempt: 1 }, a.site, round.rules.rosterHash)).size,
    handlers: createCheckpointHandlers({
      ...shell,
      log: { warn: (line: unknown) => void warnings.push(line) },
    }),
    uploadService: createUploadService({
      ...shell,
      metrics: UNCOUNTED,
      releases: { target: () => assert.fail('no model is released here') },
    }),
    downloadService: createDownloadService(shell),
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

async function upload(
  { uploadService }: Opened,
  site: TestSite,
  bytes: Bytes,
  of: RoundId = ref,
): Promise<void> {
  async function* requests() {
    const header = { ref: of, kind: BlobKind.CHECKPOINT, size: BigInt(bytes.length), offset: 0n };
    yield { message: { case: 'header', value: header } } as unknown as UploadRequest;
    for (let at = 0; at < bytes.length; at += PART_BYTES)
      yield { message: { case: 'part', value: bytes.slice(at, at + PART_BYTES) } } as UploadRequest;
  }
  await uploadService.upload(caller(site), requests());
}

const rootOf = (bytes: Bytes) => toHex(merkleRoot([hashLeaf(bytes)])) as Digest;
const offerOf = ({ site, sign }: TestSite, root: Digest, changes: object = {}) =>
  signMessage(
    sealedCheckpointCodec,
    { context, site, modelHash, rosterHash: hashOfRoster, root, ...changes },
    sign,
    federation.roster,
  );
const complaintOf = ({ site, sign }: TestSite, sealer: TestSite, root: Digest) =>
  signMessage(
    checkpointComplaintCodec,
    { context, site, sealer: sealer.site, root },
    sign,
    federation.roster,
  );

const offer = ({ handlers }: Opened, site: TestSite, checkpoint: SignedMessage) =>
  handlers.offerCheckpoint(caller(site), { ref, checkpoint } as never);
const complain = ({ handlers }: Opened, site: TestSite, complaint: SignedMessage) =>
  handlers.complainAboutCheckpoint(caller(site), { ref, complaint } as never);

async function download({ downloadService }: Opened, site: TestSite, sealer = a): Promise<Buffer> {
  const parts: Bytes[] = [];
  const request = { ref, site: sealer.site, firstPart: 0 } as never;
  for await (const { data } of downloadService.downloadCheckpoint(caller(site), request)) parts.push(data!);
  return Buffer.concat(parts);
}

const refuses = (code: RefusalCode, act: Promise<unknown>) => assert.rejects(act, { code });

test('a checkpoint is uploaded, offered once, and fetched by whoever consented, late ones included', async () => {
  const opened = await open();
  const bytes = randomBytes(opened.size);
  await upload(opened, a, bytes);
  await refuses('NOT_FOUND', download(opened, away));
  await offer(opened, a, offerOf(a, rootOf(bytes)));
  await offer(opened, a, offerOf(a, rootOf(bytes)));
  for (const site of [away, late]) assert.ok((await download(opened, site)).equals(bytes));
  await refuses('NOT_A_MEMBER', download(opened, stranger));
  await refuses('CONFLICTING_SUBMISSION', offer(opened, a, offerOf(a, modelHash)));
});

test('who has withdrawn from the job fetches no checkpoint, and complains about none', async () => {
  const opened = await open();
  const bytes = randomBytes(opened.size);
  await upload(opened, a, bytes);
  await offer(opened, a, offerOf(a, rootOf(bytes)));
  assert.ok((await download(opened, late)).equals(bytes));
  const withdrawal = { federation: manifest.federation, job, site: late.site, fromRound: 1 };
  const message = signMessage(
    withdrawalCodec,
    { ...withdrawal, manifestHash: modelHash },
    late.sign,
    federation.roster,
  );
  await opened.jobs.addWithdrawal(job, late.site, message);
  await refuses('NOT_A_MEMBER', download(opened, late));
  await refuses('NOT_A_MEMBER', complain(opened, late, complaintOf(late, a, rootOf(bytes))));
  assert.ok((await download(opened, away)).equals(bytes));
});

test('nobody uploads who did not attest the model, of another size, or of another round', async () => {
  const opened = await open();
  const bytes = randomBytes(opened.size);
  await refuses('WRONG_PHASE', upload(opened, away, bytes));
  await refuses('NOT_A_MEMBER', upload(opened, late, bytes));
  await refuses('PART_BAD_LENGTH', upload(opened, a, bytes.subarray(1)));
  await refuses('WRONG_PHASE', upload(opened, a, bytes, { ...ref, round: 1 }));
});

test('an offer is signed by its sender, for this round, this model and the bytes that are here', async () => {
  const opened = await open();
  const bytes = randomBytes(opened.size);
  await refuses('PART_OUT_OF_ORDER', offer(opened, a, offerOf(a, rootOf(bytes))));
  await upload(opened, a, bytes);
  await refuses('BAD_SIGNATURE', offer(opened, a, offerOf({ ...a, sign: b.sign }, rootOf(bytes))));
  await refuses('UNAUTHENTICATED', offer(opened, a, offerOf(b, rootOf(bytes))));
  await refuses('WRONG_CONTEXT', offer(opened, a, offerOf(a, rootOf(bytes), { context: modelHash })));
  await refuses('WRONG_CONTEXT', offer(opened, a, offerOf(a, rootOf(bytes), { modelHash: context })));
  await refuses('ROOT_MISMATCH', offer(opened, a, offerOf(a, modelHash)));
  // What did not have the signed root was forgotten, and the site may start again.
  await upload(opened, a, bytes);
  await offer(opened, a, offerOf(a, rootOf(bytes)));
});

test('a complaint is kept with both names, and is taken from sites that need the model only', async () => {
  const opened = await open();
  const bytes = randomBytes(opened.size);
  const root = rootOf(bytes);
  await upload(opened, a, bytes);
  await offer(opened, a, offerOf(a, root));
  await refuses('BAD_SIGNATURE', complain(opened, away, complaintOf({ ...away, sign: b.sign }, a, root)));
  await refuses('WRONG_CONTEXT', complain(opened, away, complaintOf(away, b, root)));
  await refuses('WRONG_PHASE', complain(opened, b, complaintOf(b, a, root)));
  await refuses('NOT_A_MEMBER', complain(opened, stranger, complaintOf(stranger, a, root)));
  assert.deepEqual(opened.warnings, []);
  await complain(opened, away, complaintOf(away, a, root));
  assert.deepEqual(opened.warnings, [
    { event: 'checkpoint.complaint', ...ref, site: away.site, sealer: a.site, root },
  ]);
  const request = await opened.checkpoints.about({ job, round: 0, attempt: 1 });
  assert.deepEqual(
    request?.complaints.map(({ site, sealer }) => [site, sealer]),
    [[away.site, a.site]],
  );
  // The others can still fetch it.
  assert.ok((await download(opened, late)).equals(bytes));
});
