// What a site has contributed, as rows.
import type { Contribution } from './documents.ts';
import { toBytes, toDateTime } from './format.ts';
import { KINDS, leftOutWord, type Tone } from './words.ts';

export interface ContributionRow {
  readonly key: string;
  readonly when: string;
  readonly job: string;
  readonly round: string;
  readonly outcome: { readonly word: string; readonly tone: Tone };
  readonly why: string;
  readonly bytes: string;
}

const OUTCOMES: Readonly<Record<Contribution['outcome'], ContributionRow['outcome']>> = {
  contributed: { word: 'In the sum', tone: 'good' },
  leftOut: { word: 'Left out', tone: 'warn' },
  awaited: { word: 'Awaited', tone: 'busy' },
};

export function toContributionRows(contributions: readonly Contribution[]): ContributionRow[] {
  return contributions.map(({ job, round, attempt, kind, outcome, why, ciphertextBytes, atMs }) => ({
    key: `${job} ${round} ${attempt}`,
    when: toDateTime(atMs),
    job,
    round: `${round}${attempt > 1 ? `, attempt ${attempt}` : ''} (${KINDS[kind].toLowerCase()})`,
    outcome: OUTCOMES[outcome],
    why: why === null ? '' : leftOutWord(why),
    bytes: ciphertextBytes > 0 ? toBytes(ciphertextBytes) : '–',
  }));
}
