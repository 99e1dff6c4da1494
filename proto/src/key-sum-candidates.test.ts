import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { test } from 'node:test';
import { keySumCandidates } from './key-sum-candidates.ts';
import { N, P } from './parameter-set.ts';
import { invertField, multiplyField } from './prime-field.ts';
import { splitKey, type KeyShare } from './shamir.ts';

function createShares(threshold: number, sites: number) {
  const coefficients = Int8Array.from({ length: N }, () => randomInt(3) - 1);
  const split = splitKey({ coefficients, threshold, sites, random: randomBytes });
  const shares = new Map<number, KeyShare>(split.map((share, i) => [i + 1, share]));
  return { keySum: Int32Array.from(coefficients), shares };
}

/** Replaces the share of a site by noise. */
function scramble(shares: Map<number, KeyShare>, index: number): void {
  shares.set(
    index,
    Uint16Array.from({ length: N }, () => randomInt(P)),
  );
}

test('shares that agree give one candidate, and nobody is wrong', () => {
  const { keySum, shares } = createShares(3, 5);
  assert.deepEqual(keySumCandidates({ shares, threshold: 3, bound: 1 }), [{ keySum, wrong: [] }]);
});

test('T + 1 shares, one of them wrong: the others give the sum, whichever it is', () => {
  for (const liar of [1, 2, 3]) {
    const { keySum, shares } = createShares(2, 3);
    scramble(shares, liar);
    assert.deepEqual(keySumCandidates({ shares, threshold: 2, bound: 1 }), [{ keySum, wrong: [liar] }]);
  }
});

test('T + 2 shares, two of them wrong: the others give the sum', () => {
  const { keySum, shares } = createShares(3, 5);
  scramble(shares, 2);
  scramble(shares, 5);
  assert.deepEqual(keySumCandidates({ shares, threshold: 3, bound: 1 }), [{ keySum, wrong: [2, 5] }]);
});

test('a wrong share that is made to look small gives a second candidate, never the only one', () => {
  const { keySum, shares } = createShares(2, 3);
  // From the shares of sites 2 and 3 the sum at 0 is 3·f(2) - 2·f(3): an error of 1/3 at site 2 shows as 1.
  const place = keySum.findIndex((value) => value === 0);
  const share = shares.get(2)!.slice();
  share[place] = (share[place]! + multiplyField(1, invertField(3))) % P;
  shares.set(2, share);
  const candidates = keySumCandidates({ shares, threshold: 2, bound: 1 });
  assert.deepEqual(
    candidates.map(({ wrong }) => wrong),
    [[1], [2]],
  );
  assert.deepEqual(candidates[1]!.keySum, keySum);
  assert.equal(candidates[0]!.keySum[place], 1);
});

test('many shares with as many wrong ones as can be told are solved without trying', () => {
  const { keySum, shares } = createShares(20, 30);
  for (const liar of [1, 8, 15, 22, 30]) scramble(shares, liar);
  const [candidate, ...others] = keySumCandidates({ shares, threshold: 20, bound: 1 });
  assert.deepEqual(others, []);
  assert.deepEqual(candidate, { keySum, wrong: [1, 8, 15, 22, 30] });
});

test('two liars who make decoding blame an honest site do not keep the sum from being found', () => {
  const [threshold, sites] = [5, 7];
  // Added at both liars, c·(x-1)(x-2)(x-3)(x-4) gives a polynomial on which all but the honest site 5 agree.
  for (const scale of [invertField(24), 12_345]) {
    const { keySum, shares } = createShares(threshold, sites);
    const place = keySum.findIndex((value) => value === 0);
    for (const liar of [6, 7]) {
      const factor = [1, 2, 3, 4].reduce((product, x) => multiplyField(product, liar - x), scale);
      const share = shares.get(liar)!.slice();
      share[place] = (share[place]! + factor) % P;
      shares.set(liar, share);
    }
    const candidates = keySumCandidates({ shares, threshold, bound: 1 });
    assert.deepEqual(
      candidates.find(({ wrong }) => wrong.join() === '6,7')?.keySum,
      keySum,
      `scale ${scale}`,
    );
  }
});

test('too many wrong shares are refused as before', () => {
  const { shares } = createShares(2, 3);
  scramble(shares, 1);
  scramble(shares, 3);
  assert.throws(() => keySumCandidates({ shares, threshold: 2, bound: 1 }), { code: 'INCONSISTENT_SHARES' });
  shares.delete(2);
  assert.throws(() => keySumCandidates({ shares, threshold: 2, bound: 1 }), { code: 'BAD_SHARE' });
  shares.delete(1);
  assert.throws(() => keySumCandidates({ shares, threshold: 2, bound: 1 }), { code: 'TOO_FEW_SHARES' });
});
