// A small log of records, and the bundle of one of them. The keys are made anew in every process.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createP256Signer } from '../../node/ecdsa-p256.ts';
import { createEd25519Signer, verifyEd25519 } from '../../node/ed25519.ts';
import { verifyP256 } from '../../node/ecdsa-p256.ts';
import { sha256 } from '../digest.ts';
import {
  createNoteKey,
  createRecord,
  encodeLeaf,
  encodeRecord,
  hashLeaf,
  inclusionProof,
  IN_TOTO_PAYLOAD_TYPE,
  merkleRoot,
  signCheckpoint,
  toPae,
} from '../tlog/index.ts';
import { toKeyHint, toLogId } from './key-hint.ts';
import type { SigstoreBundle } from './sigstore-bundle.ts';
import type { BundleTrust } from './verify-bundle.ts';

export const ORIGIN = 'log.example.org';
const DIGEST = 'ab'.repeat(32);
const checkpointSigner = createEd25519Signer(new Uint8Array(randomBytes(32)));
export const LOG_KEY = createNoteKey(ORIGIN, checkpointSigner.publicKey);
export const createRecordSigner = () =>
  createP256Signer(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
export const RECORD_SIGNER = createRecordSigner();

export const TRUST: BundleTrust = {
  recordKey: RECORD_SIGNER.publicKeySpki,
  verifyRecordSignature: verifyP256,
  logKey: LOG_KEY,
  verifyCheckpointSignature: verifyEd25519,
};

/** Signs a payload as records are signed. */
export function seal(payload: Uint8Array, signer = RECORD_SIGNER) {
  return { payload, signature: signer.sign(toPae(IN_TOTO_PAYLOAD_TYPE, payload)) };
}

/** The bundle of entry `index` of a log of `size` failed attempts. */
export function createSampleBundle(index = 4, size = 7) {
  const envelopes = Array.from({ length: size }, (_, i) => seal(encodeRecord(incident(i + 1))));
  const leaves = envelopes.map(toLeaf);
  const hashes = leaves.map(hashLeaf);
  const checkpoint = signCheckpoint(
    { origin: ORIGIN, size: BigInt(size), root: merkleRoot(hashes) },
    LOG_KEY,
    checkpointSigner.sign,
  );
  const entry = {
    index: BigInt(index),
    logId: toLogId(LOG_KEY),
    leaf: leaves[index]!,
    proof: inclusionProof(hashes, index),
    checkpoint,
  };
  const keyHint = toKeyHint(RECORD_SIGNER.publicKeySpki);
  return { keyHint, envelope: envelopes[index]!, entry } satisfies SigstoreBundle;
}

function incident(attempt: number) {
  const place = { job: 'breast-cancer', round: 3, attempt };
  const hashes = { context: DIGEST, rosterHash: DIGEST };
  return createRecord('incident', { ...place, ...hashes, reason: 'TOO_FEW_CONTRIBUTORS', excluded: [] });
}

function toLeaf({ payload, signature }: ReturnType<typeof seal>) {
  const paeDigest = sha256(toPae(IN_TOTO_PAYLOAD_TYPE, payload));
  return encodeLeaf({ paeDigest, signature, publicKeySpki: RECORD_SIGNER.publicKeySpki });
}
