import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHUNK_BYTES, PART_BYTES, Refusal, type Bytes, type JobId, type SiteId } from '@blindsum/proto';
import type { BlobName } from '../ports.ts';
import { createListedBlobs } from '../storage/listed-blobs.ts';
import { MemoryBlobStore } from '../storage/memory-blob-store.ts';
import { createUploadQuota, type LimitName, type UploadLimits } from './upload-quota.ts';
import { ciphertextTarget, sharesTarget, type UploadTarget } from './upload-target.ts';
import { createUploads } from './uploads.ts';

const ROUND = { job: 'job-1' as JobId, round: 1, attempt: 1 };
const A = 'site-a' as SiteId;
const B = 'site-b' as SiteId;
/** Two parts. */
const CHUNKS = 40;
const SIZE = CHUNKS * CHUNK_BYTES;
const NO_LIMITS: UploadLimits = { perSite: Infinity, perRound: Infinity, diskReserve: 0 };

function open(limits: Partial<UploadLimits>, blobs = new MemoryBlobStore()) {
  const refused: LimitName[] = [];
  const disk = { free: 1e12 };
  const listed = createListedBlobs(blobs);
  const quota = createUploadQuota({
    limits: { ...NO_LIMITS, ...limits },
    blobs: listed,
    space: { freeBytes: async () => disk.free },
    refused: (limit) => refused.push(limit),
  });
  return { blobs, refused, disk, quota, uploads: createUploads({ blobs: listed, quota }) };
}

type Opened = ReturnType<typeof open>;

const of = (site: SiteId, id = ROUND): UploadTarget => ciphertextTarget(id, site, CHUNKS);

async function* parts(from = 0): AsyncGenerator<Bytes> {
  for (let at = from; at < SIZE; at += PART_BYTES) yield new Uint8Array(Math.min(PART_BYTES, SIZE - at));
}

const send = ({ uploads }: Opened, target: UploadTarget) =>
  uploads.receive(target, { size: SIZE, offset: 0 }, parts());

const isQuota = (detail: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === 'QUOTA_EXCEEDED' && detail.test(error.detail);

test('a site may fill its share of a round to the byte, and is told which limit it met and for what', async () => {
  const exact = open({ perSite: SIZE });
  assert.equal(await send(exact, of(A)), SIZE);
  assert.equal(await send(exact, of(B)), SIZE, 'the limit is of each site');
  await assert.rejects(
    exact.uploads.receive(sharesTarget(ROUND, A, 3), { size: 3 * 9328, offset: 0 }, parts()),
    isQuota(
      /^site-a would have \d+ bytes here for round 1 of job-1, of \d+ allowed \(limits\.maxUploadBytesPerSite\)$/,
    ),
  );
  const less = open({ perSite: SIZE - 1 });
  await assert.rejects(send(less, of(A)), isQuota(/maxUploadBytesPerSite/));
  assert.equal(await less.uploads.status(of(A)), 0);
  assert.deepEqual([exact.refused, less.refused], [['site'], ['site']]);
});

test('all attempts of a round count, other rounds and sums do not', async () => {
  const opened = open({ perSite: 2 * SIZE, perRound: 2 * SIZE });
  const sum: BlobName = { id: ROUND, kind: 'sum', owner: 'ab'.repeat(32) as never };
  await opened.blobs.append(sum, 0, new Uint8Array(3 * SIZE));
  await send(opened, of(A));
  await send(opened, of(A, { ...ROUND, attempt: 2 }));
  await send(opened, of(A, { ...ROUND, round: 2 }));
  await assert.rejects(send(opened, of(A, { ...ROUND, attempt: 3 })), isQuota(/maxUploadBytesPerSite/));
  await assert.rejects(send(opened, of(B)), isQuota(/maxUploadBytesPerRound/));
});

test('what is cleared away makes room', async () => {
  const opened = open({ perRound: SIZE });
  await send(opened, of(A));
  await assert.rejects(send(opened, of(B)), isQuota(/maxUploadBytesPerRound/));
  await opened.uploads.discard(of(A));
  assert.equal(await send(opened, of(B)), SIZE);
});

test('streams that are open count with all that they may bring', async () => {
  const opened = open({ perRound: 2 * SIZE - 1 });
  const moment = Promise.withResolvers<void>();
  const slow = async function* () {
    await moment.promise;
    yield* parts();
  };
  const first = opened.uploads.receive(of(A), { size: SIZE, offset: 0 }, slow());
  await assert.rejects(send(opened, of(B)), isQuota(/maxUploadBytesPerRound/));
  moment.resolve();
  assert.equal(await first, SIZE);
});

test('of a stream that broke off only what is on disk counts, and the rest of it may still come', async () => {
  const opened = open({ perSite: SIZE, perRound: SIZE + PART_BYTES });
  const broken = async function* () {
    yield new Uint8Array(PART_BYTES);
    throw new Error('connection lost');
  };
  await assert.rejects(opened.uploads.receive(of(A), { size: SIZE, offset: 0 }, broken()), /connection lost/);
  const held = await opened.quota.hold(sharesTarget(ROUND, B, 100));
  held.release();
  assert.equal(
    await opened.uploads.receive(of(A), { size: SIZE, offset: PART_BYTES }, parts(PART_BYTES)),
    SIZE,
  );
});

test('after a restart the same is counted as before', async () => {
  const before = open({});
  await send(before, of(A));
  const restarted = open({ perRound: SIZE }, before.blobs);
  await assert.rejects(send(restarted, of(B)), isQuota(/maxUploadBytesPerRound/));
});

test('a disk that runs low stops uploads between two parts, keeps those before, and lets them go on when there is room', async () => {
  const opened = open({ diskReserve: 1000 });
  const sending = async function* () {
    yield new Uint8Array(PART_BYTES);
    opened.disk.free = 999;
    yield new Uint8Array(SIZE - PART_BYTES);
  };
  await assert.rejects(
    opened.uploads.receive(of(A), { size: SIZE, offset: 0 }, sending()),
    isQuota(/999 bytes free, and keeps 1000 in reserve \(limits\.diskReserveBytes\)/),
  );
  assert.equal(await opened.uploads.status(of(A)), PART_BYTES);
  assert.deepEqual(opened.refused, ['disk']);
  opened.disk.free = 1000;
  assert.equal(
    await opened.uploads.receive(of(A), { size: SIZE, offset: PART_BYTES }, parts(PART_BYTES)),
    SIZE,
  );
});
