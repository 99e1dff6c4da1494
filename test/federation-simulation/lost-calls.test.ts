// A good job, with each of its calls lost or repeated in turn.
import { test } from 'node:test';
import { survives } from './endings.ts';
import { FATES } from './simulated-network.ts';

for (const fate of FATES)
  test(`a good job survives any one ${fate}`, async () => {
    await survives({ sites: 3 }, (reference) =>
      reference.network.calls.map((call, i) => [`${call}: ${fate}`, { fates: new Map([[i + 1, fate]]) }]),
    );
  });
