// Shamir sharing of one-time keys over F_p, p = 65521, all N coefficients at once (Shamir 1979; PROTOCOL.md section 4).
// Share j of a polynomial f is f(j), j = 1..sites; the secret is f(0). A sum of shares is a share of the sum.
import type { Bytes } from './bytes.ts';
import { MAX_SITES, N, P, SHARE_BYTES } from './parameter-set.ts';
import { addField, reduceField, toCentred, toField } from './prime-field.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { createInterpolation, type SharePoint } from './share-interpolation.ts';
import { locateWrongShares } from './share-errors.ts';

/** `n` bytes from a cryptographically secure generator. */
export type RandomBytes = (n: number) => Bytes;

/** N field elements, each < P: one site's share of one key, or of a sum of keys. */
export type KeyShare = Uint16Array;

export interface KeySplit {
  /** N coefficients, each -1, 0 or 1. */
  readonly coefficients: Int8Array | Int32Array;
  /** Shares needed to reconstruct, 1..sites. */
  readonly threshold: number;
  /** Roster size, 1..MAX_SITES. */
  readonly sites: number;
  /** Gives 8 KiB for each polynomial coefficient but the secret one, and a few bytes more. */
  readonly random: RandomBytes;
}

export interface ShareSet {
  /** The shares by the roster index (1..MAX_SITES) of their holder. */
  readonly shares: ReadonlyMap<number, KeyShare>;
  readonly threshold: number;
  /** Largest |coefficient| of an honest result: the number of keys in the sum. */
  readonly bound: number;
}

/** Splits a key: element j - 1 is the share of site j. RangeError for a wrong shape, without naming a coefficient. */
export function splitKey(split: KeySplit): KeyShare[] {
  const { coefficients, threshold, sites, random } = split;
  requireThreshold(threshold, sites);
  if (coefficients.length !== N || !coefficients.every((value) => Math.abs(value) <= 1)) {
    throw new RangeError(`a one-time key is ${N} ternary coefficients`);
  }
  const polynomial: Uint16Array[] = [Uint16Array.from(coefficients, toField)];
  while (polynomial.length < threshold) polynomial.push(sampleField(random));
  const shares = Array.from({ length: sites }, (_, i) => evaluate(polynomial, i + 1));
  for (const coefficient of polynomial) coefficient.fill(0);
  return shares;
}

/** The holder's share of the sum of keys: the sum of its shares of each. */
export function sumShares(shares: readonly KeyShare[]): KeyShare {
  const sum = new Uint16Array(N);
  for (const share of shares) {
    requireShareLength(share);
    for (let i = 0; i < N; i++) sum[i] = addField(sum[i]!, share[i]!);
  }
  return sum;
}

/**
 * The sum of keys that `threshold` or more summed shares determine: N centred coefficients, each |x| <= bound. Refuses
 * TOO_FEW_SHARES; INCONSISTENT_SHARES when they do not all lie on one polynomial, naming the sites whose share is wrong where
 * that can be told; BAD_SHARE when a coefficient is larger than an honest sum can be.
 */
export function reconstructSum(set: ShareSet): Int32Array {
  const { shares, threshold, bound } = set;
  requireThreshold(threshold, MAX_SITES);
  refuseUnless(shares.size >= threshold, 'TOO_FEW_SHARES', `${shares.size} shares, ${threshold} are needed`);
  const points = toPoints(shares);
  const sumAt = createInterpolation(points.slice(0, threshold));
  const isOnePolynomial = points.slice(threshold).every((point) => isEqualShare(sumAt(point.x), point.share));
  if (!isOnePolynomial) throw new Refusal('INCONSISTENT_SHARES', describeWrongShares(points, threshold));
  const sum = Int32Array.from(sumAt(0), toCentred);
  const isSmall = sum.every((value) => Math.abs(value) <= bound);
  refuseUnless(isSmall, 'BAD_SHARE', `the shares give a key sum with a coefficient beyond ${bound}`);
  return sum;
}

/** A share as SHARE_BYTES bytes: N little-endian 16-bit elements. */
export function encodeShare(share: KeyShare): Bytes {
  requireShareLength(share);
  const bytes = new Uint8Array(SHARE_BYTES);
  const view = new DataView(bytes.buffer);
  share.forEach((value, i) => view.setUint16(2 * i, value, true));
  return bytes;
}

/** Parses a share; refuses BAD_SHARE another length or an element >= P. */
export function parseShare(bytes: Bytes): KeyShare {
  refuseUnless(
    bytes.length === SHARE_BYTES,
    'BAD_SHARE',
    `share of ${bytes.length} bytes, not ${SHARE_BYTES}`,
  );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const share = Uint16Array.from({ length: N }, (_, i) => view.getUint16(2 * i, true));
  const outside = share.findIndex((value) => value >= P);
  refuseUnless(outside === -1, 'BAD_SHARE', `share whose element ${outside} is not in the field`);
  return share;
}

/** N uniform field elements from 16-bit little-endian words; words >= P are skipped. */
function sampleField(random: RandomBytes): Uint16Array {
  const elements = new Uint16Array(N);
  for (let filled = 0; filled < N;) {
    const bytes = random(2 * (N - filled));
    for (let at = 0; at + 1 < bytes.length && filled < N; at += 2) {
      const word = bytes[at]! | (bytes[at + 1]! << 8);
      if (word < P) elements[filled++] = word;
    }
    bytes.fill(0);
  }
  return elements;
}

/** Horner's rule; x <= 1024 keeps value·x + coefficient below 2^32. */
function evaluate(polynomial: readonly Uint16Array[], x: number): KeyShare {
  const share = new Uint16Array(N);
  for (const coefficient of polynomial.toReversed()) {
    for (let i = 0; i < N; i++) share[i] = reduceField(share[i]! * x + coefficient[i]!);
  }
  return share;
}

function toPoints(shares: ReadonlyMap<number, KeyShare>): SharePoint[] {
  for (const [index, share] of shares) {
    if (!Number.isInteger(index) || index < 1 || index > MAX_SITES)
      throw new RangeError(`site index ${index}`);
    requireShareLength(share);
  }
  return [...shares].map(([x, share]) => ({ x, share })).sort((a, b) => a.x - b.x);
}

function isEqualShare(a: KeyShare, b: KeyShare): boolean {
  return a.every((value, i) => value === b[i]);
}

function describeWrongShares(points: readonly SharePoint[], threshold: number): string {
  const wrong = locateWrongShares(points, threshold);
  if (wrong === undefined)
    return `${points.length} shares do not lie on one polynomial of degree ${threshold - 1}`;
  return `wrong share of site ${wrong.join(', ')}: the other ${points.length - wrong.length} shares agree`;
}

function requireThreshold(threshold: number, sites: number): void {
  const isValid = Number.isInteger(threshold) && threshold >= 1 && threshold <= sites;
  if (!isValid || !Number.isInteger(sites) || sites > MAX_SITES) {
    throw new RangeError(`threshold ${threshold} of ${sites} sites`);
  }
}

function requireShareLength(share: KeyShare): void {
  if (share.length !== N) throw new TypeError(`a share has ${N} elements, not ${share.length}`);
}
