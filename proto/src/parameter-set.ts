// Parameter set bs1 (PROTOCOL.md section 2).

/** Ring degree: coefficients per ciphertext chunk. */
export const N = 4096;
/** The 60-bit prime modulus, SEAL's CoeffModulus.Create(4096, [60]). */
export const Q = 1152921504606830593n;
/** Shamir field for key coefficients: |sum of ternary coefficients| <= MAX_SITES < P / 2. */
export const P = 65521;
/** Bound on one error coefficient: SEAL's centred binomial distribution. */
export const ERROR_BOUND = 21;
/** Largest roster. */
export const MAX_SITES = 1024;
/** Bytes of one chunk on the wire: N little-endian 64-bit coefficients. */
export const CHUNK_BYTES = N * 8;
/** Bytes of one full ciphertext part: 32 chunks. Only the last part of an update may be shorter. */
export const PART_BYTES = 1 << 20;
export const CHUNKS_PER_PART = PART_BYTES / CHUNK_BYTES;
/** Bytes of one share of a one-time key: N 16-bit field elements. */
export const SHARE_BYTES = N * 2;
/** Independent repetitions of the linear checksum; each misses a wrong sum with probability about 2^-60. */
export const CHECKSUM_REPETITIONS = 2;

/**
 * k such that the plaintext modulus is t = 2^k. The largest with t·(21·sites+1) < q/2, which makes a decryption failure
 * impossible, and with (42·sites+1)·t <= 0.9·q, so that the residuals of a random chunk all look honest with probability at
 * most 0.9^4096 < 2^-600 (PROTOCOL.md section 2). `sites` is the roster size, 1..MAX_SITES.
 */
export function plainBits(sites: number): number {
  if (!Number.isInteger(sites) || sites < 1 || sites > MAX_SITES)
    throw new RangeError(`roster size ${sites} is not in 1..${MAX_SITES}`);
  const withoutFailure = Q / (2n * BigInt(ERROR_BOUND * sites + 1));
  const withDetection = (9n * Q) / (10n * BigInt(2 * ERROR_BOUND * sites + 1));
  const limit = withDetection < withoutFailure ? withDetection : withoutFailure;
  return limit.toString(2).length - 1;
}

/** Largest residual |E| that an honest sum over `contributors` can show. */
export function residualBound(contributors: number): number {
  return ERROR_BOUND * contributors;
}
