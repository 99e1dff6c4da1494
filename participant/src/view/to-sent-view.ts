// What left this site: in which form, who can read it, how much and when.
import { SENT_FORMS, type SentKind } from '../activity/sent-forms.ts';
import type { SentTotal } from '../activity/sent-ledger.ts';
import type { SiteView } from './site-view.ts';

type SentView = SiteView['sent'];

const MAX_ATTEMPTS = 50;
/** As somebody asks: what is about the rows comes first. */
const ORDER = Object.keys(SENT_FORMS) as readonly SentKind[];

export function toSentView(totals: readonly SentTotal[]): SentView {
  const firsts = totals.map(({ firstMs }) => firstMs);
  const attempts = toAttempts(totals);
  return {
    sinceMs: firsts.length === 0 ? null : Math.min(...firsts),
    bytes: sumOf(totals.map(({ bytes }) => bytes)),
    kinds: ORDER.flatMap((kind) => {
      const ofKind = totals.filter((total) => total.kind === kind);
      return ofKind.length === 0 ? [] : [{ kind, ...SENT_FORMS[kind], ...together(ofKind) }];
    }),
    attempts: attempts.slice(0, MAX_ATTEMPTS),
    omittedAttempts: Math.max(0, attempts.length - MAX_ATTEMPTS),
  };
}

/** The latest first. */
function toAttempts(totals: readonly SentTotal[]): SentView['attempts'] {
  const byPlace = Map.groupBy(
    totals.filter(({ round }) => round !== undefined),
    ({ job, round, attempt }) => JSON.stringify([job, round, attempt]),
  );
  return [...byPlace.values()]
    .map((ofAttempt) => {
      const [{ job = '', round = 0, attempt = 0 }] = ofAttempt as [SentTotal];
      const { bytes, lastMs } = together(ofAttempt);
      return { job, round, attempt, bytes, lastMs, messages: toMessages(ofAttempt) };
    })
    .toSorted((a, b) => b.lastMs - a.lastMs || b.round - a.round);
}

function toMessages(totals: readonly SentTotal[]): SentView['attempts'][number]['messages'] {
  return totals
    .map(({ kind, times, bytes, lastMs }) => ({ kind, what: SENT_FORMS[kind].what, times, bytes, lastMs }))
    .toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

function together(totals: readonly SentTotal[]) {
  return {
    times: sumOf(totals.map(({ times }) => times)),
    bytes: sumOf(totals.map(({ bytes }) => bytes)),
    firstMs: Math.min(...totals.map(({ firstMs }) => firstMs)),
    lastMs: Math.max(...totals.map(({ lastMs }) => lastMs)),
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
