import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Digest, JobId, SiteId } from '@blindsum/proto';
import type { BlobName, BlobStore } from '../ports.ts';
import { describeBlobStore } from './blob-store.contract.ts';
import { createFileBlobStore } from './file-blob-store.ts';
import { createListedBlobs } from './listed-blobs.ts';

const directory = mkdtempSync(join(tmpdir(), 'blindsum-listed-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const freshRoot = (): string => mkdtempSync(join(directory, 'root-'));
const JOB = 'job-1' as JobId;
const NAME: BlobName = { id: { job: JOB, round: 3, attempt: 1 }, kind: 'shares', owner: 'site-a' as SiteId };

describeBlobStore('files with a listing in memory', async () =>
  createListedBlobs(createFileBlobStore(freshRoot())),
);

test('what was there before is listed, however the first question is put', async () => {
  const root = freshRoot();
  await createFileBlobStore(root).append(NAME, 0, new Uint8Array(5));
  const [whole, round, appended] = [1, 2, 3].map(() => createListedBlobs(createFileBlobStore(root)));
  assert.deepEqual(await whole!.list(JOB), [{ name: NAME, bytes: 5 }]);
  assert.deepEqual(await round!.list(JOB, 3), [{ name: NAME, bytes: 5 }]);
  await appended!.append(NAME, 5, new Uint8Array(2));
  assert.deepEqual(await appended!.list(JOB), [{ name: NAME, bytes: 7 }]);
});

test('a listing that is read while blobs are written misses none of them', async () => {
  const store = createListedBlobs(createFileBlobStore(freshRoot()));
  const names = Array.from({ length: 20 }, (_, i) => ({ ...NAME, owner: `site-${i}` as SiteId }));
  await Promise.all(names.flatMap((name) => [store.append(name, 0, new Uint8Array(3)), store.list(JOB)]));
  assert.equal((await store.list(JOB)).length, 20);
});

test('totals by kind follow every write, also one that failed, and what was there before', async () => {
  const root = freshRoot();
  await createFileBlobStore(root).append(NAME, 0, new Uint8Array(5));
  const store = createListedBlobs(createFileBlobStore(root));
  const sum: BlobName = { ...NAME, kind: 'sum', owner: 'ab'.repeat(32) as Digest };
  const later: BlobName = { ...NAME, id: { ...NAME.id, round: 4 } };
  assert.deepEqual(await store.totals(JOB), { shares: 5 });
  await store.append(sum, 0, new Uint8Array(7));
  await store.append(later, 0, new Uint8Array(11));
  assert.deepEqual(await store.totals(JOB), { shares: 16, sum: 7 });
  await store.append(NAME, 5, new Uint8Array(2));
  await assert.rejects(store.append(NAME, 5, new Uint8Array(2)), /PART_OUT_OF_ORDER/);
  assert.deepEqual(await store.totals(JOB), { shares: 18, sum: 7 });
  assert.deepEqual([await store.listedBytes(NAME), await store.listedBytes(sum)], [7, 7]);
  await store.remove(sum);
  assert.equal(await store.listedBytes(sum), 0);
  assert.deepEqual(await store.totals(JOB), { shares: 18 });
  assert.deepEqual(await store.totals('job-2' as JobId), {});
});

test('the files are read once', async () => {
  const inner = createFileBlobStore(freshRoot());
  let listings = 0;
  const counting: BlobStore = Object.assign(Object.create(inner) as BlobStore, {
    list: async (job: JobId, round?: number) => {
      listings++;
      return inner.list(job, round);
    },
    append: inner.append.bind(inner),
    size: inner.size.bind(inner),
  });
  const store = createListedBlobs(counting);
  await store.append(NAME, 0, new Uint8Array(3));
  for (let i = 0; i < 5; i++) await Promise.all([store.list(JOB), store.list(JOB, 3), store.list(JOB, 4)]);
  assert.ok(listings <= 3, String(listings));
});

test('a blob is listed with what it has after an append failed, whether or not the bytes are there', async () => {
  for (const persists of [false, true]) {
    const inner = createFileBlobStore(freshRoot());
    const broken: BlobStore = {
      size: (name) => inner.size(name),
      read: (name, offset, length) => inner.read(name, offset, length),
      remove: (name) => inner.remove(name),
      list: (job, round) => inner.list(job, round),
      async append(name, offset, bytes) {
        if (persists || offset === 0) await inner.append(name, offset, bytes);
        if (offset > 0) throw new Error('injected');
      },
    };
    const store = createListedBlobs(broken);
    await store.append(NAME, 0, new Uint8Array(3));
    await assert.rejects(store.append(NAME, 3, new Uint8Array(4)), /injected/);
    assert.deepEqual(await store.list(JOB), [{ name: NAME, bytes: persists ? 7 : 3 }]);
    assert.deepEqual(await store.totals(JOB), { shares: persists ? 7 : 3 });
  }
});
