// What identifies one attempt of one round, and the context that every message of it is bound to (PROTOCOL.md section 3).
import { concat, parseHex, toHex, toUint32Bytes, utf8, type Bytes } from './bytes.ts';
import { DIGEST_BYTES, domainDigest } from './digest.ts';
import type { Digest, JobId } from './identifiers.ts';

/** Round 0 sums statistics, rounds 1..R train, round R+1 evaluates the final model. */
export type RoundKind = 'statistics' | 'training' | 'evaluation';

export interface RoundTerms {
  readonly federation: string;
  readonly job: JobId;
  /** 0..R+1. */
  readonly round: number;
  /** 1 and up: a round that failed before anything was opened is attempted again, with fresh keys. */
  readonly attempt: number;
  readonly baseModelHash: Digest;
  readonly manifestHash: Digest;
  readonly rosterHash: Digest;
}

/**
 * ctx, in hexadecimal. Names are prefixed with their length, so that no two sets of terms give the same bytes.
 * A coordinator that shows two sites different models, manifests or rosters gets sums that do not open.
 */
export function roundContext(terms: RoundTerms): Digest {
  const digest = domainDigest(
    'blindsum/v1/context',
    lengthPrefixed(terms.federation),
    lengthPrefixed(terms.job),
    toUint32Bytes(terms.round),
    toUint32Bytes(terms.attempt),
    ...[terms.baseModelHash, terms.manifestHash, terms.rosterHash].map((hash) => toDigestBytes(hash)),
  );
  return toHex(digest) as Digest;
}

/** The kind of round number `round` in a job of `rounds` training rounds. */
export function roundKind(round: number, rounds: number): RoundKind {
  if (!Number.isInteger(round) || round < 0 || round > rounds + 1)
    throw new RangeError(`round ${round} is not in 0..${rounds + 1}`);
  if (round === 0) return 'statistics';
  return round <= rounds ? 'training' : 'evaluation';
}

/** The 32 bytes of a digest. */
export function toDigestBytes(digest: Digest): Bytes {
  return parseHex(digest, DIGEST_BYTES, 'digest');
}

function lengthPrefixed(text: string): Bytes {
  const bytes = utf8(text);
  return concat(toUint32Bytes(bytes.length), bytes);
}
