// From what a request names to what we hold: the round a reference means, with its job's documents.
import { parseJobId, Refusal, refuseUnless, type SiteId } from '@blindsum/proto';
import type { RoundRef } from '@blindsum/proto/rpc';
import type { JobReader, JobDocument } from '../job-document.ts';
import type { RoundId, RoundStore, StoredRound } from '../ports.ts';

export interface OpenRound {
  readonly id: RoundId;
  readonly stored: StoredRound;
  readonly document: JobDocument;
}

/** Opens the round a request names. Refuses MALFORMED, NOT_FOUND, or NOT_A_MEMBER for a site that takes no part in it. */
export type OpenRoundFor = (site: SiteId, ref: RoundRef | undefined) => Promise<OpenRound>;

export function createRoundAccess(jobs: JobReader, rounds: Pick<RoundStore, 'load'>): OpenRoundFor {
  return async (site, ref) => {
    const id = parseRoundRef(ref);
    const { document } = await jobs.open(id.job);
    const stored = await rounds.load(id);
    if (!stored) throw new Refusal('NOT_FOUND', `${id.job} has no round ${id.round} attempt ${id.attempt}`);
    refuseUnless(
      stored.round.rules.sites.includes(site),
      'NOT_A_MEMBER',
      `${site} did not consent to ${id.job} before it began`,
    );
    return { id, stored, document };
  };
}

function parseRoundRef(ref: RoundRef | undefined): RoundId {
  if (!ref) throw new Refusal('MALFORMED', 'ref: missing');
  return { job: parseJobId(ref.job), round: ref.round, attempt: ref.attempt };
}
