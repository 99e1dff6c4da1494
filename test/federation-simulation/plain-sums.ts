// The coordinator's sums: real blobs of plain ciphertexts, added up when the schedule says so.
import { CHUNK_BYTES, N, PART_BYTES, parsePart, partCount, type Digest, type SiteId } from '@blindsum/proto';
import { createPartHasher } from '../../participant/src/encryption/ciphertext-file.ts';
import type { Aggregator, BlobName, BlobStore, RoundId, SumTask } from '../../coordinator/src/ports.ts';
import type { Sum } from '../../coordinator/src/round/round.ts';
import { addInto, bytesOf, checksumOf } from './plain-ciphertext.ts';

/** What a broken coordinator does to a sum. */
export type Tampering = 'loses a member' | 'doubles a member';

export interface SumRules {
  readonly blobs: BlobStore;
  readonly work: (what: string) => Promise<void>;
  readonly tamper: (task: SumTask) => Tampering | undefined;
}

export class PlainSums implements Aggregator {
  readonly #rules: SumRules;

  constructor(rules: SumRules) {
    this.#rules = rules;
  }

  async sum(task: SumTask): Promise<Sum> {
    const { blobs, work, tamper } = this.#rules;
    const { id, set, context } = task;
    await work(`sums ${id.round}-${id.attempt}`);
    const summands = bent(set.members, tamper(task));
    const sum = new BigUint64Array(task.chunks * N);
    for (const owner of summands)
      addInto(sum, await readCiphertext(blobs, { id, kind: 'ciphertext', owner }, task));
    const name = { id, kind: 'sum', owner: set.root } as const;
    const hasher = createPartHasher();
    for (let index = 0; index < partCount(task.chunks); index++) {
      const part = partOf(sum, index);
      // Of a sum that a crash interrupted, some parts are there.
      if ((await blobs.size(name)) === index * PART_BYTES)
        await blobs.append(name, index * PART_BYTES, bytesOf(part));
      hasher.add(part);
    }
    const root = hasher.root();
    return { root, checksums: checksumOf({ context, setRoot: set.root, sumRoot: root }, sum) };
  }
}

/** The coefficients of a ciphertext or a sum. */
export async function readCiphertext(
  blobs: BlobStore,
  name: BlobName,
  { chunks }: { readonly chunks: number },
): Promise<BigUint64Array> {
  const bytes = await blobs.read(name, 0, chunks * CHUNK_BYTES);
  const coefficients = new BigUint64Array(chunks * N);
  for (let index = 0; index < partCount(chunks); index++) {
    const at = index * PART_BYTES;
    const part = parsePart(bytes.slice(at, at + PART_BYTES), { index, chunks });
    coefficients.set(part, at / 8);
  }
  return coefficients;
}

/** A view of the part with this index. */
export function partOf(coefficients: BigUint64Array, index: number): BigUint64Array {
  return coefficients.subarray((index * PART_BYTES) / 8, ((index + 1) * PART_BYTES) / 8);
}

export function sumNameOf(id: RoundId, setRoot: Digest): BlobName {
  return { id, kind: 'sum', owner: setRoot };
}

function bent(members: readonly SiteId[], tampering: Tampering | undefined): readonly SiteId[] {
  switch (tampering) {
    case undefined:
      return members;
    case 'loses a member':
      return members.slice(1);
    case 'doubles a member':
      return [...members, members[0]!];
  }
}
