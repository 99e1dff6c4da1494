// For each reason a round may fail for, a plan that makes it: what can be enumerated is not left to luck.
import assert from 'node:assert/strict';
import { playTests, test } from '../simulation/played-tests.ts';
import '../simulation/simulated-modules.ts';
import type { Absence, FederationPlan } from './federation-plan.ts';

const { play } = await import('./schedule.ts');

const PLANS: Readonly<Record<string, FederationPlan>> = {
  TOO_FEW_CONTRIBUTORS: { sites: 3, absences: [1, 2].map((site) => leaving(site, 'collecting')) },
  TOO_FEW_ACKNOWLEDGEMENTS: { sites: 3, absences: [1, 2].map((site) => leaving(site, 'sealed')) },
  CHECKSUM_MISSING: { sites: 3, absences: [1, 2, 3].map((site) => leaving(site, 'summed')) },
  CHECKSUM_MISMATCH: { sites: 3, tampering: { round: 0, how: 'loses a member' } },
  TOO_FEW_OPENINGS: { sites: 3, absences: [1, 2].map((site) => leaving(site, 'opening')) },
  TOO_FEW_ATTESTATIONS: { sites: 3, absences: [1, 2].map((site) => leaving(site, 'attesting')) },
  MODEL_DISAGREEMENT: {
    sites: 3,
    mischief: [{ site: 2, round: 1, what: 'misreads the sum', always: true }],
  },
};

for (const [reason, plan] of Object.entries(PLANS))
  test(`a round fails for ${reason}, and its job comes to an end`, async () => {
    const { reached } = await play(plan);
    assert.ok(reached.has(`failed: ${reason}`), [...reached].join(', '));
    assert.ok(['job failed', 'job finished'].some((end) => reached.has(end)));
  });

await playTests();

function leaving(site: number, phase: string): Absence {
  return { site, round: 0, phase, returns: false };
}
