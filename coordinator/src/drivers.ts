// Puts the drivers of jobs and rounds together.
import { CheckpointDriver } from './checkpoint-driver.ts';
import { JobControl } from './job-control.ts';
import { JobDriver } from './job-driver.ts';
import { JobRosters, type VerifyRoom } from './job-rosters.ts';
import { JobQueue } from './job-queue.ts';
import { JobWatch } from './job-watch.ts';
import { JobWrites } from './job-writes.ts';
import { RosterDriver } from './roster-driver.ts';
import { RoundDriver } from './round-driver.ts';
import { Ticker } from './ticker.ts';
import type { World } from './world.ts';

export interface Drivers {
  readonly jobs: JobDriver;
  readonly rounds: RoundDriver;
  readonly rosters: RosterDriver;
  readonly jobRosters: JobRosters;
  /** The same for whoever only looks: a look brings no roster into the log. */
  readonly shownRosters: JobRosters;
  readonly control: JobControl;
  readonly checkpoints: CheckpointDriver;
  readonly watch: JobWatch;
  readonly ticker: Ticker;
}

/** `verifyRoom` is asked before a job goes by a larger roster; there is always room unless given. */
export function createDrivers(world: World, verifyRoom?: VerifyRoom): Drivers {
  const writes = new JobWrites(world);
  const rosters = new RosterDriver(world);
  const jobRosters = new JobRosters(world, rosters, verifyRoom);
  const shownRosters = new JobRosters(world, { chain: () => world.rosterReader.read() }, verifyRoom);
  const queue = new JobQueue(world, writes, jobRosters);
  const jobs = new JobDriver(world, { writes, queue, rosters: jobRosters });
  const rounds = new RoundDriver(world, jobs);
  const control = new JobControl(world, { writes, jobs, rounds });
  const checkpoints = new CheckpointDriver(world);
  const ticker = new Ticker(world, { jobs, rounds, queue, control, checkpoints });
  return {
    jobs,
    rounds,
    rosters,
    jobRosters,
    shownRosters,
    control,
    checkpoints,
    watch: new JobWatch(world, rounds, checkpoints),
    ticker,
  };
}
