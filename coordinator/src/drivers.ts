// Puts the drivers of jobs and rounds together.
import { JobControl } from './job-control.ts';
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
  readonly control: JobControl;
  readonly watch: JobWatch;
  readonly ticker: Ticker;
}

export function createDrivers(world: World): Drivers {
  const writes = new JobWrites(world);
  const queue = new JobQueue(world, writes);
  const jobs = new JobDriver(world, writes, queue);
  const rounds = new RoundDriver(world, jobs);
  const control = new JobControl(world, { writes, jobs, rounds });
  const ticker = new Ticker(world, { jobs, rounds, queue, control });
  return { jobs, rounds, control, watch: new JobWatch(world, rounds), ticker };
}
