import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  createWasmKernel,
  encodePart,
  generateSharingKey,
  isChecksumSum,
  levels,
  parseChecksumValue,
  Refusal,
  SEALED_SHARE_BYTES,
  type Digest,
} from '@blindsum/proto';
import { hashLeaf } from '@blindsum/proto/node';
import { inclusionProof } from '@blindsum/proto/tlog';
import { createPartHasher } from './ciphertext-file.ts';
import { createEncryptor, type Encryptor } from './encryptor.ts';
import type { ReceivedRecord } from './key-shares.ts';
import type { EncryptedUpdate } from './update-encryptor.ts';

const SITES = 3;
const BITS = 16;
const CONTEXT = '44'.repeat(32) as Digest;
const SET_ROOT = '55'.repeat(32) as Digest;
const folder = mkdtempSync(join(tmpdir(), 'blindsum-round-'));
const keys = Array.from({ length: SITES }, () => generateSharingKey(randomBytes(32)));
const sharingKeys = keys.map(({ publicKey }) => publicKey);
const indexes = keys.map((_, i) => i + 1);

let encryptor: Encryptor;
before(() => {
  encryptor = createEncryptor();
});
after(async () => {
  await encryptor.close();
  rmSync(folder, { recursive: true });
});

const place = (site: number, kind: string) => join(folder, `${site}.${kind}`);

function encryptAs(site: number): Promise<EncryptedUpdate> {
  const values = Float32Array.of(site / 8, -site / 8, 0);
  const tensors = [{ offset: 0, size: 3, rangeExponent: 0 }];
  const payload = { header: [10 * site, 0], update: { values, weight: 1, tensors, firstClipField: 1 } };
  const files = { ciphertext: place(site, 'ciphertext'), shares: place(site, 'shares') };
  return encryptor.encrypt({
    context: CONTEXT,
    bits: BITS,
    threshold: 2,
    payload,
    files,
    sharingKeys,
    capacity: SITES,
    ownIndex: site,
  });
}

function addFiles(): { path: string; root: Digest } {
  const kernel = createWasmKernel();
  const parts = indexes.map((site) => {
    const bytes = readFileSync(place(site, 'ciphertext'));
    const part = kernel.allocate(bytes.length / 8);
    encodePart(part).set(bytes);
    return part;
  });
  for (const part of parts.slice(1)) kernel.addInto(parts[0]!, part);
  writeFileSync(place(0, 'sum'), encodePart(parts[0]!));
  const hasher = createPartHasher();
  hasher.add(parts[0]!);
  return { path: place(0, 'sum'), root: hasher.root() };
}

function recordFor(site: number, bundle: { from: number; bytes: Uint8Array; root: Digest }): ReceivedRecord {
  const records = indexes.map((_, i) =>
    bundle.bytes.slice(i * SEALED_SHARE_BYTES, (i + 1) * SEALED_SHARE_BYTES),
  );
  const proof = inclusionProof(records.map(hashLeaf), site - 1);
  return { from: bundle.from, bundleRoot: bundle.root, sealed: records[site - 1]!, proof };
}

test('a round in the worker: encrypt, open the shares, check the sum, open it', async () => {
  const updates: EncryptedUpdate[] = [];
  for (const site of indexes) updates.push(await encryptAs(site));
  const sum = addFiles();
  const chunks = updates[0]!.chunks;

  const subject = { context: CONTEXT, setRoot: SET_ROOT, sumRoot: sum.root };
  const own = await Promise.all(
    indexes.map((site) => {
      const file = { path: place(site, 'ciphertext'), chunks, root: updates[site - 1]!.ciphertextRoot };
      return encryptor.checksum({ ...subject, file });
    }),
  );
  const total = await encryptor.checksum({ ...subject, file: { ...sum, chunks } });
  for (const i of [0, 1] as const) {
    const values = own.map((pair) => parseChecksumValue(pair[i]));
    assert.ok(isChecksumSum(values, parseChecksumValue(total[i])));
    assert.ok(!isChecksumSum(values.slice(1), parseChecksumValue(total[i])));
  }

  const openings = [];
  for (const site of [1, 3]) {
    const recipient = {
      context: CONTEXT,
      ownIndex: site,
      sites: SITES,
      secretKey: keys[site - 1]!.secretKey,
    };
    const shares = updates.map(({ shareRoot, ciphertextRoot }, i) => {
      const bundle = { from: i + 1, bytes: readFileSync(place(i + 1, 'shares')), root: shareRoot };
      return { ...recordFor(site, bundle), ciphertextRoot };
    });
    const opened = await encryptor.openShares({ ...recipient, shares });
    assert.deepEqual(opened.badDealers, []);
    const task = { context: CONTEXT, setRoot: SET_ROOT, sum: opened.sum!, sharingKeys, ownIndex: site };
    openings.push({ from: site, ...(await encryptor.sealOpening(task)) });
  }

  const { candidates } = await encryptor.reconstructKey({
    context: CONTEXT,
    ownIndex: 2,
    sites: SITES,
    secretKey: keys[1]!.secretKey,
    setRoot: SET_ROOT,
    threshold: 2,
    contributors: SITES,
    openings: openings.map((bundle) => recordFor(2, bundle)),
  });
  assert.equal(candidates.length, 1);
  const { keySum } = candidates[0]!;
  const layout = { bits: BITS, sites: SITES, headerIntegers: 2, values: 3 };
  const task = { context: CONTEXT, sum, layout, contributors: SITES, keySum };
  const { header, values, contributors } = await encryptor.decrypt(task);
  assert.deepEqual([header, contributors], [[60, 0], SITES]);
  const bias = SITES * levels(BITS);
  const means = [...values].map((value) => (value - bias) / levels(BITS));
  for (const [i, expected] of [6 / 8, -6 / 8, 0].entries()) {
    assert.ok(Math.abs(means[i]! - expected) <= SITES / levels(BITS), `value ${i}: ${means[i]}`);
  }
});

test('a refusal keeps its code on the way out of the worker', async () => {
  writeFileSync(place(0, 'short'), new Uint8Array(8));
  const file = { path: place(0, 'short'), chunks: 1, root: CONTEXT };
  const task = { context: CONTEXT, setRoot: SET_ROOT, sumRoot: CONTEXT, file };
  await assert.rejects(encryptor.checksum(task), (error) => {
    return error instanceof Refusal && error.code === 'PART_BAD_LENGTH';
  });
});

test('a fault of this site is an error, and the worker goes on', async () => {
  const file = { path: place(0, 'missing'), chunks: 1, root: CONTEXT };
  const task = { context: CONTEXT, setRoot: SET_ROOT, sumRoot: CONTEXT, file };
  await assert.rejects(encryptor.checksum(task), (error) => {
    return !(error instanceof Refusal) && /ENOENT/.test(String(error));
  });
  assert.equal((await encryptAs(1)).chunks, 2);
});

test('closing rejects what is under way and what comes after', async () => {
  const closing = createEncryptor();
  const file = { path: place(0, 'missing'), chunks: 1, root: CONTEXT };
  const task = { context: CONTEXT, setRoot: SET_ROOT, sumRoot: CONTEXT, file };
  const pending = assert.rejects(closing.checksum(task), /closed/);
  await closing.close();
  await pending;
  await assert.rejects(closing.checksum(task), /closed/);
});
