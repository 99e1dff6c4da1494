import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8, type Bytes } from '../bytes.ts';
import {
  consistencyProof,
  hashLeaf,
  hashNode,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';
import { consistencyRanges, inclusionRanges } from './proof-ranges.ts';
import { REBUILT_CONSISTENCIES, REBUILT_INCLUSIONS } from './rebuilt-proofs.fixture.ts';

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
for (const { name, good, bad } of REBUILT_INCLUSIONS)
  test(`published proof ${name} verifies, and with none of ${Object.keys(bad).length} defects`, () => {
    verifyInclusion(good);
    for (const [defect, claim] of Object.entries(bad))
      assert.throws(() => verifyInclusion(claim), { code: 'BAD_PROOF' }, defect);
  });

for (const { name, good, bad } of REBUILT_CONSISTENCIES)
  test(`published proof ${name} verifies, and with none of ${Object.keys(bad).length} defects`, () => {
    verifyConsistency(good);
    for (const [defect, claim] of Object.entries(bad))
      assert.throws(() => verifyConsistency(claim), { code: 'BAD_PROOF' }, defect);
  });

test('as many cases as are published are tried, about', () => {
  const cases = [...REBUILT_INCLUSIONS, ...REBUILT_CONSISTENCIES].map(
    ({ bad }) => 1 + Object.keys(bad).length,
  );
  assert.ok(cases.reduce((sum, count) => sum + count, 0) >= 170, cases.join(' '));
});
