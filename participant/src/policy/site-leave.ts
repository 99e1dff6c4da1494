// Whether this site contributes to a job at the moment: its owner may take the consent back, its policy may have been tightened
// since, and the hours may be over. Acknowledging and opening are not held back by hours: others wait for them, and they say
// nothing about this site's rows that is not in the set already.
import { Refusal, signMessage, withdrawalCodec, type JobId, type Sign } from '@blindsum/proto';
import type { StoredWithdrawal } from '../journal/decision-journal.ts';
import type { Journal } from '../journal/journal.ts';
import type { Leave } from '../session/leave.ts';
import type { JobTerms, SiteTerms } from '../session/site-terms.ts';
import { isWithinHours } from './hours.ts';
import type { Policy } from './policy.ts';
import type { PolicySource } from './policy-file.ts';
import { describeForbidding, reviewPolicy, type SiteHistory } from './review-policy.ts';
import { describeUnapproved } from './roster-approval.ts';

export interface LeaveSource {
  /** Under the roster that the round goes by. */
  readonly terms: JobTerms & Pick<SiteTerms, 'knownRoster'>;
  readonly policy: PolicySource;
  readonly journal: Journal;
  readonly clock: { nowMs(): number };
  readonly keys: { readonly sign: Sign };
  readonly memory: { readonly isWithdrawalTold: boolean };
}

/** A policy that forbids a job which the site consented to withdraws the consent, durably. */
export async function siteLeave(source: LeaveSource): Promise<Leave> {
  const { terms, journal, clock } = source;
  const { job } = terms.manifest;
  const withdrawal = journal.withdrawal(job);
  if (withdrawal) return toWithdrawn(withdrawal, source);
  const alarm = journal.log.alarm();
  if (alarm) return { kind: 'held-back', why: `${alarm.code}: ${alarm.detail} (see log show)` };
  let policy: Policy;
  try {
    policy = await source.policy.current();
  } catch (error) {
    // A mistake in the file takes back no consent, and allows nothing either.
    if (!(error instanceof Refusal)) throw error;
    return { kind: 'held-back', why: error.detail };
  }
  const history = siteHistory(journal, job);
  const forbidding = describeForbidding(reviewPolicy(policy, { ...terms, history }));
  if (forbidding !== undefined) {
    const by = { decidedBy: 'policy', reason: forbidding, atMs: clock.nowMs() };
    return toWithdrawn(withdraw(source, by), source);
  }
  const unapproved = describeUnapproved(terms, policy, journal);
  if (unapproved !== undefined) return { kind: 'held-back', why: unapproved };
  if (policy.hours === undefined || isWithinHours(policy.hours, clock.nowMs())) return { kind: 'given' };
  return { kind: 'held-back', why: 'outside of the hours of policy.hours' };
}

function toWithdrawn(withdrawal: StoredWithdrawal, { memory }: Pick<LeaveSource, 'memory'>): Leave {
  return { kind: 'withdrawn', ...withdrawal, isTold: memory.isWithdrawalTold };
}

/** Takes the consent back from the first round on that the site has not signed for, durably; the first withdrawal stays. */
export function withdraw(
  { terms, journal, keys }: Pick<LeaveSource, 'journal' | 'keys'> & { readonly terms: JobTerms },
  by: { readonly decidedBy: string; readonly reason: string; readonly atMs: number },
): StoredWithdrawal {
  const { manifest, manifestHash, roster, rosterHash, site } = terms;
  const { federation, job } = manifest;
  for (;;) {
    const held = journal.withdrawal(job);
    if (held) return held;
    const last = journal.contributedRounds().find((one) => one.job === job)?.last ?? -1;
    const value = { federation, job, site, manifestHash, fromRound: last + 1 };
    const message = signMessage(withdrawalCodec, value, keys.sign, roster);
    try {
      const stored = journal.recordWithdrawal(job, { fromRound: value.fromRound, message });
      journal.recordDecision(job, { verdict: 'withdrawn', manifestHash, rosterHash, ...by });
      return stored;
    } catch (error) {
      // The agent has signed for a round meanwhile.
      if (!(error instanceof Refusal) || error.code !== 'CONFLICTING_SUBMISSION') throw error;
    }
  }
}

/** What the site has done for other jobs than `job`. */
export function siteHistory(journal: Journal, job: JobId): SiteHistory {
  const others = journal.contributedRounds().filter((one) => one.job !== job);
  return { roundsOfOthers: others.reduce((sum, { rounds }) => sum + rounds, 0) };
}
