// Proofs that somebody keeps of a record: a Sigstore bundle, or a .tlog-proof beside the record. Both say the same of one entry.
import { Refusal, refuseUnless, sha256, type Bytes } from '@blindsum/proto';
import { parseBundle, toKeyHint } from '@blindsum/proto/provenance';
import {
  encodeLeaf,
  IN_TOTO_PAYLOAD_TYPE,
  parseEnvelope,
  parseLeaf,
  parseTlogProof,
  toPae,
  type Envelope,
  type TlogProof,
} from '@blindsum/proto/tlog';

/** What was handed over. Nothing of it is trusted. */
export interface ProofFiles {
  /** A bundle, or a .tlog-proof. */
  readonly proof: Bytes;
  /** The record (records/<digest>.json of a log), which a .tlog-proof needs and a bundle has inside. */
  readonly record?: Bytes;
}

/** A proof of valid form, of which nothing is verified. */
export interface HeldProof {
  readonly envelope: Envelope;
  /** The entry that is proved to be in the log. */
  readonly leaf: Bytes;
  /** Of the key that signed the record, as the proof says; a .tlog-proof says nothing of it. */
  readonly signerSpki: Bytes;
  readonly proof: TlogProof;
  /** Sigstore's name of the log; a .tlog-proof has none. */
  readonly logId?: Bytes;
}

/**
 * Opens either format. `recordKey` (SubjectPublicKeyInfo) signs the records of the log; without it the key that a bundle brings is
 * taken. Refuses MALFORMED, BAD_CHECKPOINT, BAD_SIGNATURE (a bundle of another key), BAD_PROOF (a bundle of no entry), or
 * CONFIG_INVALID for a .tlog-proof without its record or the key.
 */
export function openProof({ proof, record }: ProofFiles, recordKey?: Bytes): HeldProof {
  return proof[0] === '{'.charCodeAt(0)
    ? openBundle(proof, recordKey)
    : openTlogProof(proof, record, recordKey);
}

function openBundle(bytes: Bytes, recordKey?: Bytes): HeldProof {
  const { envelope, entry, keyHint } = parseBundle(bytes);
  if (!entry) throw new Refusal('BAD_PROOF', 'the bundle does not say where in the log it is');
  const { leaf, index, proof: hashes, checkpoint, logId } = entry;
  const signerSpki = recordKey ?? parseLeaf(leaf).publicKeySpki;
  refuseUnless(keyHint === toKeyHint(signerSpki), 'BAD_SIGNATURE', 'the bundle is signed by another key');
  return { envelope, leaf, signerSpki, logId, proof: { index, hashes, checkpoint } };
}

function openTlogProof(bytes: Bytes, record?: Bytes, recordKey?: Bytes): HeldProof {
  const proof = parseTlogProof(bytes);
  if (!record) throw new Refusal('CONFIG_INVALID', 'a .tlog-proof needs its record: give it with --record');
  if (!recordKey)
    throw new Refusal(
      'CONFIG_INVALID',
      'a .tlog-proof needs the key of the records: give it with --record-key',
    );
  const envelope = parseEnvelope(record);
  const paeDigest = sha256(toPae(IN_TOTO_PAYLOAD_TYPE, envelope.payload));
  const leaf = encodeLeaf({ paeDigest, signature: envelope.signature, publicKeySpki: recordKey });
  return { envelope, leaf, signerSpki: recordKey, proof };
}
