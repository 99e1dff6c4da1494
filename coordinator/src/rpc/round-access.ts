// From what a request names to what we hold: the round a reference means, with its job's documents, opened to those whom the
// method's access rule admits.
import { memberOf, parseJobId, Refusal, refuseUnless, type SiteId } from '@blindsum/proto';
import type { RoundRef } from '@blindsum/proto/rpc';
import type { JobReader, JobDocument } from '../job-document.ts';
import type { JobStore, RoundId, RoundStore, StoredRound } from '../ports.ts';
import type { AccessRule, Membership } from './access-rules.ts';

export interface OpenRound {
  readonly id: RoundId;
  readonly stored: StoredRound;
  readonly document: JobDocument;
}

/**
 * Opens the round that a request of `site` names. Refuses MALFORMED, NOT_FOUND, or NOT_A_MEMBER for a site that is not what the
 * rule asks for.
 */
export type OpenRoundFor = (
  rule: Pick<AccessRule, 'member'>,
  site: SiteId,
  ref: RoundRef | undefined,
) => Promise<OpenRound>;

export interface AccessSources {
  readonly reader: JobReader;
  readonly rounds: Pick<RoundStore, 'load'>;
  readonly jobs: Pick<JobStore, 'consents' | 'withdrawals'>;
}

export function createRoundAccess(sources: AccessSources): OpenRoundFor {
  return async ({ member }, site, ref) => {
    const round = await openRound(sources, ref);
    await verifyMember(sources.jobs, { member, site }, round);
    return round;
  };
}

interface Claim {
  readonly member: Membership;
  readonly site: SiteId;
}

async function verifyMember(
  jobs: AccessSources['jobs'],
  { member, site }: Claim,
  { id, stored, document }: OpenRound,
): Promise<void> {
  switch (member) {
    case 'round':
      return refuseUnless(
        stored.round.rules.sites.includes(site),
        'NOT_A_MEMBER',
        `${site} takes no part in this round of ${id.job}: it had not consented when the round began`,
      );
    case 'consented': {
      const consents = await jobs.consents(id.job);
      refuseUnless(consents.has(site), 'NOT_A_MEMBER', `${site} did not consent to ${id.job}`);
      const withdrawals = await jobs.withdrawals(id.job);
      return refuseUnless(!withdrawals.has(site), 'NOT_A_MEMBER', `${site} has withdrawn from ${id.job}`);
    }
    case 'roster':
      return void memberOf(document.roster, site);
    case 'none':
    case 'federation':
      return;
  }
}

async function openRound({ reader, rounds }: AccessSources, ref: RoundRef | undefined): Promise<OpenRound> {
  const id = parseRoundRef(ref);
  await reader.open(id.job);
  const stored = await rounds.load(id);
  if (!stored) throw new Refusal('NOT_FOUND', `${id.job} has no round ${id.round} attempt ${id.attempt}`);
  const document = await reader.at(id.job, stored.round.rules.rosterHash);
  return { id, stored, document };
}

function parseRoundRef(ref: RoundRef | undefined): RoundId {
  if (!ref) throw new Refusal('MALFORMED', 'ref: missing');
  return { job: parseJobId(ref.job), round: ref.round, attempt: ref.attempt };
}
