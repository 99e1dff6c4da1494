// A checkpoint: the global model of a published round, sealed by one site to every roster member (PROTOCOL.md section 6, catching up).
// The model is encrypted once, under a content key that is used for nothing else; the key is sealed to each member.
//
//   "BSC1" ‖ u32(members) ‖ u32(model bytes)
//   for each member in roster order: the content key, sealed as a share is
//   chunks of 1 MiB (the last may be shorter), each AES-256-GCM with its tag
//
// Chunks follow the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): the nonce is the chunk's number and a
// byte that marks the last one, so that chunks can be neither reordered nor left out.
import { concat, isEqualBytes, toHex, toUint32Bytes, utf8, type Bytes } from './bytes.ts';
import { domainDigest } from './digest.ts';
import { PART_BYTES } from './parameter-set.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import {
  nobleCiphers,
  open,
  seal,
  SEAL_OVERHEAD_BYTES,
  SEAL_RANDOM_BYTES,
  shareAssociatedData,
} from './share-sealing.ts';

/** What a checkpoint is bound to; it opens only under exactly the same. */
export interface CheckpointBinding {
  /** Context digest of the round that gave the model, 32 bytes. */
  readonly context: Bytes;
  /** Roster index of the site that seals, 1..n. */
  readonly sealer: number;
  /** Hash of the model, 32 bytes. */
  readonly modelHash: Bytes;
}

/** What its lengths follow from. */
export interface CheckpointShape {
  /** Roster size. */
  readonly members: number;
  /** Length of the encoded model. */
  readonly modelBytes: number;
}

export interface SealingTask {
  readonly binding: CheckpointBinding;
  /** X-Wing public keys in roster order. */
  readonly recipients: readonly Bytes[];
  /** The encoded model. */
  readonly model: Bytes;
  /** Fresh secret bytes from a CSPRNG; asked anew for the content key and for each seal. */
  readonly random: (length: number) => Bytes;
}

export interface CheckpointOpeningTask {
  readonly binding: CheckpointBinding;
  readonly shape: CheckpointShape;
  /** Roster index of the site that opens, 1..n. */
  readonly recipient: number;
  /** X-Wing secret key. */
  readonly secretKey: Bytes;
}

/** Exactly `length` bytes of the checkpoint from `offset`. */
export type ReadCheckpoint = (offset: number, length: number) => Bytes;

const TAG_BYTES = 16;
const CHUNK_PLAINTEXT_BYTES = PART_BYTES - TAG_BYTES;
const CONTENT_KEY_BYTES = 32;
const SEALED_KEY_BYTES = CONTENT_KEY_BYTES + SEAL_OVERHEAD_BYTES;
const MAGIC = utf8('BSC1');
const PREFIX_BYTES = MAGIC.length + 8;

/** Length of a checkpoint in bytes; the same for whoever seals it. */
export function checkpointBytes({ members, modelBytes }: CheckpointShape): number {
  return headerBytes(members) + modelBytes + chunkCount(modelBytes) * TAG_BYTES;
}

/** The checkpoint, piece by piece. The content key exists only while it is made. */
export function* sealCheckpoint(task: SealingTask, ciphers = nobleCiphers): Generator<Bytes> {
  const { binding, recipients, model, random } = task;
  const key = random(CONTENT_KEY_BYTES);
  try {
    yield encodePrefix({ members: recipients.length, modelBytes: model.length });
    for (const [i, recipient] of recipients.entries()) {
      const associatedData = keyAssociatedData(binding, i + 1);
      yield seal({ recipient, plaintext: key, associatedData, random: random(SEAL_RANDOM_BYTES) }, ciphers);
    }
    const associatedData = chunkAssociatedData(binding);
    const chunks = chunkCount(model.length);
    for (let index = 0; index < chunks; index++) {
      const plaintext = model.subarray(index * CHUNK_PLAINTEXT_BYTES, (index + 1) * CHUNK_PLAINTEXT_BYTES);
      yield ciphers.gcm(key, chunkNonce(index, chunks), associatedData).encrypt(plaintext);
    }
  } finally {
    key.fill(0);
  }
}

