import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUtf8, utf8 } from '../bytes.ts';
import { toCanonicalBytes, type CanonicalValue } from '../canonical-json.ts';
import type { RefusalCode } from '../refusal.ts';
import { createRecordSigner, createSampleBundle, LOG_KEY, seal, TRUST } from './bundled-records.fixture.ts';
import { encodePublicKeyPem, toKeyHint, toLogId } from './key-hint.ts';
import { encodeBundle, parseBundle, type SigstoreBundle } from './sigstore-bundle.ts';
import { verifyBundle, verifyBundleSignature } from './verify-bundle.ts';

const bundle = createSampleBundle();
const { entry, envelope } = bundle;
const encoded = parseUtf8(encodeBundle(bundle), 'bundle');

function refuses(code: RefusalCode, changed: SigstoreBundle, trust = TRUST) {
  assert.throws(() => verifyBundle(changed, trust), { name: 'Refusal', code });
}
const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

test('a bundle survives its encoding, and proves its record', () => {
  const { entry: parsedEntry, ...parsed } = parseBundle(utf8(encoded));
  assert.deepEqual(parsed.envelope.payload, new Uint8Array(envelope.payload));
  assert.equal(parsedEntry?.index, 4n);
  assert.equal(parseUtf8(encodeBundle({ ...parsed, entry: parsedEntry }), 'bundle'), encoded);
  const { size, origin } = verifyBundle(parseBundle(utf8(encoded)), TRUST);
  assert.deepEqual({ size, origin }, { size: 7n, origin: 'log.example.org' });
});

test('a bundle is spelled as Sigstore spells it: indexes are strings, and one signature', () => {
  const { mediaType, verificationMaterial, dsseEnvelope } = JSON.parse(encoded) as Record<string, object>;
  assert.equal(mediaType, 'application/vnd.dev.sigstore.bundle.v0.3+json');
  assert.deepEqual(Object.keys(dsseEnvelope!), ['payload', 'payloadType', 'signatures']);
  const { tlogEntries } = verificationMaterial as { tlogEntries: Record<string, unknown>[] };
  const [logged] = tlogEntries;
  assert.equal(logged?.['logIndex'], '4');
  assert.deepEqual(logged['kindVersion'], { kind: 'hashedrekord', version: '0.0.2' });
});

test('the ID of a log begins with the ID of its key', () => {
  assert.deepEqual(toLogId(LOG_KEY).slice(0, 4), LOG_KEY.keyId);
});

test('every entry of a log of any size has a bundle that verifies', () => {
  for (let size = 1; size <= 17; size++)
    for (let index = 0; index < size; index++)
      assert.equal(verifyBundle(createSampleBundle(index, size), TRUST).size, BigInt(size));
});

test('another payload, signature, key hint or key is refused', () => {
  refuses('BAD_SIGNATURE', { ...bundle, envelope: { ...envelope, payload: flip(envelope.payload, 9) } });
  refuses('BAD_SIGNATURE', { ...bundle, envelope: { ...envelope, signature: flip(envelope.signature, 20) } });
  refuses('BAD_SIGNATURE', { ...bundle, keyHint: 'ab'.repeat(32) as never });
  refuses('BAD_SIGNATURE', bundle, { ...TRUST, recordKey: createRecordSigner().publicKeySpki });
});

test('an entry of another record, place, tree or log is refused', () => {
  const other = createSampleBundle(5).entry;
  refuses('BAD_PROOF', { ...bundle, entry: { ...entry, leaf: other.leaf } });
  refuses('BAD_PROOF', { ...bundle, entry: { ...entry, index: 5n } });
  refuses('BAD_PROOF', { ...bundle, entry: { ...entry, proof: entry.proof.slice(1) } });
  refuses('BAD_PROOF', {
    ...bundle,
    entry: { ...entry, checkpoint: createSampleBundle(4, 6).entry.checkpoint },
  });
  refuses('BAD_CHECKPOINT', { ...bundle, entry: { ...entry, logId: flip(entry.logId, 0) } });
  refuses('BAD_SIGNATURE', {
    ...bundle,
    entry: { ...entry, checkpoint: entry.checkpoint.replace('\n7\n', '\n8\n') },
  });
});

test('a record that is not the one of its entry is refused, though its signer signed both', () => {
  refuses('BAD_RECORD', { ...bundle, envelope: seal(createSampleBundle(5).envelope.payload) });
});

test('an entry by another key is refused, whatever it proves', () => {
  const other = createRecordSigner();
  const changed = {
    ...bundle,
    keyHint: toKeyHint(other.publicKeySpki),
    envelope: seal(envelope.payload, other),
  };
  refuses('BAD_SIGNATURE', changed, { ...TRUST, recordKey: other.publicKeySpki });
});

test('a bundle without an entry vouches for its signature alone', () => {
  const { keyHint } = bundle;
  const unlogged = parseBundle(encodeBundle({ keyHint, envelope }));
  verifyBundleSignature(unlogged, TRUST);
  refuses('BAD_PROOF', unlogged);
});

test('a bundle of another form is refused', () => {
  const document = JSON.parse(encoded) as Record<string, CanonicalValue>;
  const spoilt: Record<string, string> = {
    'no JSON': encoded.slice(1),
    spaces: encoded.replace(':', ': '),
    'another version': encoded.replace('v0.3', 'v0.2'),
    'a field that is not known': parseUtf8(toCanonicalBytes({ ...document, extra: '' }), 'test'),
    'an index as a number': encoded.replaceAll('"logIndex":"4"', '"logIndex":4'),
    'an index with a zero before it': encoded.replaceAll('"logIndex":"4"', '"logIndex":"04"'),
    'two indexes': encoded.replace('"logIndex":"4"', '"logIndex":"5"'),
    'another size than the checkpoint': encoded.replace('"treeSize":"7"', '"treeSize":"8"'),
    'another root than the checkpoint': encoded.replace(
      /"rootHash":"[^"]*"/,
      `"rootHash":"${'A'.repeat(43)}="`,
    ),
    'a root that is too short': encoded.replace(/"rootHash":"[^"]*"/, '"rootHash":"AAAA"'),
    'a log ID that is too short': encoded.replace(/"keyId":"[^"]*"/, '"keyId":"AAAA"'),
    'two signatures': encoded.replace(/\{"sig":"[^"]*"\}/, '$&,$&'),
    'another kind of entry': encoded.replace('"kind":"hashedrekord"', '"kind":"dsse"'),
    'a proof that is too long': encoded.replace('"hashes":[', `"hashes":[${'"AAAA",'.repeat(64)}`),
  };
  for (const [what, text] of Object.entries(spoilt)) {
    assert.notEqual(text, encoded, what);
    assert.throws(() => parseBundle(utf8(text)), { name: 'Refusal', code: 'MALFORMED' }, what);
  }
});

test('a public key is written as PEM with lines of 64 characters', () => {
  const lines = encodePublicKeyPem(TRUST.recordKey).split('\n');
  assert.deepEqual(
    lines.map(({ length }) => length),
    [26, 64, 60, 24, 0],
  );
});
