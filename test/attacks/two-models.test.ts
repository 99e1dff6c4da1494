// A coordinator that shows two sites different models: they have different contexts, and nothing of the one fits the other
// (PROTOCOL.md section 3; section 8, invariants 6 and 7).
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  encodePart,
  globalModelHash,
  Q,
  Refusal,
  sharingKeyOf,
  type Digest,
  type GlobalModel,
  type KeyShare,
} from '@blindsum/proto';
import { createPartHasher } from '../../participant/src/encryption/ciphertext-file.ts';
import { openShares, reconstructKey, sealOpening } from '../../participant/src/encryption/key-shares.ts';
import { decryptSum } from '../../participant/src/encryption/sum-decryptor.ts';
import { encryptUpdate, type EncryptedUpdate } from '../../participant/src/encryption/update-encryptor.ts';
import { createTestFederation } from '../fixtures/federation.ts';
import { everyone, withFederation } from './attacked-federation.ts';
import { recordAt, type Lies } from './lying-coordinator.ts';

const otherModel = (model: GlobalModel) => ({ ...model, weights: model.weights.map((w) => w + 1) });

test('a site that is shown another model than it holds stops, and the others do not open without it', async () => {
  const other = 'ab'.repeat(32) as Digest;
  const lies: Lies = {
    show: (round, site) => (site === 'hospital-c' ? { ...round, baseModelHash: other } : round),
  };
  await withFederation({ sites: 3, lies }, async (federation) => {
    await federation.run();
    assert.deepEqual(federation.senders('commitment'), [0, 1]);
    federation.assertRefusedBeforeOpening({
      0: 'TOO_FEW_CONTRIBUTORS',
      1: 'TOO_FEW_CONTRIBUTORS',
      2: 'MODEL_MISMATCH',
    });
  });
});

test('sites that hold different models, each shown its own, refuse the commitments of the others', async () => {
  let hash: Digest | undefined;
  const modelOf = (index: number, initial: GlobalModel) => {
    if (index !== 2) return initial;
    hash = globalModelHash(otherModel(initial));
    return otherModel(initial);
  };
  const lies: Lies = {
    show: (round, site) => (site === 'hospital-c' ? { ...round, baseModelHash: hash! } : round),
  };
  await withFederation({ sites: 3, lies, modelOf }, async (federation) => {
    await federation.run();
    assert.deepEqual(federation.senders('commitment'), [0, 1, 2]);
    assert.deepEqual(federation.senders('acknowledgement'), []);
    federation.assertRefusedBeforeOpening(everyone(3, 'WRONG_CONTEXT'));
  });
});

test('a sum over two contexts does not open, even with every key', async () => {
  const [one, two] = ['11', '22'].map((byte) => byte.repeat(32) as Digest) as [Digest, Digest];
  assert.deepEqual((await openAll([one, one, one])).header, [6]);
  await assert.rejects(
    openAll([one, one, two]),
    (error: unknown) => error instanceof Refusal && error.code === 'BAD_RESIDUAL',
  );
});

interface Dealt extends EncryptedUpdate {
  readonly context: Digest;
  readonly bytes: Buffer;
  readonly bundle: Buffer;
}

/** Encrypts 1, 2 and 3 under these contexts, and opens the sum under the first with the help of all sites. */
async function openAll(contexts: readonly Digest[]) {
  const { roster, sites } = createTestFederation();
  const sharing = { sharingKeys: roster.members.map(sharingKeyOf), threshold: 2, bits: 16, capacity: 3 };
  const folder = mkdtempSync(join(tmpdir(), 'blindsum-contexts-'));
  try {
    const dealt: Dealt[] = [];
    for (const [i, context] of contexts.entries()) {
      const files = { ciphertext: join(folder, `c${i}`), shares: join(folder, `s${i}`) };
      const task = { ...sharing, ownIndex: i + 1, context, files, payload: { header: [i + 1] } };
      const encrypted = await encryptUpdate(task, () => undefined);
      dealt.push({
        context,
        ...encrypted,
        bytes: readFileSync(files.ciphertext),
        bundle: readFileSync(files.shares),
      });
    }
    const context = contexts[0]!;
    const setRoot = 'cc'.repeat(32) as Digest;
    const shareSumOf = (to: number) =>
      addShares(
        dealt.map((from, i) => {
          const received = { from: i + 1, bundleRoot: from.shareRoot, ...recordAt(from.bundle, to) };
          const shares = [{ ...received, ciphertextRoot: from.ciphertextRoot }];
          const recipient = {
            context: from.context,
            ownIndex: to + 1,
            sites: 3,
            secretKey: sites[to]!.sharingSecret,
          };
          return openShares({ ...recipient, shares }).sum!;
        }),
      );
    const openings = [0, 1].map((index) => {
      const task = { context, setRoot, sum: shareSumOf(index), ...sharing, ownIndex: index + 1 };
      const bundle = sealOpening(task);
      return { from: index + 1, bundleRoot: bundle.root, ...recordAt(bundle.bytes, 2) };
    });
    const recipient = { context, ownIndex: 3, sites: 3, secretKey: sites[2]!.sharingSecret };
    const { candidates } = reconstructKey({ ...recipient, setRoot, threshold: 2, contributors: 3, openings });
    const { keySum } = candidates[0]!;
    const sum = writeSum(
      join(folder, 'sum'),
      dealt.map(({ bytes }) => bytes),
    );
    const layout = { bits: 16, sites: 3, headerIntegers: 1, values: 0 };
    return await decryptSum({ context, sum, layout, contributors: 3, keySum }, () => undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function addShares(shares: readonly KeyShare[]): KeyShare {
  return shares.reduce((sum, share) => sum.map((value, i) => (value + share[i]!) % 65521));
}

function writeSum(path: string, ciphertexts: readonly Buffer[]) {
  const terms = ciphertexts.map((bytes) => new BigUint64Array(new Uint8Array(bytes).buffer));
  const sum = terms.reduce((total, term) => total.map((value, i) => (value + term[i]!) % Q));
  writeFileSync(path, encodePart(sum));
  const hasher = createPartHasher();
  hasher.add(sum);
  return { path, root: hasher.root() };
}