/**
 * The encoded model of a checkpoint, whose length the caller has checked. Refuses BAD_MODEL_CHECKPOINT what does not open
 * for this member, and a model with another hash: either is the sealer's fault once the bytes are the ones it signed for.
 */
export function openCheckpoint(
  task: CheckpointOpeningTask,
  read: ReadCheckpoint,
  ciphers = nobleCiphers,
): Bytes {
  const { binding, shape } = task;
  const isPrefix = isEqualBytes(read(0, PREFIX_BYTES), encodePrefix(shape));
  refuseUnless(isPrefix, 'BAD_MODEL_CHECKPOINT', 'the header is not that of a checkpoint of this job');
  const key = openContentKey(task, read, ciphers);
  const model = new Uint8Array(shape.modelBytes);
  try {
    openChunks({ key, ...task }, read, { model, ciphers });
  } finally {
    key.fill(0);
  }
  const isModel = isEqualBytes(domainDigest('blindsum/v1/model', model), binding.modelHash);
  refuseUnless(isModel, 'BAD_MODEL_CHECKPOINT', `it holds another model than ${toHex(binding.modelHash)}`);
  return model;
}

type Ciphers = typeof nobleCiphers;

function openContentKey(task: CheckpointOpeningTask, read: ReadCheckpoint, ciphers: Ciphers): Bytes {
  const { binding, recipient, secretKey } = task;
  const sealed = read(PREFIX_BYTES + (recipient - 1) * SEALED_KEY_BYTES, SEALED_KEY_BYTES);
  const associatedData = keyAssociatedData(binding, recipient);
  return asBadCheckpoint('the content key does not open', () =>
    open({ secretKey, sealed, associatedData }, ciphers),
  );
}

function openChunks(
  { key, binding, shape }: CheckpointOpeningTask & { readonly key: Bytes },
  read: ReadCheckpoint,
  { model, ciphers }: { readonly model: Bytes; readonly ciphers: Ciphers },
): void {
  const chunks = chunkCount(shape.modelBytes);
  const associatedData = chunkAssociatedData(binding);
  for (let index = 0; index < chunks; index++) {
    const at = index * CHUNK_PLAINTEXT_BYTES;
    const length = Math.min(CHUNK_PLAINTEXT_BYTES, shape.modelBytes - at) + TAG_BYTES;
    const sealed = read(headerBytes(shape.members) + index * PART_BYTES, length);
    const cipher = ciphers.gcm(key, chunkNonce(index, chunks), associatedData);
    model.set(
      asBadCheckpoint(`chunk ${index} does not open`, () => cipher.decrypt(sealed)),
      at,
    );
  }
}

function encodePrefix({ members, modelBytes }: CheckpointShape): Bytes {
  return concat(MAGIC, toUint32Bytes(members), toUint32Bytes(modelBytes));
}

function headerBytes(members: number): number {
  return PREFIX_BYTES + members * SEALED_KEY_BYTES;
}

function chunkCount(modelBytes: number): number {
  return Math.ceil(modelBytes / CHUNK_PLAINTEXT_BYTES);
}

/** Eleven bytes for the chunk's number, one that is 1 for the last chunk. */
function chunkNonce(index: number, chunks: number): Bytes {
  return concat(new Uint8Array(7), toUint32Bytes(index), Uint8Array.of(index === chunks - 1 ? 1 : 0));
}

function keyAssociatedData({ context, sealer, modelHash }: CheckpointBinding, recipient: number): Bytes {
  return shareAssociatedData({
    purpose: 'checkpoint',
    context,
    dealer: sealer,
    recipient,
    ciphertextRoot: modelHash,
  });
}

function chunkAssociatedData({ context, sealer, modelHash }: CheckpointBinding): Bytes {
  return concat(utf8('blindsum/v1/checkpoint-chunk\0'), context, toUint32Bytes(sealer), modelHash);
}

function asBadCheckpoint<T>(detail: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new Refusal('BAD_MODEL_CHECKPOINT', detail, { cause });
  }
}
