// The site's encryption without any: real files, roots, records and proofs around plaintext. A share sum opens a sum only if it
// is the sum of the keys in it, as in the real thing. Checkpoints are real.
import {
  concat,
  N,
  packedChunks,
  packingLayout,
  PART_BYTES,
  partCount,
  refuseUnless,
  SEALED_SHARE_BYTES,
  toDigestBytes,
  toHex,
  utf8,
  type Bytes,
  type Digest,
  type KeyShare,
  type OpenedSum,
} from '@blindsum/proto';
import { hashLeaf } from '@blindsum/proto/node';
import { merkleRoot, verifyInclusion } from '@blindsum/proto/tlog';
import {
  createPartHasher,
  readParts,
  type CiphertextFile,
} from '../../participant/src/encryption/ciphertext-file.ts';
import { openCheckpointFile, partsRoot } from '../../participant/src/encryption/checkpoint-file.ts';
import { createDurableFile } from '../../participant/src/encryption/durable-file.ts';
import type { Encryptor } from '../../participant/src/encryption/encryptor.ts';
import type { ReceivedRecord, SealedBundle } from '../../participant/src/encryption/key-shares.ts';
import { quantisePayload } from '../../participant/src/encryption/payload.ts';
import type { EncryptedUpdate, EncryptionTask } from '../../participant/src/encryption/update-encryptor.ts';
import { bytesOf, checksumOf, decodeSum, encodeContribution, type PlainSum } from './plain-ciphertext.ts';
import { partOf } from './plain-sums.ts';
import { sealCheckpointFrom } from './sealed-checkpoints.ts';

/** What a site does otherwise than it should; each is honest unless given. */
export interface PlainRules {
  /** For an encryption of this site in a round: a number that no other encryption gets, below 2^40. */
  readonly nextKey: (context: Digest) => number;
  /** Lets the schedule say when work has been done. */
  readonly work: (what: string) => Promise<void>;
  /** True for an encryption whose shares do not open. */
  readonly dealsBadShares: (context: Digest) => boolean;
  /** True for a sum that this site gets wrong. */
  readonly misreads: (context: Digest) => boolean;
  /** Told of every sum that was opened. */
  readonly onOpened: (sum: PlainSum, contributors: number) => void;
}

/** One task after another reads through it. */
const buffer = new BigUint64Array(PART_BYTES / 8);

export class PlainEncryptor implements Encryptor {
  readonly #rules: PlainRules;

  constructor(rules: PlainRules) {
    this.#rules = rules;
  }

  async encrypt(task: EncryptionTask): Promise<EncryptedUpdate> {
    await this.#rules.work('encrypts');
    const { header, biased } = quantisePayload(task.payload, task.bits);
    const packing = packingLayout({ bits: task.bits, sites: task.capacity });
    const chunks = 1 + packedChunks(packing, biased.length);
    const key = this.#rules.nextKey(task.context);
    const contribution = { site: task.ownIndex, key, header, values: biased };
    const coefficients = encodeContribution(chunks, contribution);
    const hasher = createPartHasher();
    for (let index = 0; index < partCount(chunks); index++) hasher.add(partOf(coefficients, index));
    const ciphertextRoot = hasher.root();
    const isBad = this.#rules.dealsBadShares(task.context);
    const bundle = sealBundle(task, { key, bound: isBad ? 'nothing' : `${task.context} ${ciphertextRoot}` });
    const ciphertext = createDurableFile(task.files.ciphertext);
    const shares = createDurableFile(task.files.shares);
    try {
      ciphertext.write(bytesOf(coefficients));
      shares.write(bundle.bytes);
      ciphertext.commit();
      shares.commit();
      return { ciphertextRoot, chunks, shareRoot: bundle.root };
    } finally {
      ciphertext.abandon();
      shares.abandon();
    }
  }

  async checksum(task: Parameters<Encryptor['checksum']>[0]) {
    await this.#rules.work('computes a checksum');
    return checksumOf(task, readCiphertext(task.file));
  }

  async openShares({ context, ownIndex, sites, shares }: Parameters<Encryptor['openShares']>[0]) {
    await this.#rules.work('opens its shares');
    const keys = shares.map((share) => {
      const bound = `${context} ${share.ciphertextRoot}`;
      return openRecord({ ownIndex, sites, bound }, share);
    });
    const badDealers = shares.filter((_, i) => keys[i] === undefined).map(({ from }) => from);
    if (badDealers.length > 0) return { badDealers };
    return { badDealers, sum: toShare(keys.reduce<number>((sum, key) => sum + key!, 0)) };
  }

