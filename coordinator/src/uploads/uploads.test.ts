import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  CHUNK_BYTES,
  PART_BYTES,
  Q,
  Refusal,
  SEALED_SHARE_BYTES,
  toHex,
  type Bytes,
  type JobId,
  type RefusalCode,
  type SiteId,
} from '@blindsum/proto';
import { hashLeaf, merkleRoot, verifyInclusion } from '@blindsum/proto/tlog';
import { createFileBlobStore } from '../storage/file-blob-store.ts';
import { ciphertextTarget, openingTarget, sharesTarget, type UploadTarget } from './upload-target.ts';
import { createUploads } from './uploads.ts';

const directory = mkdtempSync(join(tmpdir(), 'blindsum-uploads-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const ID = { job: 'job-1' as JobId, round: 1, attempt: 1 };
const SITE = 'site-a' as SiteId;
/** Two whole parts and a chunk. */
const CIPHERTEXT = ciphertextTarget(ID, SITE, 65);
const SHARES = sharesTarget(ID, SITE, 130);
const WHOLE = bytesOf(CIPHERTEXT.size);

test('an upload is whole when all its parts are in, and its root is that of the parts', async () => {
  const { uploads } = open();
  assert.equal(await uploads.status(CIPHERTEXT), 0);
  assert.equal(await upload(uploads, CIPHERTEXT, WHOLE), CIPHERTEXT.size);
  assert.equal(await uploads.status(CIPHERTEXT), CIPHERTEXT.size);
  assert.equal(await uploads.root(CIPHERTEXT), rootOf(WHOLE, PART_BYTES));
});

test('sending nothing to a whole upload succeeds, anything more is refused', async () => {
  const { uploads } = open();
  await upload(uploads, CIPHERTEXT, WHOLE);
  const header = { size: CIPHERTEXT.size, offset: CIPHERTEXT.size };
  assert.equal(await uploads.receive(CIPHERTEXT, header, stream()), CIPHERTEXT.size);
  await refuses('PART_BAD_LENGTH', () => uploads.receive(CIPHERTEXT, header, stream(new Uint8Array(1))));
  assert.equal(await uploads.root(CIPHERTEXT), rootOf(WHOLE, PART_BYTES));
});

test('an empty part is refused, also at the end', async () => {
  const { uploads } = open();
  const target = sharesTarget(ID, SITE, 2);
  await upload(uploads, target, new Uint8Array(target.size));
  const header = { size: target.size, offset: target.size };
  await refuses('PART_BAD_LENGTH', () => uploads.receive(target, header, stream(new Uint8Array(0))));
});

test('an upload that broke off is resumed where it was, by the same process or the next', async () => {
  for (const restarts of [false, true]) {
    const { uploads, blobs } = open();
    const broken = uploads.receive(CIPHERTEXT, headerAt(0), failingAfter(WHOLE.subarray(0, PART_BYTES)));
    await assert.rejects(broken, /connection lost/);
    const next = restarts ? createUploads({ blobs }) : uploads;
    assert.equal(await next.status(CIPHERTEXT), PART_BYTES);
    await refuses('PART_OUT_OF_ORDER', () => next.root(CIPHERTEXT));
    assert.equal(await upload(next, CIPHERTEXT, WHOLE), CIPHERTEXT.size);
    assert.equal(await next.root(CIPHERTEXT), rootOf(WHOLE, PART_BYTES));
  }
});

test('a stream from anywhere but the status is refused', async () => {
  const { uploads } = open();
  const parts = (from: number) => stream(...partsOf(WHOLE.subarray(from)));
  await refuses('PART_OUT_OF_ORDER', () =>
    uploads.receive(CIPHERTEXT, headerAt(PART_BYTES), parts(PART_BYTES)),
  );
  await uploads.receive(CIPHERTEXT, headerAt(0), stream(WHOLE.subarray(0, PART_BYTES)));
  for (const offset of [0, 1, 2 * PART_BYTES]) {
    await refuses('PART_OUT_OF_ORDER', () => uploads.receive(CIPHERTEXT, headerAt(offset), parts(offset)));
  }
  assert.equal(await uploads.status(CIPHERTEXT), PART_BYTES);
});

test('another size than the prescribed one is refused before anything is read', async () => {
  const { uploads } = open();
  const parts = stream(WHOLE.subarray(0, PART_BYTES));
  const header = { size: CIPHERTEXT.size + CHUNK_BYTES, offset: 0 };
  await refuses('PART_BAD_LENGTH', () => uploads.receive(CIPHERTEXT, header, parts));
  assert.equal(await uploads.status(CIPHERTEXT), 0);
});

test('a part of another length is refused, and the parts before it stay', async () => {
  const first = WHOLE.subarray(0, PART_BYTES);
  for (const target of [CIPHERTEXT, { ...SHARES, size: CIPHERTEXT.size }]) {
    for (const length of [0, 1, CHUNK_BYTES, PART_BYTES - 1, PART_BYTES + 1]) {
      const { uploads } = open();
      const parts = stream(first, new Uint8Array(length));
      await refuses('PART_BAD_LENGTH', () => uploads.receive(target, headerAt(0), parts));
      assert.equal(await uploads.status(target), PART_BYTES);
    }
  }
});

test('a coefficient that is not below q is refused by name, and its part is not written', async () => {
  const { uploads } = open();
  const bad = WHOLE.slice();
  new DataView(bad.buffer).setBigUint64(PART_BYTES + 3 * CHUNK_BYTES + 8 * 17, Q, true);
  await assert.rejects(
    () => upload(uploads, CIPHERTEXT, bad),
    new Refusal('PART_OUT_OF_RANGE', 'part 1: coefficient 17 of chunk 35 is not below q'),
  );
  assert.equal(await uploads.status(CIPHERTEXT), PART_BYTES);
  assert.equal(await upload(uploads, CIPHERTEXT, WHOLE), CIPHERTEXT.size);
  assert.equal(await uploads.root(CIPHERTEXT), rootOf(WHOLE, PART_BYTES));
});

test('shares may hold any bytes, and each is proven in the root, also after a restart', async () => {
  for (const target of [SHARES, openingTarget(ID, SITE, 5)]) {
    const { uploads, blobs } = open();
    const content = new Uint8Array(target.size).map((_, i) => 255 - (i % 251));
    await upload(uploads, target, content);
    const root = await uploads.root(target);
    assert.equal(root, rootOf(content, SEALED_SHARE_BYTES));
    const size = target.size / SEALED_SHARE_BYTES;
    for (const index of [0, 1, size - 1]) {
      const { record, proof } = await createUploads({ blobs }).readRecord(target, index);
      const start = index * SEALED_SHARE_BYTES;
      assert.deepEqual(record, content.slice(start, start + SEALED_SHARE_BYTES));
      const claim = { index: BigInt(index), size: BigInt(size), leafHash: hashLeaf(record), proof };
      verifyInclusion({ ...claim, root: Buffer.from(root, 'hex') });
    }
  }
});

test('a record that is not there is refused', async () => {
  const { uploads } = open();
  await refuses('NOT_FOUND', () => uploads.readRecord(CIPHERTEXT, 0));
  await uploads.receive(CIPHERTEXT, headerAt(0), stream(WHOLE.subarray(0, PART_BYTES)));
  await refuses('NOT_FOUND', () => uploads.readRecord(CIPHERTEXT, 0));
  await upload(uploads, CIPHERTEXT, WHOLE);
  for (const index of [-1, 0.5, 3]) await refuses('NOT_FOUND', () => uploads.readRecord(CIPHERTEXT, index));
  assert.equal((await uploads.readRecord(CIPHERTEXT, 2)).record.length, CHUNK_BYTES);
});

test('a second stream for a blob takes over from one that hangs', async () => {
  const { uploads } = open();
  const first = uploads.receive(CIPHERTEXT, headerAt(0), hangingAfter(WHOLE.subarray(0, PART_BYTES)));
  const refused = refuses('BUSY', () => first);
  while ((await uploads.status(CIPHERTEXT)) < PART_BYTES) await new Promise(setImmediate);
  assert.equal(await upload(uploads, CIPHERTEXT, WHOLE), CIPHERTEXT.size);
  await refused;
  assert.equal(await uploads.root(CIPHERTEXT), rootOf(WHOLE, PART_BYTES));
});

test('of many streams for a blob the last one that starts at the status finishes, and the blob is right', async () => {
  const { uploads } = open();
  const streams = [0, 1, 2, 3].map(() => uploads.receive(CIPHERTEXT, headerAt(0), stream(...partsOf(WHOLE))));
  const results = await Promise.allSettled(streams);
  for (const result of results) {
    if (result.status === 'rejected') assert.ok(result.reason instanceof Refusal);
  }
  await upload(uploads, CIPHERTEXT, WHOLE);
  assert.equal(await uploads.root(CIPHERTEXT), rootOf(WHOLE, PART_BYTES));
});

test('a stream beyond the limit is refused, and admitted when another has ended', async () => {
  const { uploads } = open({ maxStreams: 1 });
  const other = ciphertextTarget(ID, 'site-b' as SiteId, 65);
  const release = Promise.withResolvers<void>();
  const first = uploads.receive(CIPHERTEXT, headerAt(0), waitingFor(release.promise));
  await new Promise(setImmediate);
  await refuses('BUSY', () => upload(uploads, other, WHOLE));
  release.resolve();
  await first;
  assert.equal(await upload(uploads, other, WHOLE), other.size);
});

test('a discarded upload starts again, with other bytes and another root', async () => {
  const { uploads } = open();
  await upload(uploads, CIPHERTEXT, WHOLE);
  await uploads.root(CIPHERTEXT);
  await uploads.discard(CIPHERTEXT);
  assert.equal(await uploads.status(CIPHERTEXT), 0);
  const other = WHOLE.slice().fill(1, 0, 8);
  await upload(uploads, CIPHERTEXT, other);
  assert.equal(await uploads.root(CIPHERTEXT), rootOf(other, PART_BYTES));
});

test('roots are right when no leaf hash fits into memory', async () => {
  const { uploads } = open({ maxLeaves: 1 });
  await upload(uploads, CIPHERTEXT, WHOLE);
  assert.equal(await uploads.root(CIPHERTEXT), rootOf(WHOLE, PART_BYTES));
});

type OpenOptions = { maxStreams?: number; maxLeaves?: number };

function open(options: OpenOptions = {}) {
  const blobs = createFileBlobStore(mkdtempSync(join(directory, 'root-')));
  return { blobs, uploads: createUploads({ blobs, ...options }) };
}

/** Sends what is missing. */
async function upload(uploads: ReturnType<typeof createUploads>, target: UploadTarget, content: Bytes) {
  const offset = await uploads.status(target);
  return uploads.receive(
    target,
    { size: content.length, offset },
    stream(...partsOf(content.subarray(offset))),
  );
}

const headerAt = (offset: number) => ({ size: CIPHERTEXT.size, offset });

/** Coefficients that are all below q, and differ. */
function bytesOf(length: number): Bytes {
  return new Uint8Array(length).map((_, i) => (i % 8 === 7 ? 0x0f : (i * 31 + (i >> 12)) & 0x7f));
}

function partsOf(content: Bytes): Bytes[] {
  const count = Math.ceil(content.length / PART_BYTES);
  return Array.from({ length: count }, (_, i) => content.subarray(i * PART_BYTES, (i + 1) * PART_BYTES));
}

function rootOf(content: Bytes, recordBytes: number): string {
  const count = Math.ceil(content.length / recordBytes);
  const records = Array.from({ length: count }, (_, i) =>
    content.subarray(i * recordBytes, (i + 1) * recordBytes),
  );
  return toHex(merkleRoot(records.map(hashLeaf)));
}

async function* stream(...parts: Bytes[]): AsyncGenerator<Bytes> {
  yield* parts;
}

async function* failingAfter(...parts: Bytes[]): AsyncGenerator<Bytes> {
  yield* parts;
  throw new Error('connection lost');
}

async function* hangingAfter(...parts: Bytes[]): AsyncGenerator<Bytes> {
  yield* parts;
  await new Promise(() => {});
}

async function* waitingFor(moment: Promise<void>): AsyncGenerator<Bytes> {
  await moment;
  yield* [];
}

async function refuses(code: RefusalCode, act: () => Promise<unknown>): Promise<void> {
  await assert.rejects(act, (error) => error instanceof Refusal && error.code === code);
}
