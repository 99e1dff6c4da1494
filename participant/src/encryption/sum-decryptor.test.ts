import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  createWasmKernel,
  encodePart,
  N,
  packingLayout,
  Q,
  Refusal,
  type Digest,
  type RefusalCode,
} from '@blindsum/proto';
import fc from 'fast-check';
import { createPartHasher, type CiphertextFile } from './ciphertext-file.ts';
import { PayloadEncryption } from './payload-encryption.ts';
import type { QuantisedPayload } from './payload.ts';
import { createSealEngine, type SealEngine } from './seal-engine.ts';
import { decryptSum, type DecryptionTask } from './sum-decryptor.ts';

const BITS = 16;
const MAX_VALUE = 2 ** BITS - 2;
const CONTEXT = '11'.repeat(32) as Digest;
const OTHER_CONTEXT = '22'.repeat(32) as Digest;

const folder = mkdtempSync(join(tmpdir(), 'blindsum-sum-'));
after(() => rmSync(folder, { recursive: true }));

/** A sum as the coordinator makes it, and the sum of the keys, which only this test sees. */
interface SummedPayloads {
  readonly coefficients: BigUint64Array;
  readonly keySum: Int32Array;
  readonly layout: DecryptionTask['layout'];
}

const engines = new Map<number, SealEngine>();
after(() => engines.forEach((engine) => engine.destroy()));

async function sumEncrypted(
  payloads: readonly QuantisedPayload[],
  contextOf: (site: number) => Digest = () => CONTEXT,
): Promise<SummedPayloads> {
  const sites = payloads.length;
  const layout = packingLayout({ bits: BITS, sites });
  const engine = engines.get(layout.plainBits) ?? (await createSealEngine(layout.plainBits));
  engines.set(layout.plainBits, engine);
  const keySum = new Int32Array(N);
  const summing = createWasmKernel();
  let sum: BigUint64Array | undefined;
  let scratch: BigUint64Array | undefined;
  for (const [site, payload] of payloads.entries()) {
    const context = contextOf(site);
    const kernel = createWasmKernel({ maxCoefficients: 40 * N });
    const key = engine.generateOneTimeKey(kernel.allocate(N));
    key.coefficients.forEach((value, i) => (keySum[i] = keySum[i]! + value));
    const encryption = new PayloadEncryption({ engine, kernel, key, layout, payload, context });
    const [part] = [...encryption.ciphertextParts()];
    sum ??= summing.allocate(part!.length);
    scratch ??= summing.allocate(part!.length);
    scratch.set(part!);
    summing.addInto(sum, scratch);
    key.destroy();
  }
  const [{ header, biased }] = payloads as [QuantisedPayload];
  const shape = { bits: BITS, sites, headerIntegers: header.length, values: biased.length };
  return { coefficients: sum!.slice(), keySum, layout: shape };
}

function writeSum(name: string, coefficients: BigUint64Array): Omit<CiphertextFile, 'chunks'> {
  const path = join(folder, name);
  writeFileSync(path, encodePart(coefficients));
  const hasher = createPartHasher();
  hasher.add(coefficients);
  return { path, root: hasher.root() };
}

function openSum(sum: SummedPayloads, change: Partial<DecryptionTask> = {}) {
  const task = {
    context: CONTEXT,
    sum: writeSum('sum', sum.coefficients),
    layout: sum.layout,
    contributors: sum.layout.sites,
    keySum: sum.keySum,
  };
  return decryptSum({ ...task, ...change }, () => undefined);
}

function refusal(code: RefusalCode, detail: RegExp = /./) {
  return (error: unknown) => error instanceof Refusal && error.code === code && detail.test(error.detail);
}

const add = (rows: readonly ArrayLike<number>[]) =>
  Array.from(rows[0]!, (_, i) => rows.reduce((sum, row) => sum + row[i]!, 0));

async function assertOpensExactly(payloads: readonly QuantisedPayload[]): Promise<void> {
  const opened = await openSum(await sumEncrypted(payloads));
  assert.deepEqual(opened.header, add(payloads.map(({ header }) => header)));
  assert.deepEqual([...opened.values], add(payloads.map(({ biased }) => biased)));
  assert.equal(opened.contributors, payloads.length);
}

const value = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: MAX_VALUE }) },
  fc.constantFrom(0, MAX_VALUE),
);
const payload = (values: number) =>
  fc.record({
    header: fc.tuple(fc.integer({ min: 0, max: 2 ** 40 }), fc.constantFrom(0, 2 ** 40)),
    biased: fc.array(value, { minLength: values, maxLength: values }).map((list) => Uint32Array.from(list)),
  });

