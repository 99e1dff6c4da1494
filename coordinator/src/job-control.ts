// What an operator may do with a job: pause it, resume it, cancel it. Asking again is a retry, and what a crash leaves half
// done is finished by the same code at the next tick.
import { Refusal, type JobId } from '@blindsum/proto';
import type { JobDriver } from './job-driver.ts';
import { currentRound } from './job-status.ts';
import type { JobWrites } from './job-writes.ts';
import type { JobHead, JobStatus } from './ports.ts';
import type { RoundDriver } from './round-driver.ts';
import type { World } from './world.ts';

/** The next status, undefined if the job is there already; refuses WRONG_PHASE for a job that has ended or is about to. */
type Change = (head: JobHead) => JobStatus | undefined;

export interface Controlled {
  readonly writes: JobWrites;
  readonly jobs: JobDriver;
  readonly rounds: RoundDriver;
}

export class JobControl {
  readonly #world: World;
  readonly #drivers: Controlled;

  constructor(world: World, drivers: Controlled) {
    this.#world = world;
    this.#drivers = drivers;
  }

  /**
   * Pauses the job: at once between two rounds, else when its round has ended, for the deadlines of a round protect its
   * sites and cannot be halted. Its place goes to the next job. Refuses NOT_FOUND, or WRONG_PHASE for a job that has ended.
   */
  pause(job: JobId): Promise<JobHead> {
    return this.#change(job, toPaused);
  }

  /** Goes on with a paused job, once there is a place for it. Refuses as `pause` does. */
  async resume(job: JobId): Promise<JobHead> {
    await this.#change(job, (head) => toResumed(head, this.#world.clock.nowMs()));
    return this.#drivers.jobs.progress(job);
  }

  /** Ends the job for good; a round that goes on fails. Refuses NOT_FOUND, or WRONG_PHASE for a job that has ended otherwise. */
  async cancel(job: JobId, reason: string): Promise<JobHead> {
    const head = await this.#change(job, (before) => toCancelled(before, reason));
    await this.carryOut(head);
    // Nothing but the status as it has become.
    return this.#drivers.writes.change(job, () => undefined);
  }

  /** Fails the round of a job that is being cancelled, if that has not been done: the job ends with it. */
  async carryOut({ status }: JobHead): Promise<void> {
    if (status.state === 'cancelling')
      await this.#drivers.rounds.submit(status.current, { kind: 'cancel', reason: status.reason });
  }

  async #change(job: JobId, change: Change): Promise<JobHead> {
    for (;;) {
      const head = await this.#drivers.writes.change(job, change);
      // What a start writes to the log is not left half done: the job comes to its round first.
      if (!isStarting(head.status)) return head;
      await this.#drivers.jobs.progress(job);
    }
  }
}

function toPaused({ job, status }: JobHead): JobStatus | undefined {
  switch (status.state) {
    case 'joining':
      return { state: 'paused' };
    case 'queued':
      return status.after ? { state: 'paused', after: status.after } : { state: 'paused' };
    case 'running':
      return { ...status, state: 'pausing' };
    case 'starting':
    case 'resuming':
    case 'pausing':
    case 'paused':
      return undefined;
    default:
      return refuseEnded(job, status);
  }
}

function toResumed({ job, status }: JobHead, nowMs: number): JobStatus | undefined {
  switch (status.state) {
    case 'paused':
      return status.after ? { state: 'queued', readyMs: nowMs, after: status.after } : { state: 'joining' };
    case 'pausing':
      return { ...status, state: 'running' };
    case 'joining':
    case 'queued':
    case 'starting':
    case 'resuming':
    case 'running':
      return undefined;
    default:
      return refuseEnded(job, status);
  }
}

function toCancelled({ job, status }: JobHead, reason: string): JobStatus | undefined {
  switch (status.state) {
    case 'joining':
    case 'queued':
    case 'paused': {
      const last = currentRound({ status });
      return last ? { state: 'cancelled', reason, last } : { state: 'cancelled', reason };
    }
    case 'running':
    case 'pausing': {
      const { current, lastRecord } = status;
      return { state: 'cancelling', reason, current, lastRecord };
    }
    case 'starting':
    case 'resuming':
    case 'cancelling':
    case 'cancelled':
      return undefined;
    default:
      return refuseEnded(job, status);
  }
}

function isStarting({ state }: JobStatus): boolean {
  return state === 'starting' || state === 'resuming';
}

function refuseEnded(job: JobId, { state }: JobStatus): never {
  const how = state === 'cancelling' ? 'being cancelled' : state;
  throw new Refusal('WRONG_PHASE', `job ${job} is ${how}`);
}
