// Sigstore's own verifier reads our bundles, with our log as its root of trust, and refuses what was changed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { encodeBase64, parseUtf8 } from '@blindsum/proto';
import {
  encodeBundle,
  encodeModelSignature,
  encodeModelStatement,
  encodeTrustedRoot,
  toKeyHint,
  type SigstoreBundle,
} from '@blindsum/proto/provenance';
import { createNoteKey } from '@blindsum/proto/tlog';
import {
  createRecordSigner,
  createSampleBundle,
  LOG_KEY,
  RECORD_SIGNER,
  seal,
} from '../../proto/src/provenance/bundled-records.fixture.ts';

const FOUNDED_MS = Date.UTC(2026, 0, 1);
const bundle = createSampleBundle();
const { entry, envelope } = bundle;

/** As a user of Sigstore's tools does: a trusted root from its file, the record key from a file of its own. */
function verify(bytes: Uint8Array, { logKey = LOG_KEY, entries = 1 } = {}) {
  const root = TrustedRoot.fromJSON(JSON.parse(parseUtf8(encodeTrustedRoot(logKey, FOUNDED_MS), 'root')));
  const recordKeys = { [bundle.keyHint]: { rawBytes: Buffer.from(RECORD_SIGNER.publicKeySpki) } };
  const trust = toTrustMaterial(root, recordKeys as never);
  const verifier = new Verifier(trust, { tlogThreshold: entries, timestampThreshold: 0 });
  verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(parseUtf8(bytes, 'bundle')))));
}

const refuses = (code: string, changed: SigstoreBundle, options?: Parameters<typeof verify>[1]) =>
  assert.throws(() => verify(encodeBundle(changed), options), { code });
const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

test("Sigstore's verifier accepts the bundle of every entry of a log", () => {
  for (const size of [1, 2, 3, 7, 8, 20])
    for (let index = 0; index < size; index++) verify(encodeBundle(createSampleBundle(index, size)));
});

test('it refuses another payload, and another signature', () => {
  const payload = createSampleBundle(5).envelope.payload;
  refuses('TLOG_BODY_ERROR', { ...bundle, envelope: { ...envelope, payload } });
  refuses('TLOG_BODY_ERROR', { ...bundle, envelope: seal(envelope.payload) });
  const forged = seal(envelope.payload, createRecordSigner());
  refuses('TLOG_BODY_ERROR', { ...bundle, envelope: forged });
});

test('it refuses a proof that was changed, of another place, and of another entry', () => {
  const proof = entry.proof.map((hash, i) => (i === 0 ? flip(hash, 0) : hash));
  refuses('TLOG_INCLUSION_PROOF_ERROR', { ...bundle, entry: { ...entry, proof } });
  refuses('TLOG_INCLUSION_PROOF_ERROR', { ...bundle, entry: { ...entry, index: 5n } });
  const { leaf } = createSampleBundle(5).entry;
  refuses('TLOG_INCLUSION_PROOF_ERROR', { ...bundle, entry: { ...entry, leaf } });
});

test('it refuses a checkpoint that was changed, and one of another log', () => {
  const checkpoint = entry.checkpoint.replace('\n7\n', '\n8\n');
  refuses('TLOG_INCLUSION_PROOF_ERROR', { ...bundle, entry: { ...entry, checkpoint } });
  const other = createNoteKey('other.example.org', LOG_KEY.publicKey);
  refuses('TLOG_INCLUSION_PROOF_ERROR', bundle, { logKey: other });
});

test('it refuses a bundle that is in no log where it wants one', () => {
  const { keyHint } = bundle;
  refuses('TLOG_ERROR', { keyHint, envelope });
});

test('it verifies model.sig with the key alone, and refuses one of other files', () => {
  const digest = 'cd'.repeat(32) as never;
  const statement = encodeModelStatement({ name: 'breast-cancer', files: [{ name: 'model.bsm', digest }] });
  const signed = seal(statement);
  const signature = encodeModelSignature(signed, RECORD_SIGNER.publicKeySpki);
  verify(signature, { entries: 0 });
  const files = [{ name: 'model.bsm', digest: 'ce'.repeat(32) as never }];
  const changed = encodeModelStatement({ name: 'breast-cancer', files });
  const text = parseUtf8(signature, 'test').replace(encodeBase64(statement), encodeBase64(changed));
  assert.throws(() => verify(new TextEncoder().encode(text), { entries: 0 }), { code: 'SIGNATURE_ERROR' });
});

test('a key that the verifier does not have is not looked for in the bundle', () => {
  const other = createRecordSigner();
  const signed = { ...bundle, keyHint: toKeyHint(other.publicKeySpki) };
  refuses('PUBLIC_KEY_ERROR', signed);
});
