// Ciphertexts of the simulation: each contribution is a one-hot vector, so that a 2 in the sum proves double counting and a
// missing 1 proves loss. Roots and checksums are real enough to be compared: SHA-256, and a linear form modulo q.
import {
  Q,
  sha256,
  toCanonicalBytes,
  toHex,
  type CanonicalValue,
  type Digest,
  type SiteId,
} from '@blindsum/proto';
import type { Aggregator, RoundId, SumTask } from '../../coordinator/src/ports.ts';
import type { Sum } from '../../coordinator/src/round/round.ts';

/** What a dishonest or broken coordinator does to a sum. */
export type Tampering = 'loses a member' | 'doubles a member';

export function hashOf(value: CanonicalValue): Digest {
  return toHex(sha256(toCanonicalBytes(value))) as Digest;
}

/** Root and, for the sum, content of what is in the coordinator's folder. Survives crashes. */
export class OneHotSums {
  readonly vectors = new Map<Digest, readonly number[]>();
  readonly #uploads = new Map<string, number>();
  readonly #sites: readonly SiteId[];

  constructor(sites: readonly SiteId[]) {
    this.#sites = sites;
  }

  /** The root of what `site` uploads for an attempt; uploading again gives the same. */
  upload(id: RoundId, site: SiteId): Digest {
    const place = toPlace(id, site);
    this.#uploads.set(place, this.#sites.indexOf(site));
    return hashOf(['ciphertext', place]);
  }

  add({ id, set }: SumTask, tampering?: Tampering): Sum {
    const vector = this.#sites.map(() => 0);
    for (const site of set.members) this.#count(vector, toPlace(id, site));
    const victim = this.#sites.indexOf(set.members[0] as SiteId);
    if (tampering) vector[victim] = tampering === 'loses a member' ? 0 : 2;
    const root = hashOf(['sum', set.root, vector]);
    this.vectors.set(root, vector);
    const checksum = (rep: number) => toResidue(dot(vector, weights(set.root, root, rep, vector.length)));
    return { root, checksums: [checksum(0), checksum(1)] };
  }

  /** h_i: what `site` adds to the checksums of the sum. */
  checksumsOf(site: SiteId, setRoot: Digest, sumRoot: Digest): [string, string] {
    const vector = this.#sites.map((other) => Number(other === site));
    const checksum = (rep: number) => toResidue(dot(vector, weights(setRoot, sumRoot, rep, vector.length)));
    return [checksum(0), checksum(1)];
  }

  #count(vector: number[], place: string): void {
    const index = this.#uploads.get(place);
    if (index === undefined) throw new Error(`${place} was committed to and never uploaded`);
    vector[index] = (vector[index] ?? 0) + 1;
  }
}

/** Sums that finish when the schedule says so. */
export class PendingSums implements Aggregator {
  readonly #sums: OneHotSums;
  readonly #tamper: (task: SumTask) => Tampering | undefined;
  #pending: { readonly task: SumTask; readonly resolve: (sum: Sum) => void }[] = [];

  constructor(sums: OneHotSums, tamper: (task: SumTask) => Tampering | undefined) {
    this.#sums = sums;
    this.#tamper = tamper;
  }

  get count(): number {
    return this.#pending.length;
  }

  sum(task: SumTask): Promise<Sum> {
    const { promise, resolve } = Promise.withResolvers<Sum>();
    this.#pending.push({ task, resolve });
    return promise;
  }

  /** Finishes one of those under way. */
  finish(index: number): void {
    const [done] = this.#pending.splice(index, 1);
    done?.resolve(this.#sums.add(done.task, this.#tamper(done.task)));
  }
}

function toPlace({ job, round, attempt }: RoundId, site: SiteId): string {
  return `${job}/${round}/${attempt}/${site}`;
}

const cache = new Map<string, readonly bigint[]>();

function weights(setRoot: Digest, sumRoot: Digest, rep: number, length: number): readonly bigint[] {
  const key = `${setRoot}/${sumRoot}/${rep}/${length}`;
  const known = cache.get(key) ?? createWeights(setRoot, sumRoot, rep, length);
  cache.set(key, known);
  return known;
}

function createWeights(setRoot: Digest, sumRoot: Digest, rep: number, length: number): bigint[] {
  return Array.from({ length }, (_, k) => BigInt(`0x${hashOf([setRoot, sumRoot, rep, k])}`) % Q);
}

function dot(vector: readonly number[], factors: readonly bigint[]): bigint {
  return vector.reduce((sum, value, k) => (sum + BigInt(value) * (factors[k] ?? 0n)) % Q, 0n);
}

function toResidue(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}
