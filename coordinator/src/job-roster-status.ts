// Which roster a job goes by, as operators see it. Nothing is written by looking.
import type { Digest, JobId, SignedMessage, SiteId } from '@blindsum/proto';
import type { JobDocument, JobReader, OpenJob } from './job-document.ts';
import type { JobRosters } from './job-rosters.ts';
import { isEnded } from './job-status.ts';
import type { JobStore } from './ports.ts';
import type { RosterChain } from './roster-reader.ts';

export interface JobRosterSource {
  readonly jobs: Pick<JobStore, 'consents' | 'withdrawals'>;
  readonly reader: JobReader;
  readonly jobRosters: Pick<JobRosters, 'chain' | 'toConsentIn' | 'nextIn'>;
}

export interface JobRosterStatus {
  /** Under the roster of the current round, or of the last; before the first one, under the roster that sites consent to. */
  readonly document: JobDocument;
  /** Why the job's next round does not go by a later version that is adopted; null if it does, or if there is none. */
  readonly waits: string | null;
}

/** `current` is the roster of the round that the job is at, or went through last; `chain` the rosters as they were just read. */
export async function jobRosterStatus(
  { jobs, reader, jobRosters }: JobRosterSource,
  { stored, document }: OpenJob,
  current: Digest | undefined,
  chain: RosterChain,
): Promise<JobRosterStatus> {
  const { job, status } = stored;
  const own = current === undefined ? document : await reader.at(job, current);
  if (isEnded(status)) return { document: own, waits: null };
  if (current === undefined) {
    const { document: asked, waits = null } = await jobRosters.toConsentIn(chain, job, document.rosterHash);
    return { document: asked, waits };
  }
  const { waits = null } = await jobRosters.nextIn(chain, { job, current }, () => readStanding(jobs, job));
  return { document: own, waits };
}

/** Consents of sites that have not withdrawn since. */
async function readStanding(
  jobs: JobRosterSource['jobs'],
  job: JobId,
): Promise<ReadonlyMap<SiteId, SignedMessage>> {
  const [consents, withdrawals] = await Promise.all([jobs.consents(job), jobs.withdrawals(job)]);
  return new Map([...consents].filter(([site]) => !withdrawals.has(site)));
}
