// What every ApiKeyStore promises (access/api-key-store.ts). Each implementation runs exactly this.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '@blindsum/proto';
import type { ApiKeyStore, NewApiKey } from '../access/api-key-store.ts';

const hashOf = (n: number) => n.toString(16).padStart(64, '0') as Digest;
const keyOf = (n: number): NewApiKey => ({
  key: n.toString(16).padStart(16, '0'),
  name: `key ${n}`,
  scope: 'read',
  secretHash: hashOf(n),
  createdMs: n,
  expiresMs: n === 1 ? undefined : 100 + n,
});
const fresh = (n: number) => ({
  ...keyOf(n),
  version: 1,
  retired: undefined,
  revokedMs: undefined,
  lastUsedMs: undefined,
});

/** Runs the suite; `open` gives an empty store each time. */
export function describeApiKeyStore(name: string, open: () => Promise<ApiKeyStore>): void {
  void test(`${name}: keys are found by their name, and listed by age`, async () => {
    const store = await open();
    for (const n of [2, 1]) assert.deepEqual(await store.create(keyOf(n)), fresh(n));
    assert.deepEqual(await store.list(), [fresh(1), fresh(2)]);
    assert.deepEqual(await store.load(keyOf(2).key), fresh(2));
    assert.equal(await store.load(keyOf(3).key), undefined);
  });

  void test(`${name}: a name that is taken is refused, and changes nothing`, async () => {
    const store = await open();
    await store.create(keyOf(1));
    await assert.rejects(store.create({ ...keyOf(1), scope: 'operator' }), {
      code: 'CONFLICTING_SUBMISSION',
    });
    assert.deepEqual(await store.list(), [fresh(1)]);
  });

  void test(`${name}: a replacement is the latest version, and nothing but what may change has changed`, async () => {
    const store = await open();
    const created = await store.create(keyOf(1));
    const change = { secretHash: hashOf(9), retired: { hash: hashOf(1), untilMs: 50 }, revokedMs: undefined };
    const rotated = await store.replace(created, change);
    assert.deepEqual(rotated, { ...fresh(1), ...change, version: 2 });
    const revoked = await store.replace(rotated, {
      secretHash: hashOf(9),
      retired: undefined,
      revokedMs: 60,
    });
    assert.deepEqual(revoked, { ...fresh(1), secretHash: hashOf(9), revokedMs: 60, version: 3 });
    assert.deepEqual(await store.load(created.key), revoked);
  });

  void test(`${name}: of replacements that race one wins, and the others write nothing`, async () => {
    const store = await open();
    const created = await store.create(keyOf(1));
    const racers = [7, 8, 9].map((n) =>
      store.replace(created, { secretHash: hashOf(n), retired: undefined, revokedMs: undefined }),
    );
    const won = (await Promise.all(racers)).filter((stored) => stored !== undefined);
    assert.equal(won.length, 1);
    assert.deepEqual(await store.list(), won);
  });

  void test(`${name}: the latest use is kept, is no version, and outlives a replacement`, async () => {
    const store = await open();
    const created = await store.create(keyOf(1));
    for (const atMs of [20, 30, 25]) await store.used(created.key, atMs);
    assert.deepEqual(await store.load(created.key), { ...fresh(1), lastUsedMs: 30 });
    const revoked = await store.replace(created, {
      secretHash: hashOf(1),
      retired: undefined,
      revokedMs: 40,
    });
    assert.equal(revoked?.lastUsedMs, 30);
    await store.used(keyOf(5).key, 1);
    assert.equal((await store.list()).length, 1);
  });
}
