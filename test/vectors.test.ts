// The vectors of test/vectors: every good case is reproduced byte for byte, every bad one is turned away for its own reason.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  checkpointBytes,
  checksumChallenge,
  checksumKey,
  commonPolynomial,
  concat,
  encodeChecksumValue,
  encodeInvitation,
  encodePart,
  encodeShare,
  generateSharingKey,
  Invitation,
  invitationDigest,
  N,
  nobleCiphers,
  nobleKeyStream,
  open,
  openCheckpoint,
  packingLayout,
  packValues,
  parseChecksumValue,
  parseInvitation,
  parseShare,
  reconstructSum,
  seal,
  sealCheckpoint,
  sha256,
  splitKey,
  toHex,
  unpackSums,
  type Bytes,
  type InvitationTerms,
  type KeyShare,
} from '@blindsum/proto';
import { nodeCiphers, nodeKeyStream } from '@blindsum/proto/node';

const STREAMS = { noble: nobleKeyStream, node: nodeKeyStream };
const hex = (text: string): Bytes => new Uint8Array(Buffer.from(text, 'hex'));

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8')) as T;
}

interface Chunk {
  readonly first: string[];
  readonly sha256: string;
}

function describe(out: BigUint64Array): Chunk {
  const first = [...out.subarray(0, 2)].map((value) => value.toString(16).padStart(16, '0'));
  return { first, sha256: toHex(sha256(encodePart(out))) };
}

const common = read<{
  context: string;
  good: (Chunk & { k: number })[];
  bad: (Chunk & { k: number; defect: string })[];
}>('common-polynomial');
for (const [name, stream] of Object.entries(STREAMS)) {
  const expand = (k: number): Chunk => {
    const out = new BigUint64Array(N);
    commonPolynomial(stream, hex(common.context), k, out);
    return describe(out);
  };
  for (const { k, ...chunk } of common.good) {
    test(`common polynomial ${k} with the ${name} key stream`, () => assert.deepEqual(expand(k), chunk));
  }
  for (const { k, defect, ...chunk } of common.bad) {
    test(`a common polynomial with its ${defect} is another, with the ${name} key stream`, () => {
      assert.notEqual(expand(k).sha256, chunk.sha256);
    });
  }
}

interface ChecksumVectors {
  readonly context: string;
  readonly setRoot: string;
  readonly sumRoot: string;
  readonly good: (Chunk & { repetition: number; k: number; key: string })[];
  readonly bad: (Chunk & { repetition: number; k: number; defect: string })[];
  readonly goodValues: string[];
  readonly badValues: { defect: string; text: string }[];
}

const checksum = read<ChecksumVectors>('checksum');
const challengeKey = (repetition: number): Bytes => {
  const { context, setRoot, sumRoot } = checksum;
  return checksumKey({ context: hex(context), setRoot: hex(setRoot), sumRoot: hex(sumRoot), repetition });
};
const challenge = (repetition: number, k: number): Chunk => {
  const out = new BigUint64Array(N);
  checksumChallenge(nodeKeyStream, challengeKey(repetition), k, out);
  return describe(out);
};
for (const { repetition, k, key, ...chunk } of checksum.good) {
  test(`checksum challenge of repetition ${repetition}, chunk ${k}`, () => {
    assert.equal(toHex(challengeKey(repetition)), key);
    assert.deepEqual(challenge(repetition, k), chunk);
  });
}
for (const { repetition, k, defect, ...chunk } of checksum.bad) {
  test(`a checksum challenge with ${defect} is another`, () => {
    assert.notEqual(challenge(repetition, k).sha256, chunk.sha256);
  });
}
for (const text of checksum.goodValues) {
  test(`checksum value ${text}`, () => assert.equal(encodeChecksumValue(parseChecksumValue(text)), text));
}
for (const { defect, text } of checksum.badValues) {
  test(`a checksum value ${defect} is refused`, () => {
    assert.throws(() => parseChecksumValue(text), { code: 'MALFORMED' });
  });
}

interface ShamirVectors {
  readonly threshold: number;
  readonly sha256: string[];
  readonly shares: string[];
  readonly randomKeyStream: string;
  readonly good: { holders: number[] }[];
  readonly bad: {
    defect: string;
    holders: number[];
    wrong?: { holder: number; element: number; add: number };
    code: string;
  }[];
  readonly badEncodings: { defect: string; length: number; at?: number; bytes?: string }[];
}

