// The series of the counters that are there before anything has happened.
import type { Counter } from 'prom-client';
import type { RoundKind } from '@blindsum/proto';
import type { CommitFate } from '../session/commit-receipt.ts';

export const KINDS: readonly RoundKind[] = ['statistics', 'training', 'evaluation'];
export const FATES: readonly CommitFate['kind'][] = ['included', 'left-out', 'attempt-failed', 'broken'];

/** Counters begin with 0: Prometheus sees no increase in one that is there only from its first event on. */
export function startAtZero<L extends string>(
  counter: Counter<L>,
  series: readonly Readonly<Record<L, string>>[],
): void {
  for (const labels of series) counter.inc(labels, 0);
}
