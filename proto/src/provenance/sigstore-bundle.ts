// Sigstore bundles v0.3 (sigstore/protobuf-specs): a signed statement, the hint of the key that signed it, and the proof that it is
// in a log. Written as canonical JSON, which is one of the spellings that Sigstore's tools read.
import { z } from 'zod';
import { encodeBase64, parseBase64 } from '../base64.ts';
import { isEqualBytes, utf8, type Bytes } from '../bytes.ts';
import { parseCanonicalJson, toCanonicalBytes } from '../canonical-json.ts';
import { DIGEST_BYTES } from '../digest.ts';
import { digestSchema, type Digest } from '../identifiers.ts';
import { refuseUnless } from '../refusal.ts';
import { parseCheckpoint, type Checkpoint } from '../tlog/checkpoint.ts';
import {
  envelopeSchema,
  MAX_ENVELOPE_BYTES,
  parseEnvelopeDocument,
  toEnvelopeDocument,
  type Envelope,
} from '../tlog/dsse.ts';
import { parseNote } from '../tlog/note.ts';

/** Longest bundle that is read: an envelope, and a proof with its checkpoint. */
export const MAX_BUNDLE_BYTES = MAX_ENVELOPE_BYTES + (4 << 20);

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const KIND = { kind: 'hashedrekord', version: '0.0.2' } as const;
/** An inclusion proof has one hash for each level of a tree of less than 2^64 entries. */
const MAX_PROOF_HASHES = 64;

/** Where a statement is in a log. Nothing of it is verified until verifyBundle has been called. */
export interface BundledEntry {
  /** Counted from 0. */
  readonly index: bigint;
  /** 32 bytes (toLogId). */
  readonly logId: Bytes;
  /** The entry's bytes (encodeLeaf). */
  readonly leaf: Bytes;
  /** Hashes from the leaf's sibling up (RFC 9162 section 2.1.3), of the tree that the checkpoint signs. */
  readonly proof: readonly Bytes[];
  /** A signed note, with its cosignatures. */
  readonly checkpoint: string;
}

/** A statement that others verify. */
export interface SigstoreBundle {
  /** Hint of the key that signed the envelope (toKeyHint). */
  readonly keyHint: Digest;
  readonly envelope: Envelope;
  /** Absent where only the signature is vouched for. */
  readonly entry?: BundledEntry;
}

// Rekor's 64-bit integers are strings in JSON.
const integerSchema = z.string().regex(/^(0|[1-9][0-9]{0,19})$/);

const entrySchema = z.strictObject({
  canonicalizedBody: z.string(),
  inclusionProof: z.strictObject({
    checkpoint: z.strictObject({ envelope: z.string() }),
    hashes: z.array(z.string()).max(MAX_PROOF_HASHES),
    logIndex: integerSchema,
    rootHash: z.string(),
    treeSize: integerSchema,
  }),
  kindVersion: z.strictObject({ kind: z.literal(KIND.kind), version: z.literal(KIND.version) }),
  logId: z.strictObject({ keyId: z.string() }),
  logIndex: integerSchema,
});

const bundleSchema = z.strictObject({
  dsseEnvelope: envelopeSchema,
  mediaType: z.literal(MEDIA_TYPE),
  verificationMaterial: z.strictObject({
    publicKey: z.strictObject({ hint: digestSchema }),
    tlogEntries: z.array(entrySchema).max(1),
  }),
});

/** The bundle as canonical JSON. Throws a Refusal for an entry whose checkpoint is no signed checkpoint: a bug of the caller. */
export function encodeBundle({ keyHint, envelope, entry }: SigstoreBundle): Bytes {
  return toCanonicalBytes({
    dsseEnvelope: toEnvelopeDocument(envelope),
    mediaType: MEDIA_TYPE,
    verificationMaterial: {
      publicKey: { hint: keyHint },
      tlogEntries: entry ? [toEntryDocument(entry)] : [],
    },
  });
}

/** Parses what encodeBundle writes, up to MAX_BUNDLE_BYTES; refuses MALFORMED or BAD_CHECKPOINT. Verifies nothing. */
export function parseBundle(bytes: Bytes): SigstoreBundle {
  const parsed = bundleSchema.safeParse(parseCanonicalJson(bytes, 'bundle', MAX_BUNDLE_BYTES));
  refuseUnless(parsed.success, 'MALFORMED', 'bundle: not a Sigstore bundle v0.3 of a log entry with a key');
  const { dsseEnvelope, verificationMaterial } = parsed.data;
  const [entry] = verificationMaterial.tlogEntries;
  return {
    keyHint: verificationMaterial.publicKey.hint,
    envelope: parseEnvelopeDocument(dsseEnvelope),
    ...(entry && { entry: parseEntry(entry) }),
  };
}

function toEntryDocument(entry: BundledEntry): z.output<typeof entrySchema> {
  const { size, root } = checkpointOf(entry.checkpoint);
  const logIndex = String(entry.index);
  return {
    canonicalizedBody: encodeBase64(entry.leaf),
    inclusionProof: {
      checkpoint: { envelope: entry.checkpoint },
      hashes: entry.proof.map(encodeBase64),
      logIndex,
      rootHash: encodeBase64(root),
      treeSize: String(size),
    },
    kindVersion: KIND,
    logId: { keyId: encodeBase64(entry.logId) },
    logIndex,
  };
}

function parseEntry(document: z.output<typeof entrySchema>): BundledEntry {
  const { inclusionProof, logIndex } = document;
  const { envelope: checkpoint } = inclusionProof.checkpoint;
  const { size, root } = checkpointOf(checkpoint);
  // What is written twice is written the same: a reader of either place sees one proof.
  const isOne =
    inclusionProof.logIndex === logIndex &&
    inclusionProof.treeSize === String(size) &&
    isEqualBytes(parseHash(inclusionProof.rootHash, 'root'), root);
  refuseUnless(
    isOne,
    'MALFORMED',
    'bundle: the proof is of another tree than its checkpoint, or another index',
  );
  return {
    index: BigInt(logIndex),
    logId: parseHash(document.logId.keyId, 'log ID'),
    leaf: parseBase64(document.canonicalizedBody, 'bundle: entry'),
    proof: inclusionProof.hashes.map((hash) => parseHash(hash, 'proof')),
    checkpoint,
  };
}

/** What the note says, whoever signed it. */
function checkpointOf(note: string): Checkpoint {
  return parseCheckpoint(parseNote(utf8(note)).text);
}

function parseHash(text: string, what: string): Bytes {
  const hash = parseBase64(text, `bundle: ${what}`);
  refuseUnless(hash.length === DIGEST_BYTES, 'MALFORMED', `bundle: ${what} is not of ${DIGEST_BYTES} bytes`);
  return hash;
}
