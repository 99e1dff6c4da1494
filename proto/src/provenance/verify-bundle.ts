// What a bundle proves to somebody who has the key of the log and the key that signs its records from a party of trust.
import { isEqualBytes, utf8, type Bytes } from '../bytes.ts';
import { Refusal, refuseUnless } from '../refusal.ts';
import type { VerifySignature } from '../signed-message.ts';
import { openCheckpoint, type Checkpoint } from '../tlog/checkpoint.ts';
import { IN_TOTO_PAYLOAD_TYPE, toPae, type Envelope } from '../tlog/dsse.ts';
import { parseLeaf } from '../tlog/hashed-rekord.ts';
import { hashLeaf, verifyInclusion } from '../tlog/merkle.ts';
import type { NoteKey } from '../tlog/note-key.ts';
import { verifyRecord, type VerifyRecordSignature } from '../tlog/record.ts';
import { toKeyHint, toLogId } from './key-hint.ts';
import type { BundledEntry, SigstoreBundle } from './sigstore-bundle.ts';

/** Keys that the verifier trusts, and the platform's verification. */
export interface BundleTrust {
  /** SubjectPublicKeyInfo of the P-256 key that signs records, as the log's charter names it. */
  readonly recordKey: Bytes;
  readonly verifyRecordSignature: VerifyRecordSignature;
  readonly logKey: NoteKey;
  readonly verifyCheckpointSignature: VerifySignature;
}

/** Refuses BAD_SIGNATURE unless the trusted key signed the envelope, and is the one that the bundle names. */
export function verifyBundleSignature(
  { keyHint, envelope }: SigstoreBundle,
  { recordKey, verifyRecordSignature }: Pick<BundleTrust, 'recordKey' | 'verifyRecordSignature'>,
): void {
  refuseUnless(keyHint === toKeyHint(recordKey), 'BAD_SIGNATURE', 'the bundle is signed by another key');
  const pae = toPae(IN_TOTO_PAYLOAD_TYPE, envelope.payload);
  const isValid = verifyRecordSignature(recordKey, pae, envelope.signature);
  refuseUnless(isValid, 'BAD_SIGNATURE', 'the signature of the bundle does not verify');
}

/**
 * The checkpoint of the tree that holds the statement. Refuses BAD_SIGNATURE, BAD_CHECKPOINT, BAD_PROOF, BAD_RECORD or MALFORMED:
 * another key or another log, an entry that is not in the tree or not that of the envelope, and BAD_PROOF a bundle without an entry.
 */
export function verifyBundle(bundle: SigstoreBundle, trust: BundleTrust): Checkpoint {
  const { entry, envelope } = bundle;
  if (!entry) throw new Refusal('BAD_PROOF', 'the bundle does not say where in the log it is');
  verifyBundleSignature(bundle, trust);
  const checkpoint = verifyEntry(entry, trust);
  verifyLeaf(entry.leaf, envelope, trust);
  return checkpoint;
}

function verifyEntry(
  { index, logId, leaf, proof, checkpoint: note }: BundledEntry,
  { logKey, verifyCheckpointSignature }: BundleTrust,
): Checkpoint {
  refuseUnless(isEqualBytes(logId, toLogId(logKey)), 'BAD_CHECKPOINT', 'the bundle is of another log');
  const checkpoint = openCheckpoint(utf8(note), logKey, verifyCheckpointSignature);
  const { size, root } = checkpoint;
  verifyInclusion({ index, size, leafHash: hashLeaf(leaf), proof, root });
  return checkpoint;
}

function verifyLeaf(
  entry: Bytes,
  envelope: Envelope,
  { recordKey, verifyRecordSignature }: BundleTrust,
): void {
  const leaf = parseLeaf(entry);
  const isTrusted = isEqualBytes(leaf.publicKeySpki, recordKey);
  refuseUnless(isTrusted, 'BAD_SIGNATURE', 'the log entry is signed by another key');
  verifyRecord({ envelope, leaf, verify: verifyRecordSignature });
}
