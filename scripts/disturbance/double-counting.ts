// Whether every contribution counts exactly once: in the stored messages, and in the counts that the opened sums hold.
import type { CoordinatorState, JournalState, RoundRow } from './dead-state.ts';

/** Rows of one site. */
export interface SiteRows {
  readonly site: string;
  readonly training: number;
  readonly holdout: number;
}

export interface CountingEvidence {
  readonly state: CoordinatorState;
  readonly journals: readonly JournalState[];
  readonly rows: readonly SiteRows[];
}

export interface CountingFindings {
  /** What counted twice, each in a few words. */
  readonly doubled: readonly string[];
  readonly lost: readonly string[];
}

/** Looks at every published round. */
export function findMiscounts({ state, journals, rows }: CountingEvidence): CountingFindings {
  const published = state.rounds.filter(({ phase }) => phase === 'published');
  const times = new Map<number, number>();
  for (const { round } of published) times.set(round, (times.get(round) ?? 0) + 1);
  const repeated = [...times].filter(([, count]) => count > 1);
  const doubled = repeated.map(([round, count]) => `round ${round} was published ${count} times`);
  const lost: string[] = [];
  for (const row of published) {
    const findings = [...commitmentFindings(row, state), ...sumFindings(row, journals, rows)];
    for (const { text, isDoubled } of findings)
      (isDoubled ? doubled : lost).push(`round ${row.round}: ${text}`);
  }
  return { doubled, lost };
}

interface Finding {
  readonly text: string;
  readonly isDoubled: boolean;
}

/** Each member of the set is there once, with one commitment. */
function commitmentFindings(
  { round, attempt, members }: RoundRow,
  { messages }: CoordinatorState,
): Finding[] {
  const committed = messages.filter(
    (message) => message.type === 'commitment' && message.round === round && message.attempt === attempt,
  );
  const findings = [...new Set(members)].flatMap((member) => {
    const places = members.filter((site) => site === member).length;
    const commitments = committed.filter(({ site }) => site === member).length;
    if (places === 1 && commitments === 1) return [];
    const text = `${member} is in the set ${places} times, with ${commitments} commitments`;
    return [{ text, isDoubled: commitments > 0 }];
  });
  return findings;
}

/** A site that is doubled or missing in the sum shows in the number of rows that the opened header counts. */
function sumFindings(
  { round, members }: RoundRow,
  journals: readonly JournalState[],
  rows: readonly SiteRows[],
): Finding[] {
  const contributors = rows.filter(({ site }) => members.includes(site));
  const expected = {
    examples: contributors.reduce((sum, { training }) => sum + training, 0),
    evaluated: contributors.reduce((sum, { holdout }) => sum + holdout, 0),
  };
  const outcome = journals.flatMap(({ outcomes }) => outcomes).find((one) => one.round === round);
  if (!outcome) return [{ text: 'no site holds its outcome', isDoubled: false }];
  return (['examples', 'evaluated'] as const).flatMap((metric) => {
    const counted = outcome.metrics[metric];
    if (counted === undefined || counted === expected[metric]) return [];
    const text = `the sum counts ${counted} ${metric} of ${expected[metric]}`;
    return [{ text, isDoubled: counted > expected[metric] }];
  });
}

/** Rounds of which two sites hold different models or metrics. */
export function findDisagreements(journals: readonly JournalState[]): number[] {
  const results = new Map<number, Set<string>>();
  for (const { round, modelHash, metrics } of journals.flatMap(({ outcomes }) => outcomes)) {
    const sorted = Object.entries(metrics).sort(([a], [b]) => (a < b ? -1 : 1));
    results.set(round, (results.get(round) ?? new Set()).add(JSON.stringify([modelHash, sorted])));
  }
  return [...results].filter(([, different]) => different.size > 1).map(([round]) => round);
}
