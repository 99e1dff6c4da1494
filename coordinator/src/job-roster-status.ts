// Which roster a job goes by, as operators see it. Nothing is written by looking.
import type { SignedMessage, SiteId } from '@blindsum/proto';
import type { JobDocument, JobReader, OpenJob } from './job-document.ts';
import type { JobRosters } from './job-rosters.ts';
import { isEnded } from './job-status.ts';
import type { JobStore, StoredRound } from './ports.ts';
import type { RosterChain } from './roster-reader.ts';

export interface JobRosterSource {
  readonly jobs: Pick<JobStore, 'consents' | 'withdrawals'>;
  readonly reader: JobReader;
  readonly jobRosters: Pick<JobRosters, 'chain' | 'toConsentIn' | 'next'>;
}

export interface JobRosterStatus {
  /** Under the roster of the current round, or of the last; before the first one, under the roster that sites consent to. */
  readonly document: JobDocument;
  /** Why the job's next round does not go by a later version that is adopted; null if it does, or if there is none. */
  readonly waits: string | null;
}

/** `current` is the round that the job is at, or went through last; `chain` the rosters as they were just read. */
export async function jobRosterStatus(
  { jobs, reader, jobRosters }: JobRosterSource,
  { stored, document }: OpenJob,
  current: StoredRound | undefined,
  chain: RosterChain,
): Promise<JobRosterStatus> {
  const { job, status } = stored;
  const hash = current?.round.rules.rosterHash;
  const own = hash === undefined ? document : await reader.at(job, hash);
  if (isEnded(status)) return { document: own, waits: null };
  if (hash === undefined) {
    const { document: asked, waits = null } = await jobRosters.toConsentIn(chain, job, document.rosterHash);
    return { document: asked, waits };
  }
  const [consents, withdrawals] = await Promise.all([jobs.consents(job), jobs.withdrawals(job)]);
  const standing = withoutWithdrawn(consents, withdrawals);
  const { waits = null } = await jobRosters.next(job, hash, standing);
  return { document: own, waits };
}

function withoutWithdrawn(
  consents: ReadonlyMap<SiteId, SignedMessage>,
  withdrawals: ReadonlyMap<SiteId, SignedMessage>,
): Map<SiteId, SignedMessage> {
  return new Map([...consents].filter(([site]) => !withdrawals.has(site)));
}
