// Whether the person who approved a job has to look at it again, because its members have changed since.
import type { Journal } from '../journal/journal.ts';
import type { JobTerms, SiteTerms } from '../session/site-terms.ts';
import type { Policy } from './policy.ts';

/**
 * What a job that goes by another roster than it was approved under waits for, where the policy asks for that; undefined for
 * nothing. An approval under a later roster counts for the rounds before it: rosters never go back.
 */
export function describeUnapproved(
  terms: JobTerms & Pick<SiteTerms, 'knownRoster'>,
  policy: Pick<Policy, 'approval'>,
  journal: Pick<Journal, 'decision'>,
): string | undefined {
  if (policy.approval !== 'each-roster') return undefined;
  const { job } = terms.manifest;
  const decision = journal.decision(job);
  const isApproved = decision?.verdict === 'approved' && decision.manifestHash === terms.manifestHash;
  if (isApproved && decision.rosterHash === terms.rosterHash) return undefined;
  const approved = isApproved ? (terms.knownRoster(decision.rosterHash)?.version ?? 0) : 0;
  if (approved > terms.roster.version) return undefined;
  return `somebody at this site has to approve it under roster version ${terms.roster.version}: blindsum-site jobs approve ${job}`;
}