const shamir = read<ShamirVectors>('shamir');
const key = Int8Array.from({ length: N }, (_, i) => (i % 3) - 1);
function splitVectorKey(): KeyShare[] {
  let offset = 0;
  const random = (n: number): Bytes => nodeKeyStream(hex(shamir.randomKeyStream), 0, (offset += n)).slice(-n);
  return splitKey({ coefficients: key, threshold: shamir.threshold, sites: shamir.shares.length, random });
}
const shares = splitVectorKey();
const held = (holders: number[]) => new Map(holders.map((holder) => [holder, shares[holder - 1]!.slice()]));
test('the shares of a key under a given random stream', () => {
  const encoded = shares.map(encodeShare);
  assert.deepEqual(encoded.map((share) => toHex(share).slice(0, 64)), shamir.shares); // prettier-ignore
  assert.deepEqual(encoded.map((share) => toHex(sha256(share))), shamir.sha256); // prettier-ignore
});
for (const { holders } of shamir.good) {
  test(`sites ${holders.join(', ')} reconstruct the key`, () => {
    const opened = reconstructSum({ shares: held(holders), threshold: shamir.threshold, bound: 1 });
    assert.deepEqual(opened, Int32Array.from(key));
  });
}
for (const { defect, holders, wrong, code } of shamir.bad) {
  test(`${defect} is refused`, () => {
    const given = held(holders);
    if (wrong) given.get(wrong.holder)![wrong.element]! += wrong.add;
    assert.throws(() => reconstructSum({ shares: given, threshold: shamir.threshold, bound: 1 }), { code });
  });
}
for (const { defect, length, at, bytes } of shamir.badEncodings) {
  test(`a share with ${defect} is refused`, () => {
    const encoded = new Uint8Array(length);
    if (at !== undefined && bytes !== undefined) encoded.set(hex(bytes), at);
    assert.throws(() => parseShare(encoded), { code: 'BAD_SHARE' });
  });
}

interface PackingVectors {
  readonly good: { bits: number; sites: number; values: number[]; coefficients: string[] }[];
  readonly bad: { defect: string; bits: number; sites: number; coefficient: string; code: string }[];
}

const packing = read<PackingVectors>('packing');
for (const { bits, sites, values, coefficients } of packing.good) {
  test(`${values.length} values of ${bits} bits packed for ${sites} sites`, () => {
    const out = new BigUint64Array(N);
    packValues(packingLayout({ bits, sites }), Uint32Array.from(values), 0, out);
    assert.deepEqual(describe(out).first, coefficients);
    const sums = new Float64Array(values.length);
    unpackSums(packingLayout({ bits, sites }), out, values.length, sums);
    assert.deepEqual([...sums], values);
  });
}
for (const { defect, bits, sites, coefficient, code } of packing.bad) {
  test(`a sum with ${defect} bits is refused`, () => {
    const sum = new BigUint64Array(N).fill(BigInt(`0x${coefficient}`), 0, 1);
    assert.throws(() => unpackSums(packingLayout({ bits, sites }), sum, 1, new Float64Array(1)), { code });
  });
}

interface SealVectors {
  readonly seed: string;
  readonly random: string;
  readonly associatedData: string;
  readonly plaintext: string;
  readonly publicKeySha256: string;
  readonly good: { sealed: string }[];
  readonly bad: { defect: string; sealed: string; code: string }[];
}

const seals = read<SealVectors>('seal');
const recipient = generateSharingKey(hex(seals.seed));
const openVector = (sealed: string): Bytes =>
  open({ secretKey: recipient.secretKey, sealed: hex(sealed), associatedData: hex(seals.associatedData) });
test('sealing is reproduced and opens', () => {
  assert.equal(toHex(sha256(recipient.publicKey)), seals.publicKeySha256);
  const { plaintext, associatedData, random } = seals;
  const message = { plaintext: hex(plaintext), associatedData: hex(associatedData), random: hex(random) };
  for (const { sealed } of seals.good) {
    assert.equal(toHex(seal({ recipient: recipient.publicKey, ...message })), sealed);
    assert.equal(toHex(openVector(sealed)), plaintext);
  }
});
for (const { defect, sealed, code } of seals.bad) {
  test(`a sealed share ${defect} is refused`, () => assert.throws(() => openVector(sealed), { code }));
}

/** In order: a byte changed by one bit, bytes replaced, or bytes copied from elsewhere in the good one. */
type Edit =
  | { readonly at: number; readonly xor: number }
  | { readonly at: number; readonly hex: string }
  | { readonly at: number; readonly from: number; readonly length: number };

