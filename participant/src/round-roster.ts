// The roster of a round, as this site goes by it: one that it has accepted, and never an older one than before in the same job.
import { Refusal, refuseUnless, memberOf, verifyManifestFits, type Digest } from '@blindsum/proto';
import type { Session } from './session-context.ts';
import type { SiteTerms } from './session/site-terms.ts';

/**
 * This site's terms in a round under the roster with this hash. Asks for news of rosters if it does not go by that one yet.
 * Refuses ROSTER_NOT_APPROVED, BAD_ROSTER for an older one than a round of the job went by, WRONG_CONTEXT for another one in a job
 * that keeps its roster, MANIFEST_INVALID for one that the job does not fit, and NOT_A_MEMBER.
 */
export async function termsUnder(
  { journal, rosters, terms }: Pick<Session, 'journal' | 'rosters' | 'terms'>,
  rosterHash: Digest,
): Promise<SiteTerms> {
  const { manifest, site } = terms;
  const { job } = manifest;
  if (!rosters.known.byHash(rosterHash)?.isAccepted) await rosters.follow();
  const known = rosters.known.byHash(rosterHash);
  if (known?.isAccepted !== true)
    throw new Refusal(
      'ROSTER_NOT_APPROVED',
      `${job} goes by a roster (${rosterHash}) under which this site does not take part: see roster show`,
    );
  const { roster } = known;
  refuseUnless(
    manifest.roster === 'follow' || journal.consent(job)?.rosterHash === rosterHash,
    'WRONG_CONTEXT',
    `${job} keeps its roster, the coordinator announces version ${roster.version}`,
  );
  memberOf(roster, site);
  verifyManifestFits(manifest, roster);
  journal.recordJobRoster(job, roster.version);
  return { ...terms, roster, rosterHash };
}
