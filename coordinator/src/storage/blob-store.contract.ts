// What every BlobStore promises (ports.ts). Each implementation runs exactly this.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  concat,
  Refusal,
  type Bytes,
  type Digest,
  type JobId,
  type RefusalCode,
  type SiteId,
} from '@blindsum/proto';
import type { BlobName, BlobStore } from '../ports.ts';

/** Runs the suite; `open` gives an empty store each time. */
export function describeBlobStore(name: string, open: () => Promise<BlobStore>): void {
  describeAppending(name, open);
  describeReading(name, open);
  describeNames(name, open);
  describeConcurrency(name, open);
  describeListing(name, open);
}

function describeAppending(name: string, open: () => Promise<BlobStore>): void {
  void test(`${name}: an unknown blob has no bytes`, async () => {
    const store = await open();
    assert.equal(await store.size(NAME), 0);
    await refuses('NOT_FOUND', () => store.read(NAME, 0, 1));
    await store.remove(NAME);
  });

  void test(`${name}: what is appended is read, whatever the lengths`, async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 9 }), { minLength: 1, maxLength: 6 });
    const range = fc.tuple(fc.nat(60), fc.nat(60));
    const property = fc.asyncProperty(chunks, range, async (appended, [from, to]) => {
      const store = await open();
      const all = await appendAll(store, appended);
      const [start, end] = [Math.min(from, to, all.length), Math.min(Math.max(from, to), all.length)];
      assert.equal(await store.size(NAME), all.length);
      assert.deepEqual(await store.read(NAME, start, end - start), all.slice(start, end));
    });
    await fc.assert(property, { numRuns: 20 });
  });

  void test(`${name}: an append anywhere but at the end is refused and changes nothing`, async () => {
    const store = await open();
    await refuses('PART_OUT_OF_ORDER', () => store.append(NAME, 1, Uint8Array.of(9)));
    assert.equal(await store.size(NAME), 0);
    await store.append(NAME, 0, Uint8Array.of(1, 2, 3));
    for (const offset of [0, 2, 4]) {
      await refuses('PART_OUT_OF_ORDER', () => store.append(NAME, offset, Uint8Array.of(9)));
    }
    assert.deepEqual(await store.read(NAME, 0, 3), Uint8Array.of(1, 2, 3));
    assert.equal(await store.size(NAME), 3);
  });

  void test(`${name}: what was handed in or out cannot be changed through it`, async () => {
    const store = await open();
    const bytes = Uint8Array.of(1, 2, 3);
    await store.append(NAME, 0, bytes);
    bytes.fill(0);
    (await store.read(NAME, 0, 3)).fill(0);
    assert.deepEqual(await store.read(NAME, 0, 3), Uint8Array.of(1, 2, 3));
  });
}

function describeReading(name: string, open: () => Promise<BlobStore>): void {
  void test(`${name}: reading past the end is refused, also by one byte`, async () => {
    const store = await open();
    await store.append(NAME, 0, Uint8Array.of(1, 2, 3));
    for (const [offset, length] of [
      [0, 4],
      [3, 1],
      [4, 0],
      [99, 1],
    ] as const) {
      await refuses('NOT_FOUND', () => store.read(NAME, offset, length));
    }
    assert.equal((await store.read(NAME, 3, 0)).length, 0);
  });

  void test(`${name}: a removed blob is gone, and can be written again`, async () => {
    const store = await open();
    await store.append(NAME, 0, Uint8Array.of(1, 2, 3));
    await store.remove(NAME);
    assert.equal(await store.size(NAME), 0);
    await refuses('NOT_FOUND', () => store.read(NAME, 0, 1));
    await store.append(NAME, 0, Uint8Array.of(4));
    assert.deepEqual(await store.read(NAME, 0, 1), Uint8Array.of(4));
    assert.equal(await store.size(NAME), 1);
  });
}

