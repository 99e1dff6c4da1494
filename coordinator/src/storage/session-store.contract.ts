// What every SessionStore promises (access/session-store.ts). Each implementation runs exactly this.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '@blindsum/proto';
import type { Session, SessionStore } from '../access/session-store.ts';

const hashOf = (n: number) => n.toString(16).padStart(64, '0') as Digest;
const sessionOf = (n: number): Session => ({
  hash: hashOf(n),
  actor:
    n % 2 === 0
      ? { kind: 'person', issuer: 'https://id.example', subject: `${n}`, scope: 'auditor' }
      : { kind: 'key', key: '0123456789abcdef', name: 'k', scope: 'operator' },
  createdMs: n,
  endsMs: 100 * n,
  lastUsedMs: 10 * n,
});

/** Runs the suite; `open` gives an empty store each time. */
export function describeSessionStore(name: string, open: () => Promise<SessionStore>): void {
  void test(`${name}: a session is found by its hash until it is removed, once`, async () => {
    const store = await open();
    for (const n of [1, 2]) await store.create(sessionOf(n));
    for (const n of [1, 2]) assert.deepEqual(await store.load(hashOf(n)), sessionOf(n));
    assert.equal(await store.remove(hashOf(1)), true);
    assert.equal(await store.remove(hashOf(1)), false);
    assert.equal(await store.load(hashOf(1)), undefined);
    assert.deepEqual(await store.load(hashOf(2)), sessionOf(2));
  });

  void test(`${name}: the latest use is kept`, async () => {
    const store = await open();
    await store.create(sessionOf(1));
    for (const atMs of [30, 20]) await store.used(hashOf(1), atMs);
    await store.used(hashOf(7), 30);
    assert.equal((await store.load(hashOf(1)))?.lastUsedMs, 30);
    assert.equal(await store.load(hashOf(7)), undefined);
  });

  void test(`${name}: those that ended, and those that nobody used, are removed`, async () => {
    const store = await open();
    for (const n of [1, 2, 3]) await store.create(sessionOf(n));
    await store.used(hashOf(1), 90);
    await store.removeBefore({ endsMs: 100, lastUsedMs: 20 });
    const left = await Promise.all([1, 2, 3].map((n) => store.load(hashOf(n))));
    assert.deepEqual(left, [undefined, undefined, sessionOf(3)]);
  });
}
