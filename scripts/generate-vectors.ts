// Writes test/vectors/*.json: what another implementation of the pure core must reproduce, and what it must turn away.
// Run with node_modules/.bin/node scripts/generate-vectors.ts; test/vectors.test.ts reads the files.
import { writeFileSync } from 'node:fs';
import {
  checksumChallenge,
  checksumKey,
  commonPolynomial,
  concat,
  domainDigest,
  encodePart,
  encodeShare,
  generateSharingKey,
  N,
  packingLayout,
  packValues,
  PART_BYTES,
  Q,
  sampleUniform,
  seal,
  sealCheckpoint,
  sha256,
  shareAssociatedData,
  splitKey,
  toHex,
  toUint32Bytes,
  utf8,
  type Bytes,
  type CheckpointBinding,
  type SealBinding,
} from '@blindsum/proto';
import { nodeCiphers, nodeKeyStream } from '@blindsum/proto/node';
import { charterVectors } from './charter-vectors.ts';
import { rosterChains } from './roster-vectors.ts';
import { signedDocuments } from './signed-document-vectors.ts';

const bytesOf = (value: number, length = 32): Bytes => new Uint8Array(length).fill(value);
const hex64 = (value: bigint): string => value.toString(16).padStart(16, '0');

/** A chunk by its first two coefficients and the hash of its bytes. */
function chunk(write: (out: BigUint64Array) => void): { first: string[]; sha256: string } {
  const out = new BigUint64Array(N);
  write(out);
  return { first: [...out.subarray(0, 2)].map(hex64), sha256: toHex(sha256(encodePart(out))) };
}

/** A chunk sampled under the hash of `parts`: how the defective ones are made. */
function sampled(...parts: Bytes[]): { first: string[]; sha256: string } {
  return chunk((out) => sampleUniform(nodeKeyStream, sha256(...parts), out));
}

function commonPolynomials() {
  const context = bytesOf(7);
  const domain = utf8('blindsum/v1/a');
  const expand = (k: number) => chunk((out) => commonPolynomial(nodeKeyStream, context, k, out));
  return {
    context: toHex(context),
    good: [0, 1, 256].map((k) => ({ k, ...expand(k) })),
    bad: [
      { defect: 'chunk number little-endian', k: 1, ...sampled(domain, context, Uint8Array.of(1, 0, 0, 0)) },
      { defect: 'domain left out', k: 1, ...sampled(context, toUint32Bytes(1)) },
      {
        defect: 'domain with a terminator',
        k: 1,
        ...sampled(domain, bytesOf(0, 1), context, toUint32Bytes(1)),
      },
    ],
  };
}

function checksums() {
  const subject = { context: bytesOf(7), setRoot: bytesOf(8), sumRoot: bytesOf(9) };
  const key = checksumKey({ ...subject, repetition: 0 });
  const swapped = checksumKey({
    ...subject,
    setRoot: subject.sumRoot,
    sumRoot: subject.setRoot,
    repetition: 0,
  });
  const challenge = (repetition: number, k: number) => {
    const own = checksumKey({ ...subject, repetition });
    return {
      repetition,
      k,
      key: toHex(own),
      ...chunk((out) => checksumChallenge(nodeKeyStream, own, k, out)),
    };
  };
  return {
    context: toHex(subject.context),
    setRoot: toHex(subject.setRoot),
    sumRoot: toHex(subject.sumRoot),
    good: [challenge(0, 0), challenge(1, 0), challenge(0, 1)],
    bad: [
      { defect: 'chunk number left out', repetition: 0, k: 0, ...sampled(key) },
      { defect: 'roots exchanged', repetition: 0, k: 0, ...sampled(swapped, toUint32Bytes(0)) },
      { defect: 'one byte of chunk number', repetition: 0, k: 1, ...sampled(key, bytesOf(1, 1)) },
    ],
    goodValues: [hex64(0n), hex64(255n), hex64(Q - 1n)],
    badValues: [
      { defect: 'not below q', text: hex64(Q) },
      { defect: 'upper-case', text: '00000000000000FF' },
      { defect: 'a digit short', text: '0000000000000ff' },
    ],
  };
}

