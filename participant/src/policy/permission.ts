// Whether the site may consent to a job: every rule of its policy, and a person where the policy asks for one.
import { Refusal, type JobId } from '@blindsum/proto';
import type { Decision } from '../journal/decision-journal.ts';
import type { Journal } from '../journal/journal.ts';
import type { JobTerms } from '../session/site-terms.ts';
import type { Policy } from './policy.ts';
import { reviewPolicy, verifyAllowed } from './review-policy.ts';
import { siteHistory } from './site-leave.ts';

/**
 * Refuses POLICY_FORBIDS with every rule that forbids, and APPROVAL_NEEDED while no person has approved exactly these documents,
 * or one has refused them.
 */
export function verifyPermitted(terms: JobTerms, policy: Policy, journal: Journal): void {
  const { job } = terms.manifest;
  verifyAllowed(reviewPolicy(policy, { ...terms, history: siteHistory(journal, job) }));
  const decision = journal.decision(job);
  const isAbout = isDecisionAbout(decision, terms);
  if (isAbout && decision?.verdict === 'refused') {
    throw needed(
      job,
      `${decision.decidedBy} refused it${decision.reason === '' ? '' : `: ${decision.reason}`}`,
    );
  }
  if (policy.approval === 'automatic' || (isAbout && decision?.verdict === 'approved')) return;
  throw needed(
    job,
    decision === undefined || isAbout
      ? `somebody at this site has to approve it: blindsum-site jobs approve ${job}`
      : 'what was decided at this site was about another manifest or roster',
  );
}

/** A decision never counts for other bytes than those it was about. */
export function isDecisionAbout(
  decision: Decision | undefined,
  { manifestHash, rosterHash }: Pick<JobTerms, 'manifestHash' | 'rosterHash'>,
): boolean {
  return decision?.manifestHash === manifestHash && decision.rosterHash === rosterHash;
}

function needed(job: JobId, detail: string): Refusal {
  return new Refusal('APPROVAL_NEEDED', `${job}: ${detail}`);
}
