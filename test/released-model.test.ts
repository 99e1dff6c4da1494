// A model as the coordinator describes it, used as anybody may use it: the same predictions as the program that trained it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import {
  encodeGlobalModel,
  globalModelHash,
  createInitialModel,
  manifestLayout,
  Refusal,
  type Digest,
} from '@blindsum/proto';
import { describeModel } from '../coordinator/src/release/model-description.ts';
import { readUnlabelledCsv } from '../participant/src/data/csv-source.ts';
import { normaliseTable } from '../participant/src/data/normalise.ts';
import { predict } from '../participant/src/predict/predict.ts';
import { loadReleasedModel, parseReleasedModel } from '../participant/src/predict/released-model.ts';
import { openBackend } from '../participant/src/training/backend.ts';
import { Mlp } from '../participant/src/training/mlp.ts';
import { createTestFederation, createTestManifest, TEST_JOB } from './fixtures/federation.ts';

const { roster } = createTestFederation();
const ROWS = 'ward,age,dose,note\nnorth,30,1.5,a\nsouth,119,0,b\nnorth,7.5,9,c\n';
let folder: string;

before(async () => {
  await openBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'bs-released-'));
  await writeFile(join(folder, 'rows.csv'), ROWS);
});
after(() => rm(folder, { recursive: true }));

function createReleased(changes: Record<string, unknown> = {}) {
  const manifest = createTestManifest(roster, changes);
  const mean = Float64Array.of(0.4, 0.25);
  // The second feature had one value in all rows.
  const model = { ...createInitialModel(manifest), mean, deviation: Float64Array.of(0.2, 1) };
  model.weights.forEach((weight, i) => (model.weights[i] = weight + Math.sin(i) / 3));
  const file = encodeGlobalModel(model);
  const described = {
    ...{ manifest, round: 2, modelHash: globalModelHash(model), bytes: file.length },
    fileDigest: createHash('sha256').update(file).digest('hex') as Digest,
    ...{ mean: [...mean], deviation: [...model.deviation] },
  };
  return { manifest, model, file, described, text: describeModel(described) };
}

const MODELS = [
  { hidden: [4], activation: 'relu' },
  { hidden: [5, 3], activation: 'tanh' },
  { hidden: [], activation: 'relu' },
] as const;

for (const { hidden, activation } of MODELS)
  test(`a model with ${hidden.length} hidden layers and ${activation} predicts what it did where it was trained`, async () => {
    const spec = { ...TEST_JOB.model, hidden, activation };
    const { manifest, model, file, text } = createReleased({ model: spec });
    const released = parseReleasedModel(text, file);
    const table = await readUnlabelledCsv(join(folder, 'rows.csv'), released.schema);
    const probabilities = predict(released, table);
    const statistics = {
      mean: model.mean,
      deviation: model.deviation,
      isConstant: [false, true],
      examples: 0,
    };
    const { x, width, rows } = normaliseTable(table, statistics);
    const mlp = new Mlp(manifestLayout(manifest));
    mlp.setWeights(model.weights);
    const expected = tf.tidy(() => tf.sigmoid(mlp.logits(tf.tensor2d(x, [rows, width]))).dataSync());
    mlp.dispose();
    assert.equal(probabilities.length, 3);
    probabilities.forEach((value, i) => assert.ok(Math.abs(value - expected[i]!) < 1e-5, `${value}`));
  });

test('the command prints a probability for each row, and needs no configuration', async () => {
  const { file, text } = createReleased();
  await writeFile(join(folder, 'model.bin'), file);
  await writeFile(join(folder, 'model.json'), text);
  const main = new URL('../participant/src/main.ts', import.meta.url).pathname;
  const args = ['predict', join(folder, 'rows.csv'), '--model', folder];
  const lines = execFileSync(process.execPath, [main, ...args], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');
  assert.equal(lines.length, 4);
  assert.match(lines[0]!, /^probability_of_1$/);
  for (const line of lines.slice(1)) assert.match(line, /^0\.\d{6}$/);
  assert.equal((await loadReleasedModel(folder)).round, 2);
});

test('attack: a file that was changed, cut or exchanged is refused before a number of it is used', () => {
  const { file, text, described } = createReleased();
  const refused = (changed: string, bytes: Uint8Array) =>
    assert.throws(
      () => parseReleasedModel(changed, bytes),
      (error) => error instanceof Refusal && error.code === 'MODEL_MISMATCH',
    );
  for (const at of [0, 20, file.length - 1])
    refused(
      text,
      file.map((byte, i) => (i === at ? byte ^ 1 : byte)),
    );
  refused(text, file.subarray(0, -1));
  refused(describeModel({ ...described, modelHash: 'ab'.repeat(32) as Digest }), file);
  refused(describeModel({ ...described, fileDigest: 'ab'.repeat(32) as Digest }), file);
  refused(text.replace('"north",', '"east", "north",'), file);
});

test('attack: a description that is none is refused', () => {
  const { file, text } = createReleased();
  for (const bad of ['', '{', '[]', 'null', '{"format":"blindsum-model/v1"}', text.replace('/v1"', '/v2"')])
    assert.throws(
      () => parseReleasedModel(bad, file),
      (error) => error instanceof Refusal && error.code === 'MALFORMED',
      bad,
    );
});