for (const [sites, runs] of [
  [2, 4],
  [3, 4],
  [16, 2],
] as const) {
  test(`the sum of ${sites} sites opens exactly, whatever they hold`, async () => {
    const some = fc.integer({ min: 1, max: 40 }).chain((values) => {
      return fc.array(payload(values), { minLength: sites, maxLength: sites });
    });
    await fc.assert(fc.asyncProperty(some, assertOpensExactly), { numRuns: runs });
  });
}

test('the sum of 64 sites opens exactly when every field of every coefficient is full', async () => {
  const { valuesPerChunk } = packingLayout({ bits: BITS, sites: 64 });
  const full = { header: [2 ** 40], biased: new Uint32Array(valuesPerChunk).fill(MAX_VALUE) };
  await assertOpensExactly(Array.from({ length: 64 }, () => full));
});

test('one-hot updates count every site exactly once, over several chunks', async () => {
  const sites = 3;
  const { valuesPerChunk } = packingLayout({ bits: BITS, sites });
  const values = valuesPerChunk + sites;
  const payloads = Array.from({ length: sites }, (_, i) => {
    const biased = new Uint32Array(values);
    biased[i] = 1;
    biased[valuesPerChunk + i] = 1;
    return { header: [1], biased };
  });
  const opened = await openSum(await sumEncrypted(payloads));
  const ones = [...opened.values].flatMap((count, i) => (count === 0 ? [] : [[i, count]]));
  assert.deepEqual(
    ones,
    [0, 1, 2, valuesPerChunk, valuesPerChunk + 1, valuesPerChunk + 2].map((i) => [i, 1]),
  );
});

test('what does not belong to the sum shows as a residual that names the chunk', async (t) => {
  const payloads = [1, 2].map((biased) => ({ header: [biased], biased: Uint32Array.of(biased, 7) }));
  const sum = await sumEncrypted(payloads);
  const tampered = sum.coefficients.slice();
  tampered[N + 17] = (tampered[N + 17]! + 1n) % Q;
  const wrongKey = sum.keySum.slice();
  wrongKey[99] = wrongKey[99]! + 1;
  const doubled = sum.coefficients.map((x) => (2n * x) % Q);
  const strange = await sumEncrypted(payloads, () => OTHER_CONTEXT);

  await t.test('a sum with one changed coefficient', async () => {
    await assert.rejects(
      openSum(sum, { sum: writeSum('tampered', tampered) }),
      refusal('BAD_RESIDUAL', /^chunk 1:/),
    );
  });
  await t.test('a key sum with one changed coefficient', async () => {
    await assert.rejects(openSum(sum, { keySum: wrongKey }), refusal('BAD_RESIDUAL', /^chunk 0:/));
  });
  await t.test('a sum that counts everyone twice', async () => {
    await assert.rejects(openSum(sum, { sum: writeSum('doubled', doubled) }), refusal('BAD_RESIDUAL'));
  });
  await t.test('a sum of another context', async () => {
    await assert.rejects(openSum(strange), refusal('BAD_RESIDUAL', /^chunk 0:/));
  });
  await t.test('a sum whose contributors saw different contexts', async () => {
    const mixed = await sumEncrypted(payloads, (site) => (site === 0 ? OTHER_CONTEXT : CONTEXT));
    await assert.rejects(openSum(mixed), refusal('BAD_RESIDUAL'));
  });
});

test('a file that is not the sum agreed on is refused before anything is opened', async () => {
  const sum = await sumEncrypted([1, 2].map((biased) => ({ header: [5], biased: Uint32Array.of(biased) })));
  const file = writeSum('agreed', sum.coefficients);
  const flipped = sum.coefficients.slice();
  flipped[3] = flipped[3]! ^ 1n;
  const beyond = sum.coefficients.slice();
  beyond[N + 2] = Q;
  const cases: [BigUint64Array, RefusalCode, RegExp][] = [
    [flipped, 'ROOT_MISMATCH', /./],
    [beyond, 'PART_OUT_OF_RANGE', /coefficient 2 of chunk 1/],
    [sum.coefficients.subarray(N), 'PART_BAD_LENGTH', /./],
  ];
  for (const [coefficients, code, detail] of cases) {
    writeSum('agreed', coefficients);
    await assert.rejects(openSum(sum, { sum: file }), refusal(code, detail));
  }
});
