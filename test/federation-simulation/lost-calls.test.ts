// A good job, with each call of a site lost, repeated or cut in turn, or its caller killed while it is on its way.
import assert from 'node:assert/strict';
import { playTests, test } from '../simulation/played-tests.ts';
import '../simulation/simulated-modules.ts';
import type { Fate } from './simulated-network.ts';

const { survives } = await import('./endings.ts');

/** Of which sites; the others do the same. */
const CALLERS = process.env['BLINDSUM_SIMULATION_RUNS'] === undefined ? /^site-2/ : /^site/;

function survivesEach(fate: Fate, calls = CALLERS) {
  return survives({ sites: 3 }, (reference) =>
    reference.network.calls.flatMap((call, i) =>
      calls.test(call) ? [[`${call}: ${fate}`, { fates: new Map([[i + 1, fate]]) }] as const] : [],
    ),
  );
}

for (const fate of ['request lost', 'answer lost', 'request repeated'] as const)
  test(`a good job survives any one ${fate}`, async () => {
    await survivesEach(fate);
  });

test('a good job survives that any one upload is cut in the middle, and goes on from there', async () => {
  const { reached, runs } = await survivesEach('stream broken', /uploads/);
  for (const kind of ['ciphertext', 'shares', 'opening'])
    assert.ok(reached.has(`upload of ${kind} resumed`), kind);
  assert.equal(runs, 27);
});

test('a good job survives that a site is killed in the middle of any one call', async () => {
  const { reached } = await survivesEach('caller killed');
  for (const step of [
    'consents',
    'watches',
    'uploads shares',
    'uploads ciphertext',
    'sends commitment',
    'downloads shares',
    'sends acknowledgement',
    'sends checksum',
    'downloads sum',
    'uploads opening',
    'sends opening',
    'downloads openings',
    'sends attestation',
  ])
    assert.ok(reached.has(`site crash while ${step}`), `never crashed while it ${step}`);
});

await playTests();
