import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  generateSharingKey,
  N,
  Refusal,
  SEALED_SHARE_BYTES,
  type Bytes,
  type Digest,
  type RefusalCode,
} from '@blindsum/proto';
import { hashLeaf } from '@blindsum/proto/node';
import { inclusionProof, merkleRoot as rootOfLeaves } from '@blindsum/proto/tlog';
import {
  dealShares,
  openShares,
  reconstructKey,
  sealOpening,
  type DealtShare,
  type ReceivedRecord,
  type SealedBundle,
} from './key-shares.ts';

const SITES = 4;
const THRESHOLD = 3;
const CONTEXT = 'aa'.repeat(32) as Digest;
const SET_ROOT = 'bb'.repeat(32) as Digest;
const keys = Array.from({ length: SITES }, () => generateSharingKey(randomBytes(32)));
const sharingKeys = keys.map(({ publicKey }) => publicKey);

const secret = (seed: number) => Int8Array.from({ length: N }, (_, i) => (((i * seed) >> 3) % 3) - 1);
const secrets = [5, 7, 11, 13].map(secret);
const rootOf = (dealer: number) => `${dealer}`.repeat(64) as Digest;
const bundles = secrets.map((coefficients, i) =>
  dealShares(coefficients, {
    context: CONTEXT,
    threshold: THRESHOLD,
    ciphertextRoot: rootOf(i + 1),
    sharingKeys,
    ownIndex: i + 1,
  }),
);

function recordsOf(bundle: SealedBundle): Bytes[] {
  return Array.from({ length: SITES }, (_, i) =>
    bundle.bytes.slice(i * SEALED_SHARE_BYTES, (i + 1) * SEALED_SHARE_BYTES),
  );
}

/** What the coordinator delivers to site `to` from site `from`. */
function deliver(bundle: SealedBundle, from: number, to: number): ReceivedRecord {
  const records = recordsOf(bundle);
  const proof = inclusionProof(records.map(hashLeaf), to - 1);
  return { from, bundleRoot: bundle.root, sealed: records[to - 1]!, proof };
}

function dealtTo(site: number, dealers: readonly number[]): DealtShare[] {
  return dealers.map((from) => ({
    ...deliver(bundles[from - 1]!, from, site),
    ciphertextRoot: rootOf(from),
  }));
}

function recipient(site: number) {
  return { context: CONTEXT, ownIndex: site, sites: SITES, secretKey: keys[site - 1]!.secretKey };
}

function openingOf(site: number, dealers: readonly number[]): SealedBundle {
  const { sum } = openShares({ ...recipient(site), shares: dealtTo(site, dealers) });
  return sealOpening({ context: CONTEXT, setRoot: SET_ROOT, sum: sum!, sharingKeys, ownIndex: site });
}

const refusal = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code;

test('any threshold of openings gives every site the sum of the keys of the set', () => {
  const set = [1, 3, 4];
  const openings = [1, 2, 4].map((site) => ({ site, bundle: openingOf(site, set) }));
  const expected = Int32Array.from({ length: N }, (_, i) =>
    set.reduce((sum, s) => sum + secrets[s - 1]![i]!, 0),
  );
  const task = { setRoot: SET_ROOT, threshold: THRESHOLD, contributors: set.length };
  const received = openings.map(({ site, bundle }) => deliver(bundle, site, 3));
  const { candidates, badOpeners } = reconstructKey({ ...recipient(3), ...task, openings: received });
  assert.deepEqual(candidates, [{ keySum: expected, wrong: [] }]);
  assert.deepEqual(badOpeners, []);
  const two = { ...recipient(3), ...task, openings: received.slice(1) };
  assert.throws(() => reconstructKey(two), refusal('TOO_FEW_SHARES'));
});

test('of more openings than the threshold, the one that does not agree with the others is named', () => {
  const openings = [1, 2, 3].map((site) => deliver(openingOf(site, [1, 2, 3]), site, 1));
  openings.push(deliver(openingOf(4, [1, 2]), 4, 1));
  const task = { setRoot: SET_ROOT, threshold: THRESHOLD, contributors: 3, openings };
  const { candidates } = reconstructKey({ ...recipient(1), ...task });
  assert.deepEqual(
    candidates.map(({ wrong }) => wrong),
    [[4]],
  );
  const two = openings.with(2, deliver(openingOf(3, [1]), 3, 1));
  assert.throws(
    () => reconstructKey({ ...recipient(1), ...task, openings: two }),
    refusal('INCONSISTENT_SHARES'),
  );
});

test('a dealer whose sealed share does not open is named, and no sum is given', () => {
  const records = recordsOf(bundles[1]!);
  const broken = records[0]!;
  broken[5000] = broken[5000]! ^ 1;
  const leaves = records.map(hashLeaf);
  const proof = inclusionProof(leaves, 0);
  const [good, bad] = dealtTo(1, [1, 2]);
  // The dealer signed the broken record, so it is in its bundle.
  const bundleRoot = Buffer.from(rootOfLeaves(leaves)).toString('hex') as Digest;
  const shares = [good!, { ...bad!, sealed: broken, proof, bundleRoot }];
  assert.deepEqual(openShares({ ...recipient(1), shares }), { badDealers: [2] });
});

test('a record that its dealer did not sign is the fault of whoever delivered it', () => {
  const [share] = dealtTo(1, [2]);
  const sealed = share!.sealed.slice();
  sealed[0] = sealed[0]! ^ 1;
  const other = { ...share!, sealed: recordsOf(bundles[2]!)[0]! };
  for (const delivered of [{ ...share!, sealed }, other]) {
    assert.throws(() => openShares({ ...recipient(1), shares: [delivered] }), refusal('BAD_PROOF'));
  }
});

test('a share opens only for its recipient, its dealer, its ciphertext and its context', () => {
  const [share] = dealtTo(1, [2]);
  const wrong: [string, Parameters<typeof openShares>[0]][] = [
    ['another ciphertext', { ...recipient(1), shares: [{ ...share!, ciphertextRoot: rootOf(3) }] }],
    ['another dealer', { ...recipient(1), shares: [{ ...share!, from: 3 }] }],
    ['another context', { ...recipient(1), context: SET_ROOT, shares: [share!] }],
    ['another key', { ...recipient(1), secretKey: keys[1]!.secretKey, shares: [share!] }],
  ];
  for (const [name, task] of wrong) assert.equal(openShares(task).sum, undefined, name);
});

test('an opening of another set does not open, and its sender is named', () => {
  const bundle = openingOf(2, [1, 2]);
  const opening = deliver(bundle, 2, 1);
  const task = { ...recipient(1), setRoot: CONTEXT, threshold: 1, contributors: 2, openings: [opening] };
  assert.throws(() => reconstructKey(task), refusal('TOO_FEW_SHARES'));
  const own = deliver(openingOf(1, [1, 2]), 1, 1);
  const mixed = { ...task, setRoot: SET_ROOT, openings: [own, { ...opening, from: 3 }] };
  assert.deepEqual(reconstructKey({ ...mixed, threshold: 1, contributors: 65520 }).badOpeners, [3]);
});

test('the shares of one key sealed twice differ, also for the same recipient', () => {
  const task = { context: CONTEXT, threshold: 1, ciphertextRoot: rootOf(1), sharingKeys, ownIndex: 1 };
  const [first, second] = [dealShares(secrets[0]!, task), dealShares(secrets[0]!, task)];
  const pieces = [...recordsOf(first), ...recordsOf(second)].map((record) => record.subarray(1120).join());
  assert.equal(new Set(pieces).size, 2 * SITES);
});
