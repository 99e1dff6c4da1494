// The sentences about a job that the terminal and the page have in common.
import { plural, toDurationText, toTimeText } from './quantities.ts';
import type { JobView } from './site-view.ts';

type Decision = JobView['decision'];

const VERDICTS: Record<Decision['verdict'], string> = {
  none: 'nobody has decided yet',
  waits: 'waits for a person here',
  forbidden: 'not taken part in',
  approved: 'approved, not consented yet',
  refused: 'refused',
  consented: 'consented',
  withdrawn: 'withdrawn',
};

export function toVerdictWord({ verdict }: Decision): string {
  return VERDICTS[verdict];
}

/** `consented, by ada, 2026-…: the board said so`. */
export function toDecisionText({ decision, withdrawnFromRound }: JobView): string {
  const { by, why, atMs } = decision;
  return [
    VERDICTS[decision.verdict],
    ...(withdrawnFromRound === null ? [] : [` from round ${withdrawnFromRound} on`]),
    ...(by === '' ? [] : [`, by ${by === 'policy' ? 'this site’s policy' : by}`]),
    ...(atMs === null ? [] : [`, ${toTimeText(atMs)}`]),
    ...(why === '' ? [] : [`: ${why}`]),
  ].join('');
}

/** What the job would do with the rows, in one sentence. */
export function toUseText(asks: NonNullable<JobView['asks']>): string {
  const { columns, label, uses, rounds, epochs, parameters } = asks;
  return (
    `Reads ${plural(columns.length, 'column')} and the label ${label}; uses the rows ${plural(uses, 'time')} ` +
    `(statistics, ${plural(rounds, 'training round')} of ${plural(epochs, 'pass').replace(/passs$/, 'passes')}, evaluation); ` +
    `trains ${plural(parameters, 'parameter')}.`
  );
}

/** In one line; `says` of the document has the sentences. */
export function toProtectionText(protections: NonNullable<JobView['asks']>['protections']): string {
  const { minContributors, threshold, members, clipNorm } = protections;
  return `a secure sum over ${minContributors} sites or more, opened by ${threshold} of ${members}; updates clipped to a norm of ${clipNorm}; no noise`;
}

/** What it is at: `round 3 of 10 (training), attempt 1: training`. */
export function toDoingText({ doing, asks }: JobView): string {
  if (doing === null) return '';
  const { round, attempt, kind, activity } = doing;
  if (round === null) return activity;
  const last = asks === null ? '' : ` of ${asks.rounds + 1}`;
  return `round ${round}${last}${kind === null ? '' : ` (${kind})`}${(attempt ?? 1) > 1 ? `, attempt ${attempt}` : ''}: ${activity}`;
}

export function toContributionText({ contributedRounds, receipts }: JobView): string {
  if (contributedRounds === 0) return 'contributed to no round';
  return `contributed to ${plural(contributedRounds, 'round')}; receipts of the log: ${receipts.complete} of ${receipts.promised} complete`;
}

export function toTrainingText({ lastTraining }: JobView): string {
  if (lastTraining === null) return '';
  const { backend, ms } = lastTraining;
  return `last training took ${ms < 1_000 ? `${ms} ms` : toDurationText(ms)} on ${backend}`;
}
