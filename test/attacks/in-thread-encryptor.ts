// The site's encryption without a worker thread: the same functions, called one after another. It keeps what a test compares
// with, and lets a test play a dishonest dealer or opener.
import { readFileSync, writeFileSync } from 'node:fs';
import {
  concat,
  SEALED_SHARE_BYTES,
  toHex,
  type Bytes,
  type Digest,
  type KeyShare,
  type OpenedSum,
} from '@blindsum/proto';
import { hashLeaf } from '@blindsum/proto/node';
import { merkleRoot } from '@blindsum/proto/tlog';
import {
  openCheckpointFile,
  partsRoot,
  sealCheckpointFile,
  type CheckpointSealingTask,
} from '../../participant/src/encryption/checkpoint-file.ts';
import type { Encryptor } from '../../participant/src/encryption/encryptor.ts';
import { fileChecksum } from '../../participant/src/encryption/file-checksum.ts';
import {
  openShares,
  reconstructKey,
  sealOpening,
  type OpeningTask,
} from '../../participant/src/encryption/key-shares.ts';
import { quantisePayload, type QuantisedPayload } from '../../participant/src/encryption/payload.ts';
import { decryptSum } from '../../participant/src/encryption/sum-decryptor.ts';
import {
  encryptUpdate,
  type EncryptedUpdate,
  type EncryptionTask,
} from '../../participant/src/encryption/update-encryptor.ts';

/** What a dishonest site does; each is honest unless given. */
export interface Dishonesty {
  /** Replaces the sealed shares that this site deals, one for each member in roster order. */
  readonly deal?: (records: readonly Bytes[]) => readonly Bytes[];
  /** Replaces the whole contribution: changes the files, and returns what to commit to. */
  readonly contribute?: (own: EncryptedUpdate, files: EncryptionTask['files']) => EncryptedUpdate;
  /** Replaces the share sum that this site opens with. */
  readonly release?: (sum: KeyShare) => KeyShare;
  /** Changes what this site seals for sites that were away. */
  readonly sealModel?: (task: CheckpointSealingTask) => Partial<CheckpointSealingTask>;
}

/** Sums that were opened, by all that determines the result: the same file under the same key is opened once. */
export type OpenedSums = Map<string, Promise<OpenedSum>>;

const ignore = () => undefined;

export class InThreadEncryptor implements Encryptor {
  /** What was encrypted, in order. The tests' values lie on the quantisation's grid, so that rounding changes nothing. */
  readonly payloads: QuantisedPayload[] = [];
  /** What was opened, in order. */
  readonly opened: OpenedSum[] = [];
  readonly #dishonesty: Dishonesty;
  readonly #shared: OpenedSums;

  constructor(dishonesty: Dishonesty = {}, shared: OpenedSums = new Map()) {
    this.#dishonesty = dishonesty;
    this.#shared = shared;
  }

  async encrypt(task: EncryptionTask) {
    this.payloads.push(quantisePayload(task.payload, task.bits));
    const encrypted = await encryptUpdate(task, ignore);
    const { contribute, deal } = this.#dishonesty;
    if (contribute) return contribute(encrypted, task.files);
    return deal ? { ...encrypted, shareRoot: replaceRecords(task.files.shares, deal) } : encrypted;
  }

  async checksum(task: Parameters<Encryptor['checksum']>[0]) {
    return fileChecksum(task, ignore);
  }

  async decrypt(task: Parameters<Encryptor['decrypt']>[0]) {
    const key = [task.context, task.sum.root, task.keySum, task.contributors].join();
    const opening = this.#shared.get(key) ?? decryptSum(task, ignore);
    this.#shared.set(key, opening);
    const opened = await opening;
    this.opened.push(opened);
    return opened;
  }

  async openShares(task: Parameters<Encryptor['openShares']>[0]) {
    return openShares(task);
  }

  async sealOpening(task: OpeningTask) {
    const { release } = this.#dishonesty;
    return sealOpening(release ? { ...task, sum: release(task.sum) } : task);
  }

  async reconstructKey(task: Parameters<Encryptor['reconstructKey']>[0]) {
    return reconstructKey(task);
  }

  async sealCheckpoint(task: CheckpointSealingTask) {
    const { sealModel } = this.#dishonesty;
    return sealCheckpointFile(sealModel ? { ...task, ...sealModel(task) } : task);
  }

  async openCheckpoint(task: Parameters<Encryptor['openCheckpoint']>[0]) {
    return openCheckpointFile(task);
  }

  async checkpointRoot(path: string) {
    return { root: partsRoot(path) };
  }

  async close() {}
}

/** The sealed records of a bundle, in roster order. */
export function recordsOf(bundle: Bytes): Bytes[] {
  const count = bundle.length / SEALED_SHARE_BYTES;
  return Array.from({ length: count }, (_, i) =>
    bundle.slice(i * SEALED_SHARE_BYTES, (i + 1) * SEALED_SHARE_BYTES),
  );
}

function replaceRecords(path: string, deal: NonNullable<Dishonesty['deal']>): Digest {
  const records = deal(recordsOf(readFileSync(path)));
  writeFileSync(path, concat(...records));
  return toHex(merkleRoot(records.map(hashLeaf))) as Digest;
}
