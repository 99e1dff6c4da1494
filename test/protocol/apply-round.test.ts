import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  applyRound,
  createInitialModel,
  encodeEvaluation,
  encodeStatistics,
  globalModelHash,
  manifestLayout,
  payloadLayout,
  plainBits,
  quantize,
  Refusal,
  statisticsBits,
  summariseLogits,
  type Manifest,
  type OpenedSum,
} from '@blindsum/proto';
import { createTestFederation, createTestManifest } from '../fixtures/federation.ts';

const { roster } = createTestFederation();
const manifest = createTestManifest(roster);
const sites = roster.members.length;
const layout = manifestLayout(manifest);
const base = createInitialModel(manifest);
const evaluation = encodeEvaluation(summariseLogits(Float32Array.of(2, -2, 0.5), Uint8Array.of(1, 0, 0), 8));

/** What three sites with these updates and row counts would sum to. */
function sumOf(
  updates: readonly Float32Array[],
  rows: readonly number[],
  terms: Manifest = manifest,
): OpenedSum {
  const values = new Uint32Array(layout.parameterCount);
  const clipped = layout.tensors.map(() => 0);
  updates.forEach((update, site) => {
    const out = new Uint32Array(layout.parameterCount);
    layout.tensors.forEach((tensor, i) => {
      clipped[i]! += quantize({
        values: update.subarray(tensor.offset, tensor.offset + tensor.size),
        weight: terms.strategy.weighting === 'examples' ? rows[site]! / terms.strategy.maxExamples : 1,
        rangeExponent: base.rangeExponents[i]!,
        bits: terms.encoding.bits,
        random: randomBytes(2 * tensor.size),
        out,
        offset: tensor.offset,
      });
    });
    out.forEach((value, i) => (values[i]! += value));
  });
  const examples = rows.reduce((sum, count) => sum + count, 0);
  return { header: [examples, ...clipped, ...evaluation], values, contributors: updates.length };
}

const update = (value: (i: number) => number) =>
  Float32Array.from({ length: layout.parameterCount }, (_, i) => value(i));
const task = { manifest, sites, kind: 'training', base } as const;

test('the new model is the old one plus the mean weighted by rows, to within the quantisation step', () => {
  const updates = [update((i) => Math.sin(i) / 10), update((i) => Math.cos(i) / 10), update(() => 0.05)];
  const rows = [1000, 500, 250];
  const { model, metrics } = applyRound(task, sumOf(updates, rows));
  const step = (3 * 0.25) / 32767 / 1.75;
  model.weights.forEach((weight, i) => {
    const mean = updates.reduce((sum, one, site) => sum + one[i]! * rows[site]!, 0) / 1750;
    assert.ok(Math.abs(weight - base.weights[i]! - mean) < 2 * step, `weight ${i}`);
  });
  assert.equal(metrics['examples'], 1750);
  assert.equal(metrics['clippedMillionths'], 0);
  assert.equal(metrics['correct'], 2);
});

test('uniform weighting counts every site the same', () => {
  const uniform = { ...manifest, strategy: { ...manifest.strategy, weighting: 'uniform' as const } };
  const updates = [update(() => 0.2), update(() => 0), update(() => -0.05)];
  const { model } = applyRound({ ...task, manifest: uniform }, sumOf(updates, [1, 1000, 1000], uniform));
  model.weights.forEach((weight, i) => assert.ok(Math.abs(weight - base.weights[i]! - 0.05) < 1e-4));
});

test('the same opened sum gives bit-identical models, and the base is left alone', () => {
  const before = globalModelHash(base);
  const opened = sumOf([update((i) => i / 1e4), update(() => 0.1), update(() => -0.1)], [10, 20, 30]);
  assert.equal(
    globalModelHash(applyRound(task, opened).model),
    globalModelHash(applyRound(task, opened).model),
  );
  assert.equal(globalModelHash(base), before);
});

test('clipped values are reported and widen the next range', () => {
  const { model, metrics } = applyRound(
    task,
    sumOf([update(() => 5), update(() => 5), update(() => 5)], [1000, 1000, 1000]),
  );
  assert.equal(metrics['clippedMillionths'], 1_000_000);
  assert.ok(model.rangeExponents.every((exponent, i) => exponent > base.rangeExponents[i]!));
});

test('the statistics round sets mean and deviation and leaves the weights alone', () => {
  const bits = statisticsBits({
    sites,
    maxExamples: manifest.strategy.maxExamples,
    plainBits: plainBits(sites),
  });
  const { integers } = encodeStatistics(
    manifest.data,
    { rows: 2, numbers: Float64Array.of(30, 1, 90, 1) },
    bits,
  );
  const opened = { header: [...integers, 3], values: new Uint32Array(0), contributors: 1 };
  const { model, metrics } = applyRound({ ...task, kind: 'statistics' }, opened);
  assert.deepEqual(
    [...model.mean].map((mean) => mean.toFixed(6)),
    ['0.500000', '0.400000'],
  );
  assert.equal(model.deviation[0]?.toFixed(6), '0.250000');
  assert.deepEqual(metrics, { examples: 2, outOfRange: 3 });
  assert.deepEqual(model.weights, base.weights);
});

test('the evaluation round changes nothing', () => {
  const opened = { header: evaluation, values: new Uint32Array(0), contributors: 3 };
  const { model, metrics } = applyRound({ ...task, kind: 'evaluation' }, opened);
  assert.equal(globalModelHash(model), globalModelHash(base));
  assert.deepEqual([metrics['evaluated'], metrics['correct']], [3, 2]);
});

test('sums that no honest contributors can give are refused', () => {
  const good = sumOf([update(() => 0), update(() => 0), update(() => 0)], [1, 1, 1]);
  const bad: Record<string, OpenedSum> = {
    'a header too short': { ...good, header: good.header.slice(1) },
    'values missing': { ...good, values: good.values.slice(1) },
    'a value beyond what three sites can reach': {
      ...good,
      values: good.values.map((value, i) => (i === 3 ? 3 * 65534 + 1 : value)),
    },
    'no examples': { ...good, header: [0, ...good.header.slice(1)] },
  };
  for (const [defect, opened] of Object.entries(bad))
    assert.throws(() => applyRound(task, opened), Refusal, defect);
});

test('a training contribution is one header chunk and the packed update', () => {
  assert.equal(payloadLayout(manifest, 'training').chunks, 2);
  assert.equal(payloadLayout(manifest, 'statistics').chunks, 1);
});
