// A run that went well, with made-up numbers.
import { DATASETS } from './datasets.ts';
import type { Outcome, RoundKind, RoundOutcome } from './outcome.ts';

const PHASES = ['collecting', 'sealed', 'summed', 'opening'];
const MODEL_HASH = '4f8a'.repeat(16);

function createRound(round: number, kind: RoundKind, startMs: number): RoundOutcome {
  const lengths = [1400, 250, 320, 480];
  const phases = PHASES.map((phase, i) => {
    const from = startMs + lengths.slice(0, i).reduce((sum, ms) => sum + ms, 0);
    return { phase, startMs: from, endMs: from + lengths[i]! };
  });
  const quality = 1 - 0.45 * 0.6 ** Math.max(0, round - 1);
  const metrics = {
    aucMillionths: Math.round(quality * 0.995e6),
    lossMillionths: Math.round((1.05 - quality) * 1e6),
  };
  return {
    round,
    attempt: 1,
    kind,
    state: 'published',
    contributors: ['hospital-a', 'hospital-b', 'hospital-c'],
    leftOut: [],
    failure: undefined,
    phases,
    metrics: kind === 'statistics' ? {} : metrics,
  };
}

/** Three sites, ten training rounds, everything published and audited. */
export function createOutcome(): Outcome {
  const kindOf = (round: number): RoundKind =>
    round === 0 ? 'statistics' : round === 11 ? 'evaluation' : 'training';
  const score = (auc: number, accuracy: number) => ({ auc, accuracy });
  return {
    dataset: DATASETS.breast_cancer,
    sites: [
      ['hospital-a', 123, score(0.9856, 0.912)] as const,
      ['hospital-b', 154, score(0.9899, 0.947)] as const,
      ['hospital-c', 179, score(0.8883, 0.805)] as const,
    ].map(([site, trainingRows, alone]) => ({
      site,
      trainingRows,
      holdoutRows: 38,
      positives: 0.4,
      alone,
      modelHash: MODEL_HASH,
    })),
    trainingRounds: 10,
    rounds: Array.from({ length: 12 }, (_, round) => createRound(round, kindOf(round), round * 2500)),
    federated: score(0.9941, 0.947),
    pooled: score(0.9943, 0.938),
    logSeconds: 0.05,
    wire: { parameters: 641, ciphertextBytes: 65536, bits: 16, asymptoticBytesPerParameter: 4 },
    audit: [
      {
        command: 'blindsum-audit fsck log',
        ok: true,
        text: 'OK: the log hospitals.example is intact: 27 entries\n',
      },
      {
        command: 'blindsum-audit verify-round log --archive coordinator/blobs --all',
        ok: true,
        text: 'VERIFIED: all 12 published rounds\n',
      },
    ],
    seconds: 41.2,
  };
}
