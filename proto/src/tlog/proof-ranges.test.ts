import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseBase64 } from '../base64.ts';
import { utf8, type Bytes } from '../bytes.ts';
import {
  consistencyProof,
  EMPTY_ROOT,
  hashLeaf,
  hashNode,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
  type ConsistencyClaim,
  type InclusionClaim,
} from './merkle.ts';
import { consistencyRanges, inclusionRanges } from './proof-ranges.ts';

// An oracle that shares nothing with the code under test: the definitions of RFC 9162 section 2.1, word for word.
const splitOf = (n: number) => 2 ** (Math.ceil(Math.log2(n)) - 1);
const mth = (d: readonly Bytes[]): Bytes => {
  if (d.length === 1) return d[0]!;
  const k = splitOf(d.length);
  return hashNode(mth(d.slice(0, k)), mth(d.slice(k)));
};
const path = (m: number, d: readonly Bytes[]): Bytes[] => {
  if (d.length === 1) return [];
  const k = splitOf(d.length);
  return m < k
    ? [...path(m, d.slice(0, k)), mth(d.slice(k))]
    : [...path(m - k, d.slice(k)), mth(d.slice(0, k))];
};
const subproof = (m: number, d: readonly Bytes[], b: boolean): Bytes[] => {
  if (m === d.length) return b ? [] : [mth(d)];
  const k = splitOf(d.length);
  return m <= k
    ? [...subproof(m, d.slice(0, k), b), mth(d.slice(k))]
    : [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))];
};

const LEAVES = Array.from({ length: 65 }, (_, i) => hashLeaf(utf8(`${i}`)));

test('every inclusion and consistency proof of every tree up to 65 is that of the definitions', () => {
  for (let n = 1; n <= LEAVES.length; n++) {
    const tree = LEAVES.slice(0, n);
    for (let m = 0; m < n; m++) assert.deepEqual(inclusionProof(tree, m), path(m, tree));
    for (let m = 1; m <= n; m++) assert.deepEqual(consistencyProof(tree, m), subproof(m, tree, true));
  }
});

test('the ranges of a tree of 2^64-1 leaves are exact', () => {
  const size = (1n << 64n) - 1n;
  const ranges = inclusionRanges(size - 1n, size);
  assert.equal(ranges.length, 63);
  assert.deepEqual(ranges.at(-1), { start: 0n, end: 1n << 63n });
  assert.equal(inclusionRanges(0n, size).length, 64);
  assert.deepEqual(consistencyRanges(1n << 63n, size), [{ start: 1n << 63n, end: size }]);
});

// Vector V2: the published good cases, and the defects that the published bad cases are named after, made from them.
const { inclusion, consistency } = JSON.parse(
  readFileSync(new URL('../../../test/vectors/tlog/proofs.json', import.meta.url), 'utf8'),
) as { inclusion: Record<string, string>[]; consistency: Record<string, string>[] };
const hash = (text: string | undefined) => parseBase64(text ?? '', 'vector');
const proofOf = ({ proof }: Record<string, unknown>) => (proof as string[]).map(hash);
const flipped = (bytes: Bytes, bit: number) =>
  Uint8Array.from(bytes, (byte, i) => (i === 0 ? byte ^ (1 << bit) : byte));
const GARBAGE = utf8('a hash that is nowhere in the tree').slice(0, 32);
let cases = 0;

function proofDefects(
  proof: readonly Bytes[],
  roots: Record<string, Bytes>,
  bit: number,
): Record<string, readonly Bytes[]> {
  const modified = proof.map((_, k) => [
    `modified-proof[${k}]-bit-${bit}`,
    proof.map((h, i) => (i === k ? flipped(h, bit) : h)),
  ]);
  const around = Object.entries(roots).flatMap(([name, root]) => [
    [`preceding-${name}`, [root, ...proof]],
    [`trailing-${name}`, [...proof, root]],
  ]);
  return {
    'empty-proof': [],
    'truncated-proof': proof.slice(0, -1),
    'removed-component': proof.slice(1),
    'preceding-garbage': [GARBAGE, ...proof],
    'trailing-garbage': [...proof, GARBAGE],
    'preceding-proof[0]': [proof[0]!, ...proof],
    'inserted-component': [...proof.slice(0, 1), GARBAGE, ...proof.slice(1)],
    ...(Object.fromEntries([...modified, ...around]) as Record<string, Bytes[]>),
  };
}