function shamir() {
  const seed = bytesOf(7);
  let offset = 0;
  const random = (n: number): Bytes => {
    offset += n;
    return nodeKeyStream(seed, 0, offset).slice(-n);
  };
  const coefficients = Int8Array.from({ length: N }, (_, i) => (i % 3) - 1);
  const shares = splitKey({ coefficients, threshold: 3, sites: 5, random }).map((share) =>
    toHex(encodeShare(share)),
  );
  const wrong = (holder: number) => ({ holder, element: 5, add: 1 });
  return {
    key: 'coefficient i is (i mod 3) - 1',
    threshold: 3,
    shares: shares.map((share) => share.slice(0, 64)),
    sha256: shares.map((share) => toHex(sha256(Uint8Array.from(Buffer.from(share, 'hex'))))),
    randomKeyStream: toHex(seed),
    good: [
      { holders: [1, 2, 3] },
      { holders: [5, 3, 1] },
      { holders: [1, 2, 3, 4, 5] },
      { holders: [2, 3, 4, 5] },
    ],
    bad: [
      { defect: 'one share too few', holders: [1, 2], code: 'TOO_FEW_SHARES' },
      { defect: 'a wrong share among three', holders: [1, 2, 3], wrong: wrong(2), code: 'BAD_SHARE' },
      {
        defect: 'a wrong share among four',
        holders: [1, 2, 3, 4],
        wrong: wrong(1),
        code: 'INCONSISTENT_SHARES',
      },
      {
        defect: 'a wrong share among five',
        holders: [1, 2, 3, 4, 5],
        wrong: wrong(4),
        code: 'INCONSISTENT_SHARES',
      },
    ],
    badEncodings: [
      { defect: 'a byte short', length: 8191 },
      { defect: 'a byte long', length: 8193 },
      { defect: 'an element equal to p', length: 8192, at: 8190, bytes: 'f1ff' },
    ],
  };
}

function packing() {
  const packed = (bits: number, sites: number, values: number[]) => {
    const out = new BigUint64Array(N);
    packValues(packingLayout({ bits, sites }), Uint32Array.from(values), 0, out);
    return { bits, sites, values, coefficients: [...out.subarray(0, 2)].map(hex64) };
  };
  const sum = (defect: string, bits: number, sites: number, coefficient: bigint) => {
    return { defect, bits, sites, coefficient: hex64(coefficient), code: 'MALFORMED' };
  };
  return {
    good: [packed(16, 16, [1, 2, 65535]), packed(12, 16, [1, 2, 3, 4095]), packed(24, 1024, [16777215, 1])],
    bad: [
      sum('a bit above two fields of 20', 16, 16, 1n << 40n),
      sum('a bit above three fields of 16', 12, 16, 1n << 48n),
      sum('a bit above one field of 34', 24, 1024, 1n << 34n),
    ],
  };
}

function seals() {
  const { publicKey } = generateSharingKey(bytesOf(1));
  const binding: SealBinding = {
    purpose: 'share',
    context: bytesOf(3),
    dealer: 1,
    recipient: 2,
    ciphertextRoot: bytesOf(4),
  };
  const plaintext = utf8('eight KiB in earnest');
  const sealFor = (bound: Partial<SealBinding>) =>
    seal({
      recipient: publicKey,
      plaintext,
      associatedData: shareAssociatedData({ ...binding, ...bound }),
      random: bytesOf(5, 64),
    });
  const sealed = sealFor({});
  const flipped = (at: number) => sealed.map((byte, i) => (i === at ? byte ^ 1 : byte));
  const cases = {
    'first bit of the ML-KEM ciphertext flipped': flipped(0),
    'last bit of the X25519 key flipped': flipped(1119),
    'first bit of the AES-GCM ciphertext flipped': flipped(1120),
    'last bit of the tag flipped': flipped(sealed.length - 1),
    'one byte short': sealed.subarray(0, -1),
    'one byte long': concat(sealed, bytesOf(0, 1)),
    'bound to another dealer': sealFor({ dealer: 3 }),
    'an opening instead of a share': sealFor({ purpose: 'opening' }),
  };
  return {
    seed: toHex(bytesOf(1)),
    random: toHex(bytesOf(5, 64)),
    associatedData: toHex(shareAssociatedData(binding)),
    plaintext: toHex(plaintext),
    publicKeySha256: toHex(sha256(publicKey)),
    good: [{ sealed: toHex(sealed) }],
    bad: Object.entries(cases).map(([defect, bytes]) => ({
      defect,
      sealed: toHex(bytes),
      code: 'BAD_SHARE',
    })),
  };
}

