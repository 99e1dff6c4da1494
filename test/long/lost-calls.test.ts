// A good job, with each of its calls lost or repeated in turn, or its caller killed while it is on its way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { survives } from '../federation-simulation/endings.ts';
import { FATES } from '../federation-simulation/simulated-network.ts';

for (const fate of FATES)
  test(`a good job survives any one ${fate}`, async () => {
    await survives({ sites: 3 }, (reference) =>
      reference.network.calls.map((call, i) => [`${call}: ${fate}`, { fates: new Map([[i + 1, fate]]) }]),
    );
  });

test('a good job survives that a site is killed in the middle of any one call', async () => {
  const { reached } = await survives({ sites: 3 }, (reference) =>
    reference.network.calls.flatMap((call, i) =>
      call.startsWith('site-2') ? [[call, { fates: new Map([[i + 1, 'caller killed' as const]]) }]] : [],
    ),
  );
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