inclusion.forEach((vector, i) => {
  const [index, size] = [BigInt(vector['leafIdx']!), BigInt(vector['treeSize']!)];
  const good: InclusionClaim = {
    index,
    size,
    root: hash(vector['root']),
    leafHash: hash(vector['leafHash']),
    proof: proofOf(vector),
  };
  const bad: Record<string, Partial<InclusionClaim>> = {
    'leafIdx - 1': { index: index - 1n },
    'leafIdx + 1': { index: index + 1n },
    'leafIdx ^ 2': { index: index ^ 2n },
    'leafIdx + 2^53': { index: index + (1n << 53n) },
    'treeSize * 2': { size: size * 2n },
    'treeSize / 2': { size: size / 2n },
    'treeSize + 2^53': { size: size + (1n << 53n) },
    'wrong-leaf': { leafHash: GARBAGE },
    'empty-root': { root: EMPTY_ROOT },
    'random-root': { root: GARBAGE },
    ...Object.fromEntries(
      Object.entries(proofDefects(good.proof, { root: good.root }, 3)).map(([name, proof]) => [
        name,
        { proof },
      ]),
    ),
  };

  test(`published inclusion proof ${i + 1} verifies, and with none of ${Object.keys(bad).length} defects`, () => {
    verifyInclusion(good);
    for (const [defect, change] of Object.entries(bad))
      assert.throws(() => verifyInclusion({ ...good, ...change }), { code: 'BAD_PROOF' }, defect);
  });
  cases += 1 + Object.keys(bad).length;
});

consistency.forEach((vector, i) => {
  const [oldSize, newSize] = [BigInt(vector['size1']!), BigInt(vector['size2']!)];
  const [oldRoot, newRoot] = [hash(vector['root1']), hash(vector['root2'])];
  const good: ConsistencyClaim = { oldSize, newSize, oldRoot, newRoot, proof: proofOf(vector) };
  const bad: Record<string, Partial<ConsistencyClaim>> = {
    'size1 - 1': { oldSize: oldSize - 1n },
    'size1 + 1': { oldSize: oldSize + 1n },
    'size1 ^ 2': { oldSize: oldSize ^ 2n },
    'size1 + 2^53': { oldSize: oldSize + (1n << 53n) },
    'size2 * 2': { newSize: newSize * 2n },
    'size2 / 2': { newSize: newSize / 2n },
    'size2 + 2^53': { newSize: newSize + (1n << 53n) },
    'wrong-root1': { oldRoot: GARBAGE },
    'wrong-root2': { newRoot: GARBAGE },
    'swapped-roots': { oldRoot: newRoot, newRoot: oldRoot },
    ...Object.fromEntries(
      Object.entries(proofDefects(good.proof, { root1: oldRoot, root2: newRoot }, 4)).map(([name, proof]) => [
        name,
        { proof },
      ]),
    ),
  };

  test(`published consistency proof ${i + 1} verifies, and with none of ${Object.keys(bad).length} defects`, () => {
    verifyConsistency(good);
    for (const [defect, change] of Object.entries(bad))
      assert.throws(() => verifyConsistency({ ...good, ...change }), { code: 'BAD_PROOF' }, defect);
  });
  cases += 1 + Object.keys(bad).length;
});

test('as many cases as are published are tried, about', () => {
  assert.ok(cases >= 170, `${cases}`);
});
