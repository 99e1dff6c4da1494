// Time and recovery: the events that no site sends.
import type { JobId } from '@blindsum/proto';
import type { JobDriver } from './job-driver.ts';
import { currentRound } from './job-watch.ts';
import type { StoredJob, StoredRound } from './ports.ts';
import type { RoundDriver } from './round-driver.ts';
import { isDue } from './round/transition.ts';
import { loadJob, loadRound, type World } from './world.ts';

export class Ticker {
  readonly #world: World;
  readonly #jobs: JobDriver;
  readonly #rounds: RoundDriver;

  constructor(world: World, jobs: JobDriver, rounds: RoundDriver) {
    this.#world = world;
    this.#jobs = jobs;
    this.#rounds = rounds;
  }

  /** At start-up: settles every round that owes something, in all jobs, and starts the jobs that were starting. */
  async recover(): Promise<void> {
    for (const stored of await this.#world.jobs.list()) {
      if (isOpen(stored)) await this.#jobs.progress(stored.job);
      for (const round of await this.#world.rounds.list(stored.job))
        if (round.owed.length > 0) await this.#rounds.settle(round.id);
    }
  }

  /** Every 200 ms or so: starts jobs, ends phases whose deadline has passed, and settles what is still owed. */
  async tick(): Promise<void> {
    for (const stored of await this.#world.jobs.list()) if (isOpen(stored)) await this.#tickJob(stored.job);
  }

  async #tickJob(job: JobId): Promise<void> {
    await this.#jobs.progress(job);
    const id = currentRound(await loadJob(this.#world, job));
    if (id) await this.#tickRound(await loadRound(this.#world, id));
  }

  async #tickRound({ id, round, owed }: StoredRound): Promise<void> {
    if (owed.length > 0) await this.#rounds.settle(id);
    if (!('deadline' in round) || !isDue(round, round.deadline.ends, this.#world.clock.nowMs())) return;
    await this.#rounds.submit(id, { kind: 'deadline', ends: round.deadline.ends });
  }
}

function isOpen({ status }: StoredJob): boolean {
  return status.state !== 'finished' && status.state !== 'failed';
}
