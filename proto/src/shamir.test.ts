import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { test } from 'node:test';
import { N, P } from './parameter-set.ts';
import { toField } from './prime-field.ts';
import { Refusal, type RefusalCode } from './refusal.ts';
import { createInterpolation } from './share-interpolation.ts';
import { encodeShare, parseShare, reconstructSum, splitKey, sumShares, type KeyShare } from './shamir.ts';

function randomKey(): Int8Array {
  return Int8Array.from({ length: N }, () => randomInt(3) - 1);
}

/** The summed share of each site, for `keys`. */
function shareAll(keys: readonly Int8Array[], threshold: number, sites: number): Map<number, KeyShare> {
  const split = keys.map((coefficients) => splitKey({ coefficients, threshold, sites, random: randomBytes }));
  return new Map(
    Array.from({ length: sites }, (_, j) => [j + 1, sumShares(split.map((shares) => shares[j]!))]),
  );
}

function pick(shares: ReadonlyMap<number, KeyShare>, indexes: readonly number[]): Map<number, KeyShare> {
  return new Map(indexes.map((index) => [index, shares.get(index)!]));
}

function sumOf(keys: readonly Int8Array[]): Int32Array {
  return Int32Array.from({ length: N }, (_, i) => keys.reduce((sum, key) => sum + key[i]!, 0));
}

