// What every CosignatureStore promises. Each implementation runs exactly this.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CosignatureStore } from '../witnessing/cosignature-store.ts';

const NOTE = 'log.example.org\n7\nAAAA\n\n\u2014 log.example.org AAAA\n';

/** Runs the suite; `open` gives an empty store each time. */
export function describeCosignatureStore(name: string, open: () => Promise<CosignatureStore>): void {
  void test(`${name}: a checkpoint that nobody cosigned is not there`, async () => {
    const store = await open();
    assert.equal(await store.load(7), undefined);
    assert.equal(await store.latest('any'), undefined);
    assert.equal(await store.latest('with quorum'), undefined);
  });

  void test(`${name}: a note and its successors are loaded as they were stored`, async () => {
    const store = await open();
    const first = await store.replace(7, undefined, { note: NOTE, hasQuorum: false });
    assert.deepEqual(first, { size: 7, version: 1, note: NOTE, hasQuorum: false });
    assert.deepEqual(await store.load(7), first);
    const second = await store.replace(7, first, { note: `${NOTE}more`, hasQuorum: true });
    assert.deepEqual(second, { size: 7, version: 2, note: `${NOTE}more`, hasQuorum: true });
    assert.deepEqual(await store.load(7), second);
  });

  void test(`${name}: of two writers over one version, the second writes nothing`, async () => {
    const store = await open();
    const after = { note: NOTE, hasQuorum: false };
    const first = await store.replace(7, undefined, after);
    assert.equal(await store.replace(7, undefined, { ...after, note: 'other' }), undefined);
    const second = await store.replace(7, first, { ...after, hasQuorum: true });
    assert.equal(await store.replace(7, first, { ...after, note: 'other' }), undefined);
    assert.deepEqual(await store.load(7), second);
  });

  void test(`${name}: the largest one is the latest, and the largest one with its quorum may be an earlier one`, async () => {
    const store = await open();
    for (const [size, hasQuorum] of [
      [9, true],
      [100, false],
      [10, true],
    ] as const)
      await store.replace(size, undefined, { note: NOTE, hasQuorum });
    assert.equal((await store.latest('any'))?.size, 100);
    assert.equal((await store.latest('with quorum'))?.size, 10);
  });

  void test(`${name}: what is below a size is removed, and nothing else`, async () => {
    const store = await open();
    for (const size of [9, 10, 100]) await store.replace(size, undefined, { note: NOTE, hasQuorum: true });
    await store.removeBelow(10);
    await store.removeBelow(10);
    const left = await Promise.all([9, 10, 100].map(async (size) => (await store.load(size))?.size));
    assert.deepEqual(left, [undefined, 10, 100]);
  });
}
