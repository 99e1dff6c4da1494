// The series of the counters that are there before anything has happened.
import type { Counter } from 'prom-client';
import type { Phase } from './phase-times.ts';
import type { BlobName } from './ports.ts';
import type { FailureReason } from './round/round.ts';
import type { LimitName } from './uploads/upload-quota.ts';

export type RoundEnd = 'published' | FailureReason;

/** What an attempt can end with, and in which phases. */
export const ENDS: Readonly<Record<RoundEnd, readonly Phase[]>> = {
  published: ['opening'],
  TOO_FEW_CONTRIBUTORS: ['collecting', 'sealed'],
  TOO_FEW_ACKNOWLEDGEMENTS: ['sealed'],
  CHECKSUM_MISSING: ['summed'],
  CHECKSUM_MISMATCH: ['summed'],
  TOO_FEW_OPENINGS: ['opening'],
  TOO_FEW_ATTESTATIONS: ['opening'],
  MODEL_DISAGREEMENT: ['opening'],
  CANCELLED: ['collecting', 'sealed', 'summed', 'opening'],
};
export const UPLOADS: readonly BlobName['kind'][] = [
  'ciphertext',
  'shares',
  'opening',
  'checkpoint',
  'model',
];
export const LIMITS: readonly LimitName[] = ['site', 'round', 'disk'];

/**
 * Counters begin with 0: Prometheus sees no increase in one that is there only from its first event on, and the first round that
 * disagrees is the one that somebody must be told of.
 */
export function startAtZero<L extends string>(
  counter: Counter<L>,
  series: readonly Readonly<Record<L, string>>[],
): void {
  for (const labels of series) counter.inc(labels, 0);
}
