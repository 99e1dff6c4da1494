import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';
import { createP256Signer, verifyP256 } from '../../node/ecdsa-p256.ts';
import { encodeBase64 } from '../base64.ts';
import { parseUtf8, utf8, type Bytes } from '../bytes.ts';
import { encodeCanonicalJson } from '../canonical-json.ts';
import { sha256 } from '../digest.ts';
import { encodeEnvelope, IN_TOTO_PAYLOAD_TYPE, parseEnvelope, toPae } from './dsse.ts';
import { encodeLeaf, parseLeaf } from './hashed-rekord.ts';
import { createRecord, encodeRecord, parseRecord, recordDigest, recordName, verifyRecord } from './record.ts';

const signer = createP256Signer(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const DIGEST = 'ab'.repeat(32);
const incident = createRecord('incident', {
  job: 'breast-cancer',
  round: 3,
  attempt: 1,
  context: DIGEST,
  rosterHash: DIGEST,
  reason: 'TOO_FEW_CONTRIBUTORS',
  excluded: [{ member: DIGEST, reason: 'late' }],
});
const payload = encodeRecord(incident);
const pae = toPae(IN_TOTO_PAYLOAD_TYPE, payload);
const signature = signer.sign(pae);
const leaf = { paeDigest: sha256(pae), signature, publicKeySpki: signer.publicKeySpki };
const envelope = { payload, signature };

const text = (bytes: Bytes) => parseUtf8(bytes, 'test');
const toBase64Url = (n: bigint) => Buffer.from(n.toString(16).padStart(64, '0'), 'hex').toString('base64url');

test('the published DSSE vector has this PAE, and its signature verifies over it', () => {
  const body = toPae('http://example.com/HelloWorld', utf8('hello world'));
  assert.equal(text(body), 'DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  const x = toBase64Url(46950820868899156662930047687818585632848591499744589407958293238635476079160n);
  const y = toBase64Url(5640078356564379163099075877009565129882514886557779369047442380624545832820n);
  const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const raw = 'A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==';
  assert.equal(verify('sha256', body, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(raw, 'base64')), true);
});

test('PAE counts bytes, not characters', () => {
  assert.equal(text(toPae('é', utf8('ü€'))), 'DSSEv1 2 é 5 ü€');
});

test('a record, its envelope and its log entry survive, and belong together', () => {
  assert.deepEqual(parseRecord(payload), incident);
  assert.deepEqual(parseEnvelope(encodeEnvelope(envelope)), { payload: new Uint8Array(payload), signature });
  assert.deepEqual(parseLeaf(encodeLeaf(leaf)), { ...leaf, paeDigest: new Uint8Array(leaf.paeDigest) });
  verifyRecord({ envelope, leaf, verify: verifyP256 });
  assert.equal(recordDigest(payload), Buffer.from(leaf.paeDigest).toString('hex'));
});

test('a log entry is spelled as Rekor v2 spells it', () => {
  const expected =
    `{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":"${encodeBase64(leaf.paeDigest)}"},` +
    `"signature":{"content":"${encodeBase64(signature)}","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":"${encodeBase64(signer.publicKeySpki)}"}}}}}}`;
  assert.equal(text(encodeLeaf(leaf)), expected);
});

test('a statement is spelled as in-toto v1 spells it', () => {
  const statement = JSON.parse(text(payload)) as Record<string, unknown>;
  assert.equal(statement['_type'], 'https://in-toto.io/Statement/v1');
  assert.equal(statement['predicateType'], 'https://blindsum.dev/attestation/incident/v1');
  assert.deepEqual(statement['subject'], [{ name: 'round', digest: { sha256: DIGEST } }]);
});

test('a record does not verify with another entry, signature or key', () => {
  const other = createP256Signer(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  const otherSignature = signer.sign(pae);
  const bad = [
    [{ leaf: { ...leaf, paeDigest: sha256(payload) } }, 'BAD_RECORD'],
    [{ leaf: { ...leaf, signature: otherSignature } }, 'BAD_RECORD'],
    [{ leaf: { ...leaf, publicKeySpki: other.publicKeySpki } }, 'BAD_SIGNATURE'],
    [{ envelope: { ...envelope, payload: payload.slice(1) } }, 'BAD_RECORD'],
  ] as const;
  for (const [change, code] of bad) {
    assert.throws(() => verifyRecord({ envelope, leaf, verify: verifyP256, ...change }), { code });
  }
});

const changedPayload = (change: (statement: Record<string, never>) => unknown): Bytes =>
  utf8(encodeCanonicalJson(change(JSON.parse(text(payload)) as Record<string, never>) as string));
const changedPredicate = (change: object): Bytes =>
  changedPayload((statement) => ({
    ...statement,
    predicate: Object.assign({}, statement['predicate'], change),
  }));

const BAD_PAYLOADS: Record<string, Bytes> = {
  spaces: utf8(JSON.stringify(JSON.parse(text(payload)), null, 1)),
  'unknown kind': changedPayload((s) => ({
    ...s,
    predicateType: 'https://blindsum.dev/attestation/party/v1',
  })),
  'kind named like an inherited key': changedPayload((s) => ({
    ...s,
    predicateType: 'https://blindsum.dev/attestation/constructor/v1',
  })),
  'another project': changedPayload((s) => ({ ...s, predicateType: 'https://slsa.dev/provenance/v1' })),
  'another statement version': changedPayload((s) => ({ ...s, _type: 'https://in-toto.io/Statement/v0.1' })),
  'subject that is not its own': changedPayload((s) => ({
    ...s,
    subject: [{ name: 'round', digest: { sha256: 'cd'.repeat(32) } }],
  })),
  'no subject': changedPayload((s) => ({ ...s, subject: [] })),
  'unknown key in the statement': changedPayload((s) => ({ ...s, note: 'x' })),
  'unknown key in the predicate': changedPredicate({ site: 'hospital-a' }),
  'a site by name': changedPredicate({ excluded: [{ member: 'hospital-a', reason: 'late' }] }),
  'attempt 0': changedPredicate({ attempt: 0 }),
};

for (const [defect, bytes] of Object.entries(BAD_PAYLOADS)) {
  test(`a record is refused: ${defect}`, () => {
    assert.throws(() => parseRecord(bytes), { code: 'MALFORMED' });
  });
}

test('the refusal of a record names the place of the mistake', () => {
  assert.throws(
    () => createRecord('incident', { ...incident.predicate, round: -1 }),
    /incident record: round: /,
  );
});

const envelopeText = text(encodeEnvelope(envelope));
const BAD_ENVELOPES: Record<string, string> = {
  'a second signature': envelopeText.replace(/"signatures":\[(.*)\]/, '"signatures":[$1,$1]'),
  'no signature': envelopeText.replace(/"signatures":\[.*\]/, '"signatures":[]'),
  'another payload type': envelopeText.replace('in-toto+json', 'in-toto+xml'),
  'a key hint': envelopeText.replace('{"sig"', '{"keyid":"","sig"'),
  'base64url payload': envelopeText.replace(/"payload":"[^"]*"/, '"payload":"_-__"'),
  'trailing newline': `${envelopeText}\n`,
};

for (const [defect, bad] of Object.entries(BAD_ENVELOPES)) {
  test(`an envelope is refused: ${defect}`, () => {
    assert.throws(() => parseEnvelope(utf8(bad)), { code: 'MALFORMED' });
  });
}

const leafText = text(encodeLeaf(leaf));
const BAD_LEAVES: Record<string, Bytes> = {
  'another version': utf8(leafText.replace('0.0.2', '0.0.1')),
  'another kind': utf8(leafText.replace('"hashedrekord"', '"dsse"')),
  'another algorithm': utf8(leafText.replace('SHA2_256', 'SHA2_512')),
  'another key type': utf8(leafText.replace('PKIX_ECDSA_P256_SHA_256', 'PKIX_ED25519')),
  'unknown key': utf8(leafText.replace('{"apiVersion"', '{"a":1,"apiVersion"')),
  'digest of 31 bytes': encodeLeaf({ ...leaf, paeDigest: leaf.paeDigest.slice(1) }),
  'signature of 73 bytes': encodeLeaf({ ...leaf, signature: new Uint8Array(73) }),
  'key of another form': encodeLeaf({ ...leaf, publicKeySpki: leaf.publicKeySpki.slice(1) }),
};

for (const [defect, bytes] of Object.entries(BAD_LEAVES)) {
  test(`a log entry is refused: ${defect}`, () => {
    assert.throws(() => parseLeaf(bytes), { code: 'MALFORMED' });
  });
}

test('a P-256 key that is no point of the curve verifies nothing', () => {
  const bad = Uint8Array.from(signer.publicKeySpki).fill(0xff, 27);
  assert.equal(verifyP256(bad, pae, signature), false);
  assert.equal(verifyP256(bad.slice(1), pae, signature), false);
  assert.throws(() => createP256Signer(generateKeyPairSync('ed25519').privateKey), RangeError);
});

test('records that contradict each other have one name', () => {
  const failedAgain = createRecord('incident', { ...incident.predicate, attempt: 2 });
  assert.equal(recordName(incident), 'failure of attempt 1 of round 3 of job breast-cancer');
  assert.notEqual(recordName(failedAgain), recordName(incident));
  assert.equal(
    recordName(createRecord('incident', { ...incident.predicate, reason: 'OTHER' })),
    recordName(incident),
  );
});

test('a record about a certificate names its member by pseudonym only, and a revocation says why', () => {
  const about = { member: 'ab'.repeat(32), certificate: 'cd'.repeat(32), notAfter: 1_800_000_000_000 };
  const issued = createRecord('certificate', { event: 'issued', ...about });
  const revoked = createRecord('certificate', { event: 'revoked', ...about, reason: 'superseded' });
  for (const record of [issued, revoked]) assert.deepEqual(parseRecord(encodeRecord(record)), record);
  assert.equal(recordName(issued), `certificate ${about.certificate}`);
  assert.equal(recordName(revoked), `revocation of certificate ${about.certificate}`);
  const bad: [object, RegExp][] = [
    [{ event: 'revoked', ...about }, /reason/],
    [{ event: 'revoked', ...about, reason: 'he left' }, /reason/],
    [{ event: 'issued', ...about, reason: 'superseded' }, /unknown key/],
    [{ event: 'issued', ...about, site: 'hospital-a' }, /unknown key/],
    [{ event: 'lost', ...about }, /event/],
    [{ event: 'renewed', ...about, notAfter: 1.5 }, /notAfter/],
    [{ event: 'renewed', ...about, certificate: 'CD'.repeat(32) }, /certificate/],
  ];
  for (const [predicate, detail] of bad) assert.throws(() => createRecord('certificate', predicate), detail);
});

test('a range of the trail is named by its first entry, and its subject is its root', () => {
  const root = 'ab'.repeat(32);
  const predicate = { from: 3, to: 4, count: 2, root, previousRecord: '' };
  const record = createRecord('administration', predicate);
  assert.equal(recordName(record), 'administration from entry 3 on');
  assert.match(
    text(encodeRecord(record)),
    /"subject":\[\{"digest":\{"sha256":"(ab){32}"\},"name":"audit-trail"/,
  );
  for (const wrong of [
    { count: 3 },
    { from: 0 },
    { to: 2, count: 0 },
    { root: 'AB'.repeat(32) },
    { who: 'me' },
  ])
    assert.throws(() => createRecord('administration', { ...predicate, ...wrong }), { code: 'MALFORMED' });
});