function describeNames(name: string, open: () => Promise<BlobStore>): void {
  void test(`${name}: blobs are apart by job, round, attempt, kind and owner`, async () => {
    const store = await open();
    const names: BlobName[] = [
      NAME,
      { ...NAME, id: { ...NAME.id, job: 'job-2' as JobId } },
      { ...NAME, id: { ...NAME.id, round: 2 } },
      { ...NAME, id: { ...NAME.id, attempt: 11 } },
      { ...NAME, kind: 'shares' },
      { ...NAME, kind: 'opening' },
      { ...NAME, owner: 'site-b' as SiteId },
      { ...NAME, kind: 'sum', owner: 'ab'.repeat(32) as Digest },
      { ...NAME, kind: 'sum', owner: 'cd'.repeat(32) as Digest },
    ];
    await Promise.all(names.map((blob, i) => store.append(blob, 0, Uint8Array.of(i))));
    const read = await Promise.all(names.map((blob) => store.read(blob, 0, 1)));
    assert.deepEqual(
      read,
      names.map((_, i) => Uint8Array.of(i)),
    );
  });
}

function describeConcurrency(name: string, open: () => Promise<BlobStore>): void {
  void test(`${name}: of appends that race for one place one wins`, async () => {
    const store = await open();
    const racers = [1, 2, 3, 4].map((n) => store.append(NAME, 0, new Uint8Array(3).fill(n)));
    const results = await Promise.allSettled(racers);
    const winner = results.findIndex(({ status }) => status === 'fulfilled') + 1;
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.deepEqual(await store.read(NAME, 0, 3), new Uint8Array(3).fill(winner));
    assert.equal(await store.size(NAME), 3);
  });

  void test(`${name}: appends that are asked for at once are done one after another`, async () => {
    const store = await open();
    await Promise.all([0, 1, 2, 3].map((n) => store.append(NAME, n, Uint8Array.of(n))));
    assert.deepEqual(await store.read(NAME, 0, 4), Uint8Array.of(0, 1, 2, 3));
  });

  void test(`${name}: an append after one that was refused is done`, async () => {
    const store = await open();
    const refused = refuses('PART_OUT_OF_ORDER', () => store.append(NAME, 5, Uint8Array.of(9)));
    await Promise.all([refused, store.append(NAME, 0, Uint8Array.of(1))]);
    assert.equal(await store.size(NAME), 1);
  });
}

function describeListing(name: string, open: () => Promise<BlobStore>): void {
  void test(`${name}: the blobs of a job or of one of its rounds are listed with their bytes, removed ones are not`, async () => {
    const store = await open();
    assert.deepEqual(await store.list(NAME.id.job), []);
    const retried: BlobName = { ...NAME, id: { ...NAME.id, attempt: 2 } };
    const sum: BlobName = { ...NAME, kind: 'sum', owner: 'ab'.repeat(32) as Digest };
    const later: BlobName = { ...NAME, id: { ...NAME.id, round: 11 }, owner: 'site-b' as SiteId };
    const foreign: BlobName = { ...NAME, id: { ...NAME.id, job: 'job-11' as JobId } };
    for (const [i, blob] of [NAME, retried, sum, later, foreign].entries())
      await store.append(blob, 0, new Uint8Array(i + 1));
    await store.append(NAME, 1, new Uint8Array(9));
    assert.deepEqual(await listed(store, 1), {
      'site-a.ciphertext 1-1': 10,
      [`${sum.owner}.sum 1-1`]: 3,
      'site-a.ciphertext 1-2': 2,
    });
    assert.deepEqual(await listed(store), { ...(await listed(store, 1)), 'site-b.ciphertext 11-1': 4 });
    await store.remove(retried);
    assert.deepEqual(await listed(store, 1), { 'site-a.ciphertext 1-1': 10, [`${sum.owner}.sum 1-1`]: 3 });
    assert.deepEqual(await listed(store, 2), {});
  });
}

async function listed(store: BlobStore, round?: number): Promise<Record<string, number>> {
  const blobs = await store.list(NAME.id.job, round);
  return Object.fromEntries(
    blobs.map(({ name: { id, kind, owner }, bytes }) => [
      `${owner}.${kind} ${id.round}-${id.attempt}`,
      bytes,
    ]),
  );
}

const NAME: BlobName = {
  id: { job: 'job-1' as JobId, round: 1, attempt: 1 },
  kind: 'ciphertext',
  owner: 'site-a' as SiteId,
};

async function appendAll(store: BlobStore, chunks: readonly Bytes[]): Promise<Bytes> {
  let offset = 0;
  for (const chunk of chunks) {
    await store.append(NAME, offset, chunk);
    offset += chunk.length;
  }
  return concat(...chunks);
}

async function refuses(code: RefusalCode, act: () => Promise<unknown>): Promise<void> {
  await assert.rejects(act, (error) => error instanceof Refusal && error.code === code);
}