const refused = (code: RefusalCode, detail: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && detail.test(error.detail);

/** Adds `by` to element `place` of one share. */
function tamper(shares: Map<number, KeyShare>, index: number, place: number, by = 1): void {
  const share = shares.get(index)!.slice();
  share[place] = (share[place]! + by) % P;
  shares.set(index, share);
}

test('any T sites reconstruct the sum of the keys, in any order', () => {
  const keys = [randomKey(), randomKey(), randomKey()];
  const shares = shareAll(keys, 3, 5);
  for (const indexes of [
    [1, 2, 3],
    [5, 1, 4],
    [3, 4, 5],
    [2, 5, 3, 1],
    [1, 2, 3, 4, 5],
  ]) {
    // prettier-ignore
    assert.deepEqual(reconstructSum({ shares: pick(shares, indexes), threshold: 3, bound: 3 }), sumOf(keys));
  }
});

test('extreme sums of a full roster are recovered with their sign', () => {
  const all = new Int8Array(N).fill(1);
  const split = splitKey({ coefficients: all, threshold: 2, sites: 2, random: randomBytes });
  const shares = new Map(split.map((share, j) => [j + 1, sumShares(new Array<KeyShare>(1024).fill(share))]));
  assert.ok(reconstructSum({ shares, threshold: 2, bound: 1024 }).every((value) => value === 1024));
  const negated = new Map([...shares].map(([j, share]) => [j, share.map((value) => (P - value) % P)]));
  assert.ok(reconstructSum({ shares: negated, threshold: 2, bound: 1024 }).every((value) => value === -1024));
});

test('16 sites with threshold 11, and a threshold of one', () => {
  const keys = Array.from({ length: 4 }, randomKey);
  const shares = shareAll(keys, 11, 16);
  assert.deepEqual(reconstructSum({ shares, threshold: 11, bound: 4 }), sumOf(keys));
  const alone = shareAll([keys[0]!], 1, 1);
  assert.deepEqual(reconstructSum({ shares: alone, threshold: 1, bound: 1 }), sumOf([keys[0]!]));
});

test('T - 1 shares are consistent with every secret', () => {
  const shares = shareAll([randomKey()], 4, 7);
  const seen = [2, 5, 7];
  for (const secret of [-1, 0, 1]) {
    // The polynomial through the seen shares and this secret exists, and is a valid sharing of it.
    const assumed = { x: 0, share: new Uint16Array(N).fill(toField(secret)) };
    const shareAt = createInterpolation([assumed, ...seen.map((x) => ({ x, share: shares.get(x)! }))]);
    const forged = new Map([...pick(shares, seen), [1, shareAt(1)], [3, shareAt(3)]] as const);
    const opened = reconstructSum({ shares: forged, threshold: 4, bound: 1 });
    assert.ok(opened.every((value) => value === secret));
  }
});

test('T - 1 shares are uniform whatever the secret is', () => {
  // Over all values r of the one random coefficient, the share of site 1 takes each field element once: f(1) = s + r.
  for (const secret of [-1, 0, 1]) {
    const reached = new Set<number>();
    for (let start = 0; start < P; start += N) {
      const words = Uint16Array.from({ length: N }, (_, i) => Math.min(start + i, P - 1));
      const random = (n: number) => new Uint8Array(words.buffer, 0, n).slice();
      const coefficients = new Int8Array(N).fill(secret);
      for (const value of splitKey({ coefficients, threshold: 2, sites: 2, random })[0]!) reached.add(value);
    }
    assert.equal(reached.size, P);
  }
});

test('two sharings of the same key differ in every share', () => {
  const key = randomKey();
  const [one, other] = [shareAll([key], 2, 3), shareAll([key], 2, 3)];
  for (const j of [1, 2, 3]) assert.notDeepEqual(one.get(j), other.get(j));
});

test('random words outside the field are skipped, not reduced', () => {
  const calls: number[] = [];
  const random = (n: number): Uint8Array => {
    calls.push(n);
    const bytes = new Uint8Array(n);
    if (calls.length === 1) bytes.set([0xf1, 0xff, 0xf2, 0xff, 0xff, 0xff]);
    return bytes;
  };
  const shares = splitKey({ coefficients: new Int8Array(N), threshold: 2, sites: 2, random });
  assert.deepEqual(calls, [2 * N, 6]);
  assert.ok(shares.every((share) => share.every((value) => value === 0)));
});

test('too few shares are refused', () => {
  const shares = pick(shareAll([randomKey()], 3, 5), [1, 4]);
  assert.throws(
    () => reconstructSum({ shares, threshold: 3, bound: 1 }),
    refused('TOO_FEW_SHARES', /2 shares, 3 are needed/),
  );
});

test('with exactly T shares a wrong one shows in the size of the key sum', () => {
  const shares = pick(shareAll([randomKey()], 3, 5), [1, 2, 3]);
  tamper(shares, 2, 77);
  assert.throws(() => reconstructSum({ shares, threshold: 3, bound: 1 }), refused('BAD_SHARE', /beyond 1/));
});

test('with T + 1 shares a wrong one is detected, whichever it is, but cannot be told from the others', () => {
  for (const index of [1, 2, 3, 4]) {
    const shares = pick(shareAll([randomKey()], 3, 5), [1, 2, 3, 4]);
    tamper(shares, index, N - 1, P - 1);
    assert.throws(
      () => reconstructSum({ shares, threshold: 3, bound: 1 }),
      refused('INCONSISTENT_SHARES', /^4 shares do not lie on one polynomial of degree 2$/),
    );
  }
});

test('with T + 2 shares the site of a wrong one is named, whichever it is', () => {
  for (const index of [1, 2, 3, 4, 5]) {
    const shares = shareAll([randomKey(), randomKey()], 3, 5);
    tamper(shares, index, 0);
    tamper(shares, index, 4000, 65000);
    const wrongSite = new RegExp(`^wrong share of site ${index}: the other 4 shares agree$`);
    assert.throws(
      () => reconstructSum({ shares, threshold: 3, bound: 2 }),
      refused('INCONSISTENT_SHARES', wrongSite),
    );
  }
});

test('two liars at different coefficients are both named with T + 4 shares, and neither is with T + 3', () => {
  const shares = shareAll([randomKey()], 5, 9);
  tamper(shares, 3, 10);
  tamper(shares, 8, 11);
  const open = () => reconstructSum({ shares, threshold: 5, bound: 1 });
  assert.throws(open, refused('INCONSISTENT_SHARES', /^wrong share of site 3, 8: the other 7 shares agree$/));
  shares.delete(9);
  assert.throws(open, refused('INCONSISTENT_SHARES', /^8 shares do not lie/));
});

test('shares have one encoding', () => {
  const share = shareAll([randomKey()], 2, 2).get(1)!;
  share[0] = P - 1;
  const bytes = encodeShare(share);
  assert.equal(bytes.length, 8192);
  assert.deepEqual([...bytes.subarray(0, 2)], [0xf0, 0xff]);
  assert.deepEqual(parseShare(bytes), share);
  const unaligned = new Uint8Array(8193);
  unaligned.set(bytes, 1);
  assert.deepEqual(parseShare(unaligned.subarray(1)), share);
});

test('a share that is short, long or outside the field is refused', () => {
  const bytes = new Uint8Array(8192);
  assert.throws(() => parseShare(bytes.subarray(1)), refused('BAD_SHARE', /8191 bytes/));
  assert.throws(() => parseShare(new Uint8Array(8193)), refused('BAD_SHARE', /8193 bytes/));
  new DataView(bytes.buffer).setUint16(2 * 4095, P, true);
  assert.throws(() => parseShare(bytes), refused('BAD_SHARE', /element 4095/));
});

test('a key that is not ternary and an impossible threshold are our own bug, and the key is not in the message', () => {
  const coefficients = new Int8Array(N);
  const split = { coefficients, threshold: 2, sites: 3, random: randomBytes };
  for (const wrong of [{ threshold: 4 }, { threshold: 0 }, { threshold: 1.5 }, { sites: 1025 }]) {
    assert.throws(() => splitKey({ ...split, ...wrong }), RangeError);
  }
  coefficients[9] = 2;
  assert.throws(() => splitKey(split), {
    name: 'RangeError',
    message: 'a one-time key is 4096 ternary coefficients',
  });
});
