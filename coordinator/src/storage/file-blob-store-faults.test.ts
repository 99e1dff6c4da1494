// Every call of the file store to the disk, broken in every way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat, type JobId, type SiteId } from '@blindsum/proto';
import { breakEachCall } from '../../../test/fixtures/disk/broken-calls.ts';
import type { SimulatedDisk } from '../../../test/fixtures/disk/simulated-disk.ts';
import type { BlobName } from '../ports.ts';
import { createFileBlobStore } from './file-blob-store.ts';

const NAME: BlobName = {
  id: { job: 'job-1' as JobId, round: 3, attempt: 2 },
  kind: 'ciphertext',
  owner: 'site-a' as SiteId,
};
const FIRST = Uint8Array.of(1, 2, 3);
const SECOND = Uint8Array.of(4, 5);
const BOTH = concat(FIRST, SECOND);

const storeOn = (disk: SimulatedDisk) => createFileBlobStore(`${disk.root}/blobs`);
const power = (disk: SimulatedDisk) => disk.losePower(() => false);

/** What a new process finds is a blob of one of these lengths; what it says is there stays there, also without power. */
async function assertHolds(disk: SimulatedDisk, lengths: readonly number[], what: string): Promise<number> {
  const size = await storeOn(disk).size(NAME);
  assert.ok(lengths.includes(size), `${what}: ${size} bytes`);
  power(disk);
  assert.equal(await storeOn(disk).size(NAME), size, `${what}: acknowledged bytes were lost`);
  if (size > 0) assert.deepEqual(await storeOn(disk).read(NAME, 0, size), BOTH.slice(0, size), what);
  return size;
}

/** Goes on where the blob ends; then all of it is there for good. */
async function finish(disk: SimulatedDisk, size: number, what: string): Promise<void> {
  const store = storeOn(disk);
  if (size < FIRST.length) await store.append(NAME, 0, FIRST);
  if (size < BOTH.length) await store.append(NAME, FIRST.length, SECOND);
  power(disk);
  assert.deepEqual(await storeOn(disk).read(NAME, 0, BOTH.length), BOTH, what);
}

test('a first append that is broken anywhere was made or was not, and the upload goes on', async () => {
  const calls = await breakEachCall({
    prepare: async () => {},
    act: (disk) => storeOn(disk).append(NAME, 0, FIRST),
    async check(disk, what, isAcknowledged) {
      const size = await assertHolds(disk, isAcknowledged ? [FIRST.length] : [0, FIRST.length], what);
      await finish(disk, size, what);
    },
  });
  assert.ok(calls.length > 8);
});

test('a later append that is broken anywhere loses nothing of those before, and the upload goes on', async () => {
  await breakEachCall({
    prepare: (disk) => storeOn(disk).append(NAME, 0, FIRST),
    act: (disk) => storeOn(disk).append(NAME, FIRST.length, SECOND),
    async check(disk, what, isAcknowledged) {
      const size = await assertHolds(
        disk,
        isAcknowledged ? [BOTH.length] : [FIRST.length, BOTH.length],
        what,
      );
      await finish(disk, size, what);
    },
  });
});

test('a removal that is broken anywhere was made or was not, and the blob can be written again', async () => {
  await breakEachCall({
    prepare: (disk) => storeOn(disk).append(NAME, 0, FIRST),
    act: (disk) => storeOn(disk).remove(NAME),
    async check(disk, what) {
      const size = await storeOn(disk).size(NAME);
      assert.ok([0, FIRST.length].includes(size), what);
      await storeOn(disk).remove(NAME);
      await finish(disk, 0, what);
    },
  });
});

test('bytes are flushed before their count, and the count and every folder before the append returns', async () => {
  const calls = await breakEachCall({
    prepare: async () => {},
    act: (disk) => storeOn(disk).append(NAME, 0, FIRST),
    check: async () => {},
  });
  const path = 'blobs/job-1/3-2/site-a.ciphertext';
  assert.deepEqual(calls.slice(calls.indexOf(`create ${path}`)), [
    `create ${path}`,
    `write ${path} 4096+3`,
    `fsync ${path}`,
    `write ${path} 0+16`,
    `fsync ${path}`,
    `fsync ${path}`,
    'fsync blobs/job-1/3-2/',
    'fsync blobs/job-1/',
    'fsync blobs/',
    'fsync /',
  ]);
});