interface CheckpointTerms {
  readonly recipient: number;
  readonly context: string;
  readonly sealer: number;
  readonly modelHash: string;
  readonly modelBytes: number;
}

interface CheckpointVectors extends Omit<CheckpointTerms, 'recipient'> {
  readonly seeds: string[];
  readonly modelKeyStream: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly header: string;
  readonly good: { recipient: number }[];
  readonly bad: {
    defect: string;
    recipient: number;
    edits?: Edit[];
    openedAs?: Partial<CheckpointTerms>;
    code: string;
  }[];
}

const checkpoint = read<CheckpointVectors>('checkpoint');
const members = checkpoint.seeds.map((seed) => generateSharingKey(hex(seed)));
const model = nodeKeyStream(hex(checkpoint.modelKeyStream), 0, checkpoint.modelBytes);
const checkpointBinding = ({ context, sealer, modelHash }: Omit<CheckpointTerms, 'recipient'>) => ({
  context: hex(context),
  sealer,
  modelHash: hex(modelHash),
});
function sealVector(ciphers: typeof nobleCiphers): Bytes {
  let calls = 0;
  const random = (length: number): Bytes => new Uint8Array(length).fill(10 + calls++);
  const recipients = members.map(({ publicKey }) => publicKey);
  return concat(
    ...sealCheckpoint({ binding: checkpointBinding(checkpoint), recipients, model, random }, ciphers),
  );
}
function openVectorCheckpoint(bytes: Bytes, terms: CheckpointTerms, ciphers: typeof nobleCiphers): Bytes {
  const { recipient, modelBytes } = terms;
  const { secretKey } = members[recipient - 1]!;
  const shape = { members: members.length, modelBytes };
  const task = { binding: checkpointBinding(terms), shape, recipient, secretKey };
  return openCheckpoint(task, (offset, length) => bytes.subarray(offset, offset + length), ciphers);
}
function edited(bytes: Bytes, edits: Edit[] = []): Bytes {
  const copy = bytes.slice();
  for (const edit of edits) {
    if ('xor' in edit) copy[edit.at]! ^= edit.xor;
    else if ('hex' in edit) copy.set(hex(edit.hex), edit.at);
    else copy.set(bytes.subarray(edit.from, edit.from + edit.length), edit.at);
  }
  return copy;
}
const sealedCheckpoint = sealVector(nodeCiphers);
for (const [name, ciphers] of Object.entries({ noble: nobleCiphers, node: nodeCiphers })) {
  test(`a checkpoint is reproduced and opens for every member, with the ${name} ciphers`, () => {
    const bytes = sealVector(ciphers);
    assert.equal(bytes.length, checkpoint.bytes);
    assert.equal(
      bytes.length,
      checkpointBytes({ members: members.length, modelBytes: checkpoint.modelBytes }),
    );
    assert.equal(toHex(bytes.subarray(0, checkpoint.header.length / 2)), checkpoint.header);
    assert.equal(toHex(sha256(bytes)), checkpoint.sha256);
    for (const { recipient } of checkpoint.good) {
      const opened = openVectorCheckpoint(bytes, { ...checkpoint, recipient }, ciphers);
      assert.equal(Buffer.compare(opened, model), 0);
    }
  });
}
for (const { defect, recipient, edits, openedAs, code } of checkpoint.bad) {
  test(`a checkpoint with ${defect} is refused`, () => {
    const bytes = edited(sealedCheckpoint, edits);
    const terms = { ...checkpoint, recipient, ...openedAs };
    assert.throws(() => openVectorCheckpoint(bytes, terms, nodeCiphers), { code });
  });
}

const invitations = read<{
  good: (InvitationTerms & { secret: string; secretDigest: string; token: string })[];
  bad: { defect: string; token: string }[];
}>('invitation');
for (const { secret, secretDigest, token, ...terms } of invitations.good)
  test(`invitation: the token of ${terms.site} is that of the vector, and says the same`, () => {
    assert.equal(encodeInvitation(new Invitation(terms, hex(secret))), token);
    const parsed = parseInvitation(token);
    assert.deepEqual([parsed.terms, toHex(parsed.secret)], [terms, secret]);
    assert.equal(invitationDigest(parsed.secret), secretDigest);
  });
for (const { defect, token } of invitations.bad)
  test(`invitation: a token with ${defect} is refused`, () => {
    assert.throws(() => parseInvitation(token), { code: 'MALFORMED' });
  });
