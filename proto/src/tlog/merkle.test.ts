import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseHex, toHex, utf8, type Bytes } from '../bytes.ts';
import { appendLeaf, createMerkleFrontier, frontierRoot } from './merkle-frontier.ts';
import {
  consistencyProof,
  EMPTY_ROOT,
  hashLeaf,
  inclusionProof,
  merkleRoot,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';

// Vector V1: transparency-dev/merkle testonly/constants.go.
const ENTRIES = '|00|10|2021|3031|40414243|5051525354555657|606162636465666768696a6b6c6d6e6f'.split('|');
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const leavesOf = (n: number): Bytes[] => Array.from({ length: n }, (_, i) => hashLeaf(utf8(`entry ${i}`)));
const flipped = (hash: Bytes): Bytes => Uint8Array.from(hash, (byte, i) => (i === 17 ? byte ^ 4 : byte));
const sizes = fc.integer({ min: 1, max: 70 });

test('roots equal the published RFC 6962 vectors for 0 to 8 leaves', () => {
  const leaves = ENTRIES.map((hex) => hashLeaf(parseHex(hex, hex.length / 2, 'vector')));
  assert.equal(toHex(EMPTY_ROOT), createHash('sha256').digest('hex'));
  assert.equal(merkleRoot([]), EMPTY_ROOT);
  ROOTS.forEach((root, i) => assert.equal(toHex(merkleRoot(leaves.slice(0, i + 1))), root));
});

test('inclusion proofs of the published 8-leaf tree equal RFC 9162 worked by hand', () => {
  const leaves = ENTRIES.map((hex) => hashLeaf(parseHex(hex, hex.length / 2, 'vector')));
  const proof = inclusionProof(leaves, 0).map(toHex);
  assert.deepEqual(proof, [
    '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  ]);
});

test('a frontier has the root of the tree at every size', () => {
  let frontier = createMerkleFrontier();
  const leaves = leavesOf(70);
  assert.deepEqual(frontierRoot(frontier), EMPTY_ROOT);
  leaves.forEach((leaf, i) => {
    frontier = appendLeaf(frontier, leaf);
    assert.equal(frontier.size, BigInt(i + 1));
    assert.deepEqual(frontierRoot(frontier), merkleRoot(leaves.slice(0, i + 1)));
  });
});

test('every leaf of every tree up to 40 proves its inclusion, and no other leaf does', () => {
  for (let n = 1; n <= 40; n++) {
    const leaves = leavesOf(n);
    const claim = { size: BigInt(n), root: merkleRoot(leaves) };
    for (let i = 0; i < n; i++) {
      const proof = inclusionProof(leaves, i);
      verifyInclusion({ ...claim, index: BigInt(i), leafHash: leaves[i]!, proof });
      const other = leaves[(i + 1) % n]!;
      if (n > 1)
        assert.throws(() => verifyInclusion({ ...claim, index: BigInt(i), leafHash: other, proof }), {
          code: 'BAD_PROOF',
        });
    }
  }
});

test('every pair of sizes up to 40 proves consistency', () => {
  const leaves = leavesOf(40);
  for (let n = 1; n <= 40; n++) {
    for (let m = 1; m <= n; m++) {
      const tree = leaves.slice(0, n);
      const roots = { oldRoot: merkleRoot(leaves.slice(0, m)), newRoot: merkleRoot(tree) };
      verifyConsistency({
        oldSize: BigInt(m),
        newSize: BigInt(n),
        ...roots,
        proof: consistencyProof(tree, m),
      });
    }
  }
});

test('an inclusion proof with one change anywhere is refused', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (n, at, where) => {
      const leaves = leavesOf(n);
      const index = at % n;
      const proof = inclusionProof(leaves, index);
      const good = {
        index: BigInt(index),
        size: BigInt(n),
        leafHash: leaves[index]!,
        proof,
        root: merkleRoot(leaves),
      };
      const k = where % Math.max(proof.length, 1);
      const bad = [
        { ...good, root: flipped(good.root) },
        { ...good, leafHash: flipped(good.leafHash) },
        { ...good, proof: [...proof, good.root] },
        { ...good, index: good.size },
        { ...good, index: -1n },
        ...(n === 1 ? [] : [{ ...good, index: BigInt((index + 1) % n) }]),
        ...(n === 1 ? [] : [{ ...good, proof: proof.slice(1) }]),
        ...(n === 1 ? [] : [{ ...good, proof: proof.map((hash, i) => (i === k ? flipped(hash) : hash)) }]),
        ...(n === 1 ? [] : [{ ...good, proof: proof.map((hash, i) => (i === k ? hash.slice(1) : hash)) }]),
      ];
      for (const claim of bad) assert.throws(() => verifyInclusion(claim), { code: 'BAD_PROOF' });
    }),
    { numRuns: 40 },
  );
});

test('a consistency proof with one change anywhere is refused', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (extra, at, where) => {
      const n = extra + 1;
      const m = 1 + (at % (n - 1));
      const leaves = leavesOf(n);
      const proof = consistencyProof(leaves, m);
      const roots = { oldRoot: merkleRoot(leaves.slice(0, m)), newRoot: merkleRoot(leaves) };
      const good = { oldSize: BigInt(m), newSize: BigInt(n), ...roots, proof };
      const k = where % proof.length;
      const bad = [
        { ...good, oldRoot: flipped(good.oldRoot) },
        { ...good, newRoot: flipped(good.newRoot) },
        { ...good, proof: [] },
        { ...good, proof: proof.slice(0, -1) },
        { ...good, proof: [...proof, good.oldRoot] },
        { ...good, proof: proof.map((hash, i) => (i === k ? flipped(hash) : hash)) },
        { ...good, oldSize: good.newSize + 1n },
        { ...good, oldSize: 0n },
      ];
      for (const claim of bad) assert.throws(() => verifyConsistency(claim), { code: 'BAD_PROOF' });
    }),
    { numRuns: 40 },
  );
});

test('equal sizes need an empty proof and equal roots', () => {
  const root = merkleRoot(leavesOf(5));
  const same = { oldSize: 5n, newSize: 5n, oldRoot: root, newRoot: root, proof: [] };
  verifyConsistency(same);
  assert.throws(() => verifyConsistency({ ...same, newRoot: flipped(root) }), { code: 'BAD_PROOF' });
  assert.throws(() => verifyConsistency({ ...same, proof: [root] }), { code: 'BAD_PROOF' });
});

test('sizes above 2^53 are compared exactly', () => {
  const leaf = hashLeaf(utf8('x'));
  const claim = {
    index: 2n ** 63n,
    size: 2n ** 63n + 1n,
    leafHash: leaf,
    proof: [leaf],
    root: flipped(leaf),
  };
  assert.throws(() => verifyInclusion(claim), /does not lead to the root/);
  assert.throws(() => verifyInclusion({ ...claim, index: 2n ** 63n + 1n }), /outside a tree/);
});

test('asking for a proof the tree cannot give is the caller’s bug', () => {
  assert.throws(() => inclusionProof(leavesOf(3), 3), RangeError);
  assert.throws(() => consistencyProof(leavesOf(3), 4), RangeError);
});
