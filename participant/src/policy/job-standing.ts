// How things stand between this site and a job, from its journal.
import type { JobId } from '@blindsum/proto';
import type { Decision } from '../journal/decision-journal.ts';
import type { Journal } from '../journal/journal.ts';

export type Standing = {
  /** `asked`: the site has neither consented nor has anybody decided. */
  readonly kind: 'asked' | 'approved' | 'refused' | 'consented' | 'withdrawn';
  readonly fromRound?: number;
} & Partial<Pick<Decision, 'reason' | 'decidedBy' | 'atMs'>>;

export function standingOf(
  journal: Pick<Journal, 'decision' | 'withdrawal' | 'consent'>,
  job: JobId,
): Standing {
  const decision = journal.decision(job);
  const said = decision && { reason: decision.reason, decidedBy: decision.decidedBy, atMs: decision.atMs };
  const withdrawal = journal.withdrawal(job);
  if (withdrawal) return { kind: 'withdrawn', fromRound: withdrawal.fromRound, ...said };
  if (journal.consent(job)) return { kind: 'consented', ...said };
  if (decision === undefined || decision.verdict === 'withdrawn') return { kind: 'asked' };
  return { kind: decision.verdict, ...said };
}

/** The same in a few words for people. */
export function describeStanding({ kind, fromRound, reason, decidedBy, atMs }: Standing): string {
  const by = decidedBy === undefined ? '' : ` by ${decidedBy}`;
  const when = atMs === undefined ? '' : ` on ${new Date(atMs).toISOString()}`;
  const why = reason === undefined || reason === '' ? '' : `: ${reason}`;
  switch (kind) {
    case 'asked':
      return 'nobody has decided, and this site has not consented';
    case 'approved':
      return `approved${by}${when}${why}; not consented yet`;
    case 'refused':
      return `refused${by}${when}${why}`;
    case 'consented':
      return `consented${decidedBy === undefined ? '' : `, approved${by}${when}${why}`}`;
    case 'withdrawn':
      return `withdrawn from round ${fromRound} on${by}${when}${why}`;
  }
}
