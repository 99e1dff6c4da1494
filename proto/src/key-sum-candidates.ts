// The sum of keys in spite of wrong shares (PROTOCOL.md section 6, "apply"). One liar among more than T sites must not keep an
// opened set from its end; but which shares are wrong cannot always be told from the shares alone. What can be is tried: the
// residual check of decryption lets no wrong key sum pass, so that it decides between candidates.
import { Refusal } from './refusal.ts';
import { reconstructSum, type KeyShare, type ShareSet } from './shamir.ts';
import { locateWrongShares } from './share-errors.ts';

export interface KeySumCandidate {
  /** N centred coefficients. */
  readonly keySum: Int32Array;
  /** Roster indexes of the sites whose share is wrong if this is the sum of the keys; increasing. */
  readonly wrong: readonly number[];
}

/** Most sets of shares that are tried, about a millisecond each. */
const MAX_TRIALS = 2000;

/**
 * What the sum of the keys can be, the most likely first: the only candidate when all shares agree. Otherwise the sum without the
 * shares that decoding calls wrong, then the sums with |coefficients| <= bound on which at least `threshold` shares agree, fewest
 * wrong shares first, as far as MAX_TRIALS choices of wrong shares reach. Decoding alone may be misled: it is right only about
 * (shares - threshold) / 2 wrong shares, and more of them may lie together. Refuses as reconstructSum does when there is none.
 */
export function keySumCandidates(set: ShareSet): KeySumCandidate[] {
  try {
    return [{ keySum: reconstructSum(set), wrong: [] }];
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'INCONSISTENT_SHARES') throw error;
    const candidates = withoutShares(set, choicesOf(set));
    if (candidates.length === 0) throw error;
    return candidates;
  }
}

function locateWrong({ shares, threshold }: ShareSet): number[] | undefined {
  const points = [...shares].map(([x, share]) => ({ x, share })).sort((a, b) => a.x - b.x);
  return locateWrongShares(points, threshold);
}

/** The sums without one of `choices` of shares; a choice that contains one that was enough is left out. */
function withoutShares(set: ShareSet, choices: Iterable<number[]>): KeySumCandidate[] {
  const found: KeySumCandidate[] = [];
  let trials = 0;
  for (const wrong of choices) {
    if (++trials > MAX_TRIALS) break;
    if (found.some((candidate) => candidate.wrong.every((index) => wrong.includes(index)))) continue;
    const keySum = sumWithout(set, wrong);
    if (keySum) found.push({ keySum, wrong });
  }
  return found;
}

/** Choices of shares that leave `threshold` of them: first what decoding calls wrong, then all, the smallest first. */
function* choicesOf(set: ShareSet): Generator<number[]> {
  const located = locateWrong(set);
  if (located) yield located;
  const indexes = [...set.shares.keys()].sort((a, b) => a - b);
  for (let count = 1; count <= indexes.length - set.threshold; count++) yield* combinations(indexes, count);
}

function sumWithout(set: ShareSet, wrong: readonly number[]): Int32Array | undefined {
  const shares = new Map<number, KeyShare>([...set.shares].filter(([index]) => !wrong.includes(index)));
  try {
    return reconstructSum({ ...set, shares });
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Every choice of `count` of `items`, in lexicographic order. */
function* combinations(items: readonly number[], count: number): Generator<number[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (const [i, first] of items.entries()) {
    for (const others of combinations(items.slice(i + 1), count - 1)) yield [first, ...others];
  }
}
