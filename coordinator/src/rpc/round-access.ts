// From what a request names to what we hold: the round a reference means, with its job's documents.
import { parseJobId, Refusal, refuseUnless, type SiteId } from '@blindsum/proto';
import type { RoundRef } from '@blindsum/proto/rpc';
import type { JobReader, JobDocument } from '../job-document.ts';
import type { JobStore, RoundId, RoundStore, StoredRound } from '../ports.ts';

export interface OpenRound {
  readonly id: RoundId;
  readonly stored: StoredRound;
  readonly document: JobDocument;
}

/** Opens the round a request names. Refuses MALFORMED, NOT_FOUND, or NOT_A_MEMBER for a site that takes no part in it. */
export type OpenRoundFor = (site: SiteId, ref: RoundRef | undefined) => Promise<OpenRound>;

export function createRoundAccess(jobs: JobReader, rounds: Pick<RoundStore, 'load'>): OpenRoundFor {
  return async (site, ref) => {
    const round = await openRound(jobs, rounds, ref);
    refuseUnless(
      round.stored.round.rules.sites.includes(site),
      'NOT_A_MEMBER',
      `${site} takes no part in this round of ${round.id.job}: it had not consented when the round began`,
    );
    return round;
  };
}

/** Opens the round also for a site that consented to the job later. */
export function createConsentedAccess(
  reader: JobReader,
  rounds: Pick<RoundStore, 'load'>,
  jobs: Pick<JobStore, 'consents'>,
): OpenRoundFor {
  return async (site, ref) => {
    const round = await openRound(reader, rounds, ref);
    const consents = await jobs.consents(round.id.job);
    refuseUnless(consents.has(site), 'NOT_A_MEMBER', `${site} did not consent to ${round.id.job}`);
    return round;
  };
}

async function openRound(
  jobs: JobReader,
  rounds: Pick<RoundStore, 'load'>,
  ref: RoundRef | undefined,
): Promise<OpenRound> {
  const id = parseRoundRef(ref);
  const { document } = await jobs.open(id.job);
  const stored = await rounds.load(id);
  if (!stored) throw new Refusal('NOT_FOUND', `${id.job} has no round ${id.round} attempt ${id.attempt}`);
  return { id, stored, document };
}

function parseRoundRef(ref: RoundRef | undefined): RoundId {
  if (!ref) throw new Refusal('MALFORMED', 'ref: missing');
  return { job: parseJobId(ref.job), round: ref.round, attempt: ref.attempt };
}
