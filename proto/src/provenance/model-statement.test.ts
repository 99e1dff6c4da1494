import assert from 'node:assert/strict';
import { createHash, createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { parseUtf8, utf8 } from '../bytes.ts';
import type { Digest } from '../identifiers.ts';
import { RECORD_SIGNER, seal, TRUST } from './bundled-records.fixture.ts';
import { encodePublicKeyPem, toKeyHint } from './key-hint.ts';
import {
  encodeModelSignature,
  encodeModelStatement,
  modelRoot,
  parseModelStatement,
  verifyModelFiles,
} from './model-statement.ts';
import { parseBundle } from './sigstore-bundle.ts';
import { verifyBundleSignature } from './verify-bundle.ts';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex') as Digest;
const files = [
  { name: 'model.bsm', digest: hashOf('weights') },
  { name: 'README.md', digest: hashOf('card') },
];
const payload = encodeModelStatement({ name: 'breast-cancer', files });
const text = parseUtf8(payload, 'test');

test('the root digest is that of the vector of OpenSSF Model Signing', () => {
  const digests = [
    'bc9a717db6064a32cbe9eae6fc40651dd6d36ef1757183f590eff2b1765d7ebc',
    '32dcb1f8e1ae52d5963e56a6ba06ab58b424c15ed2a6b70d2feca1d089370028',
  ] as Digest[];
  assert.equal(
    modelRoot(digests.map((digest) => ({ digest }))),
    '92745110b1ab4368471cbe31664e10174e954b113a3df333db860317b2c6dec4',
  );
});

test('the statement has one subject, and its files in the order of their names, without directories or links', () => {
  const { subject, predicate, predicateType } = JSON.parse(text) as Record<string, unknown>;
  assert.equal(predicateType, 'https://model_signing/signature/v1.0');
  assert.deepEqual(subject, [
    { digest: { sha256: modelRoot([files[1]!, files[0]!]) }, name: 'breast-cancer' },
  ]);
  const { resources, serialization } = predicate as { resources: { name: string }[]; serialization: object };
  assert.deepEqual(
    resources.map(({ name }) => name),
    ['README.md', 'model.bsm'],
  );
  assert.deepEqual(serialization, {
    allow_symlinks: false,
    hash_type: 'sha256',
    ignore_paths: ['.git', '.gitattributes', '.github', '.gitignore', 'model.sig'],
    method: 'files',
  });
});

test('a statement survives, and its files are verified one by one', () => {
  const statement = parseModelStatement(payload);
  assert.deepEqual(statement, { name: 'breast-cancer', files: [files[1], files[0]] });
  verifyModelFiles(statement, files);
  const wrong = {
    'one is missing': files.slice(1),
    'one was changed': [files[0]!, { ...files[1]!, digest: hashOf('other') }],
    'one is there besides': [...files, { name: 'extra.bin', digest: hashOf('extra') }],
    'one has another name': [files[0]!, { ...files[1]!, name: 'readme.md' }],
  };
  for (const [what, found] of Object.entries(wrong))
    assert.throws(() => verifyModelFiles(statement, found), { code: 'MODEL_MISMATCH' }, what);
});

/** With the root of whatever files it lists. */
function rooted(statement: string): string {
  const { predicate } = JSON.parse(statement) as { predicate: { resources: { digest: Digest }[] } };
  return statement.replace(/"sha256":"[^"]*"/, `"sha256":"${modelRoot(predicate.resources)}"`);
}

test('a statement of another form is refused', () => {
  const [first, second] = text.match(/\{"algorithm"[^}]*\}/g)!;
  const spoilt: Record<string, string> = {
    'a root that is not of the files': text.replace(hashOf('card'), hashOf('other')),
    'files out of order': rooted(text.replace(`${first},${second}`, `${second},${first}`)),
    'a file twice': rooted(text.replace(first, `${first},${first}`)),
    'no files': text.replace(/"resources":\[[^\]]*\]/, '"resources":[]'),
    'a path that leads out': text.replace('model.bsm', '../model.bsm'),
    'an absolute path': text.replace('model.bsm', '/model.bsm'),
    'another hash': text.replace('"hash_type":"sha256"', '"hash_type":"blake2b"'),
    'links that are followed': text.replace('"allow_symlinks":false', '"allow_symlinks":true'),
    'another predicate': text.replace('signature/v1.0', 'signature/v2.0'),
  };
  for (const [what, changed] of Object.entries(spoilt)) {
    assert.notEqual(changed, text, what);
    assert.throws(() => parseModelStatement(utf8(changed)), { name: 'Refusal', code: 'MALFORMED' }, what);
  }
});

test('a path of another spelling is not written', () => {
  for (const name of ['a//b', './a', 'a/', '.hidden', 'a:shard-1', 'grüße'])
    assert.throws(() => encodeModelStatement({ name: 'm', files: [{ ...files[0]!, name }] }), {
      code: 'MALFORMED',
    });
});

test('model.sig names its key as the tools do, by the digest of its PEM form', () => {
  const signature = parseBundle(encodeModelSignature(seal(payload), RECORD_SIGNER.publicKeySpki));
  verifyBundleSignature(signature, TRUST);
  const key = createPublicKey({ key: Buffer.from(TRUST.recordKey), format: 'der', type: 'spki' });
  const pem = key.export({ format: 'pem', type: 'spki' }).toString();
  assert.equal(encodePublicKeyPem(TRUST.recordKey), pem);
  assert.equal(toKeyHint(TRUST.recordKey), hashOf(pem));
});
