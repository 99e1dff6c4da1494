// What a site has contributed, as rows.
import type { Contribution } from './documents.ts';
import { toDateTime, toSize } from './format.ts';
import { awaitedWord, KINDS, leftOutWord, type Tone } from './words.ts';

export interface ContributionRow {
  readonly key: string;
  readonly when: string;
  readonly job: string;
  /** "Round 3", "Column statistics". */
  readonly round: string;
  /** Empty for the first. */
  readonly attempt: string;
  readonly outcome: { readonly word: string; readonly tone: Tone };
  readonly why: string;
  /** Of its ciphertext; empty for none. */
  readonly size: string;
}

const OUTCOMES: Readonly<Record<Contribution['outcome'], ContributionRow['outcome']>> = {
  contributed: { word: 'Contributed', tone: 'good' },
  leftOut: { word: 'Left out', tone: 'warn' },
  awaited: { word: 'Awaited', tone: 'busy' },
};

export function toContributionRows(contributions: readonly Contribution[]): ContributionRow[] {
  return contributions.map(({ job, round, attempt, kind, outcome, why, ciphertextBytes, atMs }) => ({
    key: `${job} ${round} ${attempt}`,
    when: toDateTime(atMs),
    job,
    round: kind === 'training' ? `Round ${round}` : KINDS[kind],
    attempt: attempt > 1 ? `attempt ${attempt}` : '',
    outcome: OUTCOMES[outcome],
    why: toWhy(outcome, why),
    size: toSize(ciphertextBytes),
  }));
}

function toWhy(outcome: Contribution['outcome'], why: string | null): string {
  if (why === null) return '';
  return outcome === 'awaited' ? awaitedWord(why) : leftOutWord(why);
}
