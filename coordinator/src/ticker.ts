// Time and recovery: the events that no site sends.
import type { CheckpointDriver } from './checkpoint-driver.ts';
import type { JobControl } from './job-control.ts';
import type { JobDriver } from './job-driver.ts';
import type { JobQueue } from './job-queue.ts';
import { isActive } from './job-status.ts';
import type { JobHead, StoredRound } from './ports.ts';
import type { RoundDriver } from './round-driver.ts';
import { isDue } from './round/transition.ts';
import { loadRound, type World } from './world.ts';

export interface Ticked {
  readonly jobs: JobDriver;
  readonly rounds: RoundDriver;
  readonly queue: JobQueue;
  readonly control: JobControl;
  readonly checkpoints: Pick<CheckpointDriver, 'expire'>;
}

export class Ticker {
  readonly #world: World;
  readonly #drivers: Ticked;

  constructor(world: World, drivers: Ticked) {
    this.#world = world;
    this.#drivers = drivers;
  }

  /** At start-up: settles every round that owes something, in all jobs, and goes on with the jobs that were about to. */
  async recover(): Promise<void> {
    const { queue, jobs, rounds } = this.#drivers;
    await queue.fill();
    for (const head of await this.#world.jobs.open()) if (isUnderWay(head)) await jobs.progress(head.job);
    for (const id of await this.#world.rounds.owing()) await rounds.settle(id);
  }

  /** Every 200 ms or so: starts jobs, ends phases whose deadline has passed, and settles what is still owed. */
  async tick(): Promise<void> {
    await this.#drivers.queue.fill();
    for (const head of await this.#world.jobs.open()) await this.#tickJob(head);
  }

  async #tickJob(head: JobHead): Promise<void> {
    const { status } = isUnderWay(head) ? await this.#drivers.jobs.progress(head.job) : head;
    if (status.state === 'cancelling') return this.#drivers.control.carryOut(head);
    if (!isActive(status)) return;
    const round = await loadRound(this.#world, status.current);
    await this.#tickRound(round);
    await this.#drivers.checkpoints.expire({ job: head.job, status }, round);
  }

  async #tickRound({ id, round, owed }: StoredRound): Promise<void> {
    const { rounds } = this.#drivers;
    if (owed.length > 0) await rounds.settle(id);
    if (!('deadline' in round) || !isDue(round, round.deadline.ends, this.#world.clock.nowMs())) return;
    await rounds.submit(id, { kind: 'deadline', ends: round.deadline.ends });
  }
}

/** Time alone, or a place that it was given, may bring the job to its next round. */
function isUnderWay({ status: { state } }: JobHead): boolean {
  return state === 'joining' || state === 'starting' || state === 'resuming';
}
