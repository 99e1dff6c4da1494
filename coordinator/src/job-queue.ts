// Who runs: as many jobs as there are places, and then those that have been ready for longest.
import { refuseUnless, type Digest, type JobId, type SiteId } from '@blindsum/proto';
import type { JobRosters } from './job-rosters.ts';
import { holdsPlace, inQueue } from './job-status.ts';
import type { JobWrites } from './job-writes.ts';
import { KeyedQueue } from './keyed-queue.ts';
import type { JobHead, JobStatus, StoredJob } from './ports.ts';
import type { World } from './world.ts';

export class JobQueue {
  readonly #world: World;
  readonly #writes: JobWrites;
  readonly #rosters: JobRosters;
  /** Places are counted and given away by one at a time. */
  readonly #places = new KeyedQueue();

  constructor(world: World, writes: JobWrites, rosters: JobRosters) {
    this.#world = world;
    this.#writes = writes;
    this.#rosters = rosters;
  }

  /** Lets a job in by `create`, unless it is another one and too many are open: QUOTA_EXCEEDED. */
  admit(job: JobId, create: () => Promise<StoredJob>): Promise<StoredJob> {
    return this.#places.run('', async () => {
      const { maxOpenJobs } = this.#world.limits;
      const isKnown = (await this.#world.jobs.head(job)) !== undefined;
      refuseUnless(
        isKnown || (await this.#world.jobs.open()).length < maxOpenJobs,
        'QUOTA_EXCEEDED',
        `${maxOpenJobs} jobs are open, which is limits.maxOpenJobs; wait for one to end, or cancel one`,
      );
      return create();
    });
  }

  /** Gives the free places to the jobs that wait, which then are `starting` or `resuming`. */
  fill(): Promise<void> {
    return this.#places.run('', async () => {
      const open = await this.#world.jobs.open();
      const free = this.#world.limits.maxRunningJobs - open.filter(({ status }) => holdsPlace(status)).length;
      for (const job of inQueue(open).slice(0, Math.max(0, free))) await this.#give(job);
    });
  }

  #give(job: JobId): Promise<JobHead> {
    return this.#writes.change(job, async ({ status }): Promise<JobStatus | undefined> => {
      if (status.state !== 'queued') return undefined;
      if (status.after) return { state: 'resuming', after: status.after };
      return { state: 'starting', ...(await this.#consented(job)) };
    });
  }

  /** Fixes roster and whose consents count before they are logged: a log entry that is repeated must be the same. */
  async #consented(job: JobId): Promise<{ consented: SiteId[]; rosterHash: Digest }> {
    const { jobs } = this.#world;
    const [consents, withdrawals] = await Promise.all([jobs.consents(job), jobs.withdrawals(job)]);
    const revoked = await this.#world.revocations.revoked();
    const isThere = (site: SiteId): boolean => !withdrawals.has(site) && !revoked.includes(site);
    const standing = new Map([...consents].filter(([site]) => isThere(site)));
    const document = await this.#rosters.first(job, standing);
    return { consented: await this.#rosters.consented(document, standing), rosterHash: document.rosterHash };
  }
}
