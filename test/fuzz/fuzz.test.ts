// More than 100,000 hostile inputs: nothing but an answer or a refusal, no slow path, no memory out of proportion.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FUZZ_TARGETS } from './fuzz-targets.ts';
import { describeFinding, fuzz } from './fuzz-run.ts';

const INPUTS = 105_000;
/** The same for every run of a tree: a finding does not come and go. `./scripts/fuzz` takes others. */
const SEED = 'test';

const weights = FUZZ_TARGETS.reduce((sum, { weight = 1 }) => sum + weight, 0);
let tried = 0;

for (const target of FUZZ_TARGETS) {
  test(`hostile input: ${target.name}`, async () => {
    const to = Math.ceil((INPUTS * (target.weight ?? 1)) / weights);
    const { inputs, refused, findings } = await fuzz(target, SEED, { from: 0, to });
    assert.deepEqual(findings.map(describeFinding), []);
    // Mutations of which none is refused would test nothing.
    assert.equal(refused > 0, target.refuses ?? true);
    tried += inputs;
  });
}

test('a name means one parser: findings are made again by it', () => {
  const names = FUZZ_TARGETS.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
});

test('every parser takes its valid inputs', async () => {
  for (const { seeds, parse } of FUZZ_TARGETS) for (const seed of seeds) await parse(seed);
});

test('at least 100,000 inputs were tried', () => {
  assert.ok(tried >= 100_000, `${tried}`);
});