  async sealOpening({ context, setRoot, sum, ...roster }: Parameters<Encryptor['sealOpening']>[0]) {
    return sealBundle(roster, { key: fromShare(sum), bound: `${context} ${setRoot}` });
  }

  async reconstructKey(task: Parameters<Encryptor['reconstructKey']>[0]) {
    await this.#rules.work('reconstructs the key sum');
    const { ownIndex, sites, threshold, context, setRoot, openings } = task;
    const keys = openings.map((opening) =>
      openRecord({ ownIndex, sites, bound: `${context} ${setRoot}` }, opening),
    );
    const good = keys.filter((key) => key !== undefined);
    refuseUnless(good.length >= threshold, 'TOO_FEW_SHARES', `${good.length} openings of ${threshold}`);
    refuseUnless(new Set(good).size === 1, 'INCONSISTENT_SHARES', 'the share sums differ');
    const badOpeners = openings.filter((_, i) => keys[i] === undefined).map(({ from }) => from);
    const keySum = Int32Array.from(toShare(good[0]!).subarray(0, 4));
    return { candidates: [{ keySum, wrong: [] }], badOpeners };
  }

  async decrypt(task: Parameters<Encryptor['decrypt']>[0]): Promise<OpenedSum> {
    await this.#rules.work('decrypts the sum');
    const { layout, contributors, keySum } = task;
    const chunks = 1 + packedChunks(packingLayout(layout), layout.values);
    const sum = decodeSum(readCiphertext({ ...task.sum, chunks }), layout.sites);
    refuseUnless(sum.key === fromShare(keySum), 'BAD_RESIDUAL', 'the key sum is not that of the sum');
    this.#rules.onOpened(sum, contributors);
    const { headerIntegers, values } = layout;
    const header = sum.values.slice(0, headerIntegers);
    if (this.#rules.misreads(task.context)) header[0]!++;
    const opened = sum.values.slice(headerIntegers, headerIntegers + values);
    return { header, values: Float64Array.from(opened), contributors };
  }

  async sealCheckpoint(task: Parameters<Encryptor['sealCheckpoint']>[0]) {
    await this.#rules.work('seals a checkpoint');
    return sealCheckpointFrom(task, this.#rules.nextKey(task.context));
  }

  async openCheckpoint(task: Parameters<Encryptor['openCheckpoint']>[0]) {
    await this.#rules.work('opens a checkpoint');
    return openCheckpointFile(task);
  }

  async checkpointRoot(path: string) {
    return { root: partsRoot(path) };
  }

  async close(): Promise<void> {}
}

function readCiphertext(file: CiphertextFile): BigUint64Array {
  const coefficients = new BigUint64Array(file.chunks * N);
  for (const part of readParts(file, buffer)) coefficients.set(part.coefficients, part.firstChunk * N);
  return coefficients;
}

/** What a record holds, and what it is bound to. */
interface Sealed {
  readonly key: number;
  readonly bound: string;
}

function sealBundle(
  { sharingKeys, ownIndex }: { readonly sharingKeys: readonly Bytes[]; readonly ownIndex: number },
  { key, bound }: Sealed,
): SealedBundle {
  const records = sharingKeys.map((_, i) => {
    const record = new Uint8Array(SEALED_SHARE_BYTES);
    record.set(utf8(`${key}|${bound}|${ownIndex}|${i + 1}|`));
    return record;
  });
  return { bytes: concat(...records), root: toHex(merkleRoot(records.map(hashLeaf))) as Digest };
}

interface Expected {
  readonly ownIndex: number;
  readonly sites: number;
  readonly bound: string;
}

/** The key in a record, or undefined if it is not what it should be. */
function openRecord({ ownIndex, sites, bound }: Expected, record: ReceivedRecord): number | undefined {
  const { from, bundleRoot, sealed, proof } = record;
  verifyInclusion({
    index: BigInt(ownIndex - 1),
    size: BigInt(sites),
    leafHash: hashLeaf(sealed),
    proof,
    root: toDigestBytes(bundleRoot),
  });
  const text = Buffer.from(sealed.buffer, sealed.byteOffset, 256).toString('latin1');
  const [key, ...context] = text.split('|');
  return context.slice(0, 3).join() === [bound, from, ownIndex].join() ? Number(key) : undefined;
}

/** In words of 16 bits, the low ones first. */
function toShare(key: number): KeyShare {
  const share = new Uint16Array(N);
  for (let i = 0, left = key; i < 4; i++, left = Math.floor(left / 65536)) share[i] = left % 65536;
  return share;
}

function fromShare(share: ArrayLike<number>): number {
  return share[0]! + 65536 * (share[1]! + 65536 * (share[2]! + 65536 * share[3]!));
}
