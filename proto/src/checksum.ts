// The linear checksum over a summed ciphertext (PROTOCOL.md section 5): each contributor signs h_i = Σ_k <r_k, c_{i,k}> mod q for a
// challenge r that is fixed only after the sum is; the sum C is complete exactly if Σ h_i = Σ_k <r_k, C_k>, but for chance 1/q.
import { concat, toUint32Bytes, type Bytes } from './bytes.ts';
import { sampleUniform, type KeyStream } from './common-polynomial.ts';
import { DIGEST_BYTES, domainDigest, sha256 } from './digest.ts';
import type { ModularKernel } from './kernel/modular-kernel.ts';
import { CHECKSUM_REPETITIONS, N, Q } from './parameter-set.ts';
import { Refusal, refuseUnless } from './refusal.ts';

/** What a checksum is about; its three digests have 32 bytes. */
export interface ChecksumSubject {
  readonly context: Bytes;
  /** Root of the contributor set. */
  readonly setRoot: Bytes;
  /** Root of the summed ciphertext. */
  readonly sumRoot: Bytes;
}

/** Accumulates the checksum of one ciphertext, chunk after chunk in any order, each chunk once. */
export interface Checksum {
  /** Adds chunk `k`: N coefficients < q in a buffer of the kernel. */
  addChunk(k: number, chunk: BigUint64Array): void;
  /** One value < q for each key. */
  values(): bigint[];
}

/** The challenge key of repetition `repetition` (0..CHECKSUM_REPETITIONS-1). */
export function checksumKey(subject: ChecksumSubject & { readonly repetition: number }): Bytes {
  const { context, setRoot, sumRoot, repetition } = subject;
  for (const digest of [context, setRoot, sumRoot]) {
    if (digest.length !== DIGEST_BYTES) throw new TypeError(`a digest of ${digest.length} bytes`);
  }
  if (!Number.isInteger(repetition) || repetition < 0 || repetition >= CHECKSUM_REPETITIONS) {
    throw new RangeError(`checksum repetition ${repetition}`);
  }
  return domainDigest('blindsum/v1/checksum', context, setRoot, sumRoot, Uint8Array.of(repetition));
}

/** The keys of all repetitions, in order. */
export function checksumKeys(subject: ChecksumSubject): Bytes[] {
  return Array.from({ length: CHECKSUM_REPETITIONS }, (_, repetition) =>
    checksumKey({ ...subject, repetition }),
  );
}

/** Writes r_k, the uniform challenge of chunk `k`, whose key SHA-256(key ‖ k) makes chunks independent of each other. */
export function checksumChallenge(stream: KeyStream, key: Bytes, k: number, out: BigUint64Array): void {
  if (key.length !== DIGEST_BYTES)
    throw new TypeError(`a checksum key has ${DIGEST_BYTES} bytes, not ${key.length}`);
  sampleUniform(stream, sha256(concat(key, toUint32Bytes(k))), out);
}

/** Challenges are used up at once, so one buffer serves all checksums of a kernel, whose buffers are never freed. */
const CHALLENGE_BUFFERS = new WeakMap<ModularKernel, BigUint64Array>();

/** A checksum under each of `keys`. The first one takes N coefficients of the kernel's memory. */
export function createChecksum(kernel: ModularKernel, stream: KeyStream, keys: readonly Bytes[]): Checksum {
  const challenge = CHALLENGE_BUFFERS.get(kernel) ?? kernel.allocate(N);
  CHALLENGE_BUFFERS.set(kernel, challenge);
  const sums = keys.map(() => 0n);
  return {
    addChunk(k, chunk) {
      for (const [i, key] of keys.entries()) {
        checksumChallenge(stream, key, k, challenge);
        sums[i] = (sums[i]! + kernel.dot(challenge, chunk)) % Q;
      }
    },
    values: () => [...sums],
  };
}

/** Whether the contributors' values (each < q) add up to `total` modulo q. */
export function isChecksumSum(contributions: readonly bigint[], total: bigint): boolean {
  return contributions.reduce((sum, value) => (sum + value) % Q, 0n) === total;
}

/** Refuses BAD_CHECKSUM unless the contributors' values add up to that of the sum: a contribution is missing, doubled or changed. */
export function verifyChecksum(contributions: readonly bigint[], total: bigint): void {
  const what = `the checksums of ${contributions.length} contributors do not add up to that of the sum`;
  refuseUnless(isChecksumSum(contributions, total), 'BAD_CHECKSUM', what);
}

/** A value 0 <= value < q as 16 lower-case hexadecimal digits. */
export function encodeChecksumValue(value: bigint): string {
  if (value < 0n || value >= Q) throw new RangeError('a checksum value is 0 <= value < q');
  return value.toString(16).padStart(16, '0');
}

/** Parses 16 lower-case hexadecimal digits of a value < q; refuses MALFORMED anything else. */
export function parseChecksumValue(text: string): bigint {
  if (!/^[0-9a-f]{16}$/.test(text))
    throw new Refusal('MALFORMED', 'checksum value: 16 lower-case hexadecimal digits expected');
  const value = BigInt(`0x${text}`);
  refuseUnless(value < Q, 'MALFORMED', 'checksum value: not below q');
  return value;
}
