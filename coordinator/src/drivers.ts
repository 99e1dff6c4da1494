// Puts the drivers of jobs and rounds together.
import { JobDriver } from './job-driver.ts';
import { JobWatch } from './job-watch.ts';
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
  const jobs = new JobDriver(world);
  const rounds = new RoundDriver(world, jobs);
  return { jobs, rounds, watch: new JobWatch(world, rounds), ticker: new Ticker(world, jobs, rounds) };
}
