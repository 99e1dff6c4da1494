// Checkpoints on disk (PROTOCOL.md section 6, catching up): sealed for all members, or opened by one. The model itself is in
// memory only; its file is written by whoever asked, once its hash is known to be right.
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  checkpointBytes,
  openCheckpoint,
  PART_BYTES,
  refuseUnless,
  sealCheckpoint,
  toDigestBytes,
  toHex,
  type Bytes,
  type CheckpointBinding,
  type CheckpointShape,
  type Digest,
} from '@blindsum/proto';
import { hashLeaf, nodeCiphers } from '@blindsum/proto/node';
import { appendLeaf, createMerkleFrontier, frontierRoot } from '@blindsum/proto/tlog';
import { createDurableFile } from './durable-file.ts';

/** A checkpoint and what it is bound to. */
export interface CheckpointTask {
  readonly path: string;
  /** Of the round that gave the model. */
  readonly context: Digest;
  readonly modelHash: Digest;
  /** Roster index of the site that seals, 1..n. */
  readonly sealer: number;
}

export interface CheckpointSealingTask extends CheckpointTask {
  /** X-Wing public keys in roster order. */
  readonly sharingKeys: readonly Bytes[];
  /** The encoded model. */
  readonly model: Bytes;
}

export interface CheckpointOpeningTask extends CheckpointTask, CheckpointShape {
  /** RFC 6962 root over the parts, as the sealer signed it. */
  readonly root: Digest;
  /** Roster index of this site. */
  readonly ownIndex: number;
  /** X-Wing secret key. */
  readonly secretKey: Bytes;
}

/** RFC 6962 root over the parts of what was sealed. */
export interface SealedFile {
  readonly root: Digest;
}

export interface OpenedModel {
  /** The encoded model, which has the hash that was asked for. */
  readonly model: Bytes;
}

/** Seals the model to a file that is there as a whole or not at all. The content key is used for this file only. */
export function sealCheckpointFile(task: CheckpointSealingTask): SealedFile {
  const { path, model, sharingKeys } = task;
  const file = createDurableFile(path);
  try {
    const sealing = { binding: bindingOf(task), recipients: sharingKeys, model, random: randomBytes };
    for (const piece of sealCheckpoint(sealing, nodeCiphers)) file.write(piece);
    file.commit();
  } finally {
    file.abandon();
  }
  return { root: partsRoot(path) };
}

/**
 * Opens a checkpoint. Refuses ROOT_MISMATCH a file that is not the one that was signed, which is not its sealer's fault, and
 * BAD_MODEL_CHECKPOINT one that is, and still does not open to the model.
 */
export function openCheckpointFile(task: CheckpointOpeningTask): OpenedModel {
  const { path, root, members, modelBytes, ownIndex, secretKey } = task;
  const shape = { members, modelBytes };
  return readingFile(path, (read, size) => {
    const isSigned = size === checkpointBytes(shape) && rootOf(read, size) === root;
    refuseUnless(isSigned, 'ROOT_MISMATCH', 'the checkpoint is not the one that was signed');
    const opening = { binding: bindingOf(task), shape, recipient: ownIndex, secretKey };
    return { model: openCheckpoint(opening, read, nodeCiphers) };
  });
}

/** RFC 6962 root over the 1 MiB parts of a file. */
export function partsRoot(path: string): Digest {
  return readingFile(path, rootOf);
}

type Read = (offset: number, length: number) => Bytes;

function rootOf(read: Read, size: number): Digest {
  let frontier = createMerkleFrontier();
  for (let at = 0; at < size; at += PART_BYTES)
    frontier = appendLeaf(frontier, hashLeaf(read(at, Math.min(PART_BYTES, size - at))));
  return toHex(frontierRoot(frontier)) as Digest;
}

function readingFile<T>(path: string, use: (read: Read, size: number) => T): T {
  const descriptor = openSync(path, 'r');
  try {
    return use((offset, length) => readFully(descriptor, offset, length), fstatSync(descriptor).size);
  } finally {
    closeSync(descriptor);
  }
}

function readFully(descriptor: number, offset: number, length: number): Bytes {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const count = readSync(descriptor, bytes, filled, length - filled, offset + filled);
    if (count === 0) throw new Error('a checkpoint became shorter while it was read');
    filled += count;
  }
  return bytes;
}

function bindingOf({ context, sealer, modelHash }: CheckpointTask): CheckpointBinding {
  return { context: toDigestBytes(context), sealer, modelHash: toDigestBytes(modelHash) };
}
