// Puts the drivers of jobs and rounds together.
import { JobDriver } from './job-driver.ts';
import { JobQueue } from './job-queue.ts';
import { JobWatch } from './job-watch.ts';
import { JobWrites } from './job-writes.ts';
import { RoundDriver } from './round-driver.ts';
import { Ticker } from './ticker.ts';
import type { World } from './world.ts';

export interface Drivers {
  readonly jobs: JobDriver;
  readonly rounds: RoundDriver;
  readonly watch: JobWatch;
  readonly ticker: Ticker;
}

export function createDrivers(world: World): Drivers {
  const writes = new JobWrites(world);
  const queue = new JobQueue(world, writes);
  const jobs = new JobDriver(world, writes, queue);
  const rounds = new RoundDriver(world, jobs);
  const ticker = new Ticker(world, { jobs, rounds, queue });
  return { jobs, rounds, watch: new JobWatch(world, rounds), ticker };
}