/** One checkpoint; the defective ones are edits of it, or the same bytes opened as something else. */
function checkpoints() {
  const headerBytes = 12 + 3 * 1168;
  const modelBytes = 2 * (PART_BYTES - 16) + 5;
  const model = nodeKeyStream(bytesOf(8), 0, modelBytes);
  const modelHash = domainDigest('blindsum/v1/model', model);
  const recipients = [1, 2, 3].map((seed) => generateSharingKey(bytesOf(seed)).publicKey);
  const binding: CheckpointBinding = { context: bytesOf(3), sealer: 1, modelHash };
  let calls = 0;
  const random = (length: number) => bytesOf(10 + calls++, length);
  const sealed = concat(...sealCheckpoint({ binding, recipients, model, random }, nodeCiphers));
  const flip = (at: number) => ({ edits: [{ at, xor: 1 }] });
  const copy = (at: number, from: number, length: number) => ({ at, from, length });
  const [key, chunk] = [1168, PART_BYTES];
  const cases = {
    'its magic changed': flip(0),
    'another number of members': flip(7),
    'another length of the model': flip(11),
    'the first bit of the own content key flipped': flip(12 + key),
    'the last bit of the own content key flipped': flip(12 + 2 * key - 1),
    'the key of the member before in the own place': { edits: [copy(12 + key, 12, key)] },
    'the first bit of its first chunk flipped': flip(headerBytes),
    'the last bit of its last tag flipped': flip(sealed.length - 1),
    'two chunks exchanged': {
      edits: [copy(headerBytes, headerBytes + chunk, chunk), copy(headerBytes + chunk, headerBytes, chunk)],
    },
    'a chunk in the place of the last': {
      edits: [{ at: 8, hex: toHex(toUint32Bytes(PART_BYTES - 16)) }],
      openedAs: { modelBytes: PART_BYTES - 16 },
    },
    'another sealer': { openedAs: { sealer: 3 } },
    'the context of another round': { openedAs: { context: toHex(bytesOf(4)) } },
    'the hash of another model': { openedAs: { modelHash: toHex(bytesOf(5)) } },
  };
  return {
    seeds: [1, 2, 3].map((seed) => toHex(bytesOf(seed))),
    ...{ context: toHex(binding.context), sealer: binding.sealer, modelHash: toHex(modelHash) },
    ...{ modelKeyStream: toHex(bytesOf(8)), modelBytes },
    random: 'all bytes of the n-th value that is asked for, from 0, are 10 + n',
    ...{ bytes: sealed.length, sha256: toHex(sha256(sealed)) },
    header: toHex(sealed.subarray(0, headerBytes)),
    good: [{ recipient: 1 }, { recipient: 2 }, { recipient: 3 }],
    bad: Object.entries(cases).map(([defect, changes]) => ({
      defect,
      recipient: 2,
      ...changes,
      code: 'BAD_MODEL_CHECKPOINT',
    })),
  };
}

const FILES = {
  'signed-documents': signedDocuments,
  'common-polynomial': commonPolynomials,
  checksum: checksums,
  shamir,
  packing,
  seal: seals,
  checkpoint: checkpoints,
  'roster-chain': rosterChains,
  charter: charterVectors,
};
for (const [name, generate] of Object.entries(FILES)) {
  const file = new URL(`../test/vectors/${name}.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(generate(), undefined, 2)}\n`);
}
