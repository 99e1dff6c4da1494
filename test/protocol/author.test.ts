// The signature of a job's author, and the vectors of documents that people and sites sign about a job.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  authorFingerprint,
  authorPseudonym,
  encodeManifest,
  encodeSignedManifest,
  parseManifest,
  parseSignedManifest,
  signingBytes,
  utf8,
  verifyAuthor,
  withdrawalCodec,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import {
  createTestFederation,
  createTestManifest,
  signTestManifest,
  TEST_AUTHOR,
} from '../fixtures/federation.ts';

const manifest = createTestManifest(createTestFederation().roster);
const signed = signTestManifest(manifest);

test('a manifest is its author’s, byte for byte', () => {
  verifyAuthor(TEST_AUTHOR, signed, verifyEd25519);
  for (const change of [
    { manifest: encodeManifest({ ...manifest, rounds: manifest.rounds + 1 }) },
    { manifest: Uint8Array.of(...signed.manifest, 32) },
    { signature: signed.signature.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) },
    { signature: signed.signature.slice(1) },
  ])
    assert.throws(() => verifyAuthor(TEST_AUTHOR, { ...signed, ...change }, verifyEd25519), {
      code: 'BAD_SIGNATURE',
    });
  const impostor = { ...TEST_AUTHOR, key: 'd'.repeat(64) };
  assert.throws(() => verifyAuthor(impostor, signed, verifyEd25519), { code: 'BAD_SIGNATURE' });
});

test('a name that would forge lines in a log is no author’s', () => {
  for (const name of ['', 'a\nb', 'a\u202eb', 'x'.repeat(101)])
    assert.throws(() => parseManifest(encodeManifest({ ...manifest, author: { ...TEST_AUTHOR, name } })), {
      code: 'MANIFEST_INVALID',
    });
});

test('a fingerprint says nothing of the name, and begins the pseudonym', () => {
  const fingerprint = authorFingerprint(TEST_AUTHOR);
  assert.match(fingerprint, /^[0-9a-f]{4}(-[0-9a-f]{4}){9}$/);
  assert.ok(authorPseudonym({ key: TEST_AUTHOR.key }).startsWith(fingerprint.replaceAll('-', '')));
});

test('a signed manifest survives the way to the operator, and any other file is refused', () => {
  const file = encodeSignedManifest(signed);
  assert.deepEqual(parseSignedManifest(utf8(file)), signed);
  const { signature, ...unsigned } = JSON.parse(file) as Record<string, string>;
  const bad = [
    '',
    '{',
    '[]',
    JSON.stringify(unsigned),
    JSON.stringify({ ...unsigned, signature: signature!.toUpperCase() }),
    JSON.stringify({ ...unsigned, signature, extra: 1 }),
    JSON.stringify({ ...unsigned, signature, manifest: 'e30' }),
    JSON.stringify({ ...unsigned, signature, manifest: 'e31=' }),
  ];
  for (const text of bad) assert.throws(() => parseSignedManifest(utf8(text)), { code: 'MALFORMED' }, text);
  assert.throws(() => parseSignedManifest(new Uint8Array(7 << 20)), { code: 'MALFORMED' });
});

interface Vectors {
  readonly author: { key: string; pseudonym: string };
  readonly site: { key: string };
  readonly manifest: { payload: string; signature: string };
  readonly withdrawal: { payload: string; signature: string };
  readonly badSignatures: { defect: string; of: 'manifest' | 'withdrawal'; signature: string }[];
  readonly badWithdrawals: { defect: string; payload: string }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/signed-documents.json', import.meta.url), 'utf8'),
) as Vectors;
const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

function isSigned(of: 'manifest' | 'withdrawal', signature: string): boolean {
  const key = of === 'manifest' ? vectors.author.key : vectors.site.key;
  return verifyEd25519(hex(key), signingBytes(of, utf8(vectors[of].payload)), hex(signature));
}

test('the signed documents of the vectors', () => {
  for (const name of ['manifest', 'withdrawal'] as const) assert.ok(isSigned(name, vectors[name].signature));
  assert.equal(authorPseudonym(vectors.author), vectors.author.pseudonym);
  const { fromRound } = withdrawalCodec.read(utf8(vectors.withdrawal.payload));
  assert.equal(fromRound, 3);
});

for (const { defect, of, signature } of vectors.badSignatures)
  test(`${defect} does not verify`, () => assert.equal(isSigned(of, signature), false));

for (const { defect, payload } of vectors.badWithdrawals)
  test(`a withdrawal with ${defect} is refused`, () => {
    assert.throws(() => withdrawalCodec.read(utf8(payload)), { code: 'MALFORMED' });
  });
