// What every RosterStore promises (roster-store.ts). Each implementation runs exactly this.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest, SiteId } from '@blindsum/proto';
import type { RosterEntry, RosterStore } from '../roster-store.ts';

const FIRST: RosterEntry = {
  roster: Uint8Array.of(1, 2),
  hash: 'a'.repeat(64) as Digest,
  state: 'proposed',
  approvals: [],
  refusals: [],
};
const ANSWERED: RosterEntry = {
  ...FIRST,
  approvals: [{ payload: Uint8Array.of(3), signature: new Uint8Array(64).fill(4) }],
  refusals: [{ site: 'site-a' as SiteId, reason: 'whose key is this?' }],
};

/** Runs the suite; `open` gives an empty store each time. */
export function describeRosterStore(name: string, open: () => Promise<RosterStore>): void {
  void test(`${name}: a federation begins without a roster`, async () => {
    const store = await open();
    assert.equal(await store.head(), undefined);
    assert.equal(await store.load(1), undefined);
  });

  void test(`${name}: versions and their revisions are loaded as they were stored`, async () => {
    const store = await open();
    const first = await store.replace(1, undefined, FIRST);
    assert.deepEqual(first, { ...FIRST, version: 1, revision: 1 });
    const second = await store.replace(1, first, ANSWERED);
    assert.deepEqual(second, { ...ANSWERED, version: 1, revision: 2 });
    assert.deepEqual(await store.load(1), second);
    const next = await store.replace(2, undefined, FIRST);
    assert.deepEqual(await store.load(2), next);
    const { version, revision } = (await store.head())!;
    assert.deepEqual({ version, revision }, { version: 2, revision: 1 });
  });

  void test(`${name}: of two writers over one revision, the second writes nothing`, async () => {
    const store = await open();
    const first = await store.replace(1, undefined, FIRST);
    assert.equal(await store.replace(1, undefined, ANSWERED), undefined);
    const second = await store.replace(1, first, ANSWERED);
    assert.equal(await store.replace(1, first, FIRST), undefined);
    assert.deepEqual(await store.load(1), second);
  });

  void test(`${name}: an adopted version never changes`, async () => {
    const store = await open();
    const first = await store.replace(1, undefined, FIRST);
    const adopted = await store.replace(1, first, { ...ANSWERED, state: 'adopted' });
    assert.equal(adopted?.state, 'adopted');
    assert.equal(await store.replace(1, adopted, FIRST), undefined);
    assert.equal(await store.replace(1, undefined, FIRST), undefined);
    assert.deepEqual(await store.load(1), adopted);
  });
}
