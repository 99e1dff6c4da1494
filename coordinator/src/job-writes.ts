// The only place where the status of a job changes: one change after another, each decided on what is stored.
import type { JobId } from '@blindsum/proto';
import { KeyedQueue } from './keyed-queue.ts';
import type { JobHead, JobStatus } from './ports.ts';
import { loadHead, type World } from './world.ts';

/** The next status, or undefined to leave it. What it does besides must bear repeating. */
export type Decide = (stored: JobHead) => Promise<JobStatus | undefined> | JobStatus | undefined;

/** Writes that other processes may win before we give up. */
const MAX_CONFLICTS = 100;

export class JobWrites {
  readonly #world: World;
  readonly #queue = new KeyedQueue();

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Compare-and-swap until it succeeds; resolves to the job as it is then. Changes of one job wait for each other, so that a
   * decision must not ask for another change of a job. Refuses NOT_FOUND and as `decide` does.
   */
  change(job: JobId, decide: Decide): Promise<JobHead> {
    return this.#queue.run(job, async () => {
      for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
        const before = await loadHead(this.#world, job);
        const status = await decide(before);
        if (!status) return before;
        const after = await this.#world.jobs.replace(before, status);
        if (!after) continue;
        this.#world.changes.announce(job);
        return after;
      }
      throw new Error(`job ${job}: ${MAX_CONFLICTS} writes were lost to other processes`);
    });
  }
}
