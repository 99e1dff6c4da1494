// The parts of a coordinator that decide, out of those that are there before anything is decided.
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { DiskSpace } from './disk/disk-space.ts';
import type { DiskWatch } from './disk/disk-watch.ts';
import { roomyAggregator } from './disk/roomy-aggregator.ts';
import { createDrivers, type Drivers } from './drivers.ts';
import type { ServerIdentity } from './identity/server-identity.ts';
import { JobChanges } from './job-changes.ts';
import type { Happenings } from './events/happenings.ts';
import { createJobReader, type JobReader } from './job-document.ts';
import type { Observation } from './observation.ts';
import type { Operators } from './operators.ts';
import type { Aggregator, BlobKind, Clock } from './ports.ts';
import { openReleases } from './release/open-releases.ts';
import type { ReleaseDriver } from './release/release-driver.ts';
import { createReleasedModels, type ReleasedModels } from './release/released-models.ts';
import { createRosterReader } from './roster-reader.ts';
import { Retention } from './retention/retention.ts';
import type { State } from './state.ts';
import type { TimestampDriver } from './timestamps/timestamp-driver.ts';
import { timedAggregator } from './timed-aggregator.ts';
import { timedLog } from './timed-log.ts';
import { toUploadRoom, verifyRoom } from './uploads/upload-demand.ts';
import type { RoundTraffic } from './traffic/round-traffic.ts';
import type { Uploads } from './uploads/uploads.ts';
import { VERSION } from './version.ts';
import type { Witnessing } from './witnessing/open-witnessing.ts';
import type { World } from './world.ts';

export interface Surroundings {
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of an error that only a restart recovers from. */
  readonly crash: (error: unknown) => void;
}

/** What is there before anything is decided. */
export interface Base {
  readonly state: State;
  readonly operators: Operators;
  readonly identity: ServerIdentity;
  readonly observation: Observation;
  readonly aggregator: Aggregator;
  readonly uploads: Uploads;
  readonly disk: DiskWatch;
  readonly space: DiskSpace;
  readonly timestamps: TimestampDriver | undefined;
  readonly witnessing: Witnessing;
  readonly happenings: Happenings;
  readonly traffic: RoundTraffic;
}

/** All that works together. */
export interface Parts extends Base {
  readonly reader: JobReader;
  readonly drivers: Drivers;
  readonly retention: Retention;
  readonly releases: ReleaseDriver;
  readonly models: ReleasedModels;
}

export function assemble(
  config: Config,
  surroundings: Pick<Surroundings, 'clock' | 'log' | 'crash'> & Pick<World, 'revocations'>,
  base: Base,
): Parts {
  const { clock, crash, revocations } = surroundings;
  const {
    limits,
    retention: rules,
    log: { origin },
    federation,
  } = config;
  const { state, observation, uploads, space, timestamps } = base;
  const { jobs, rounds, checkpoints, rosters, blobs, log, archiveNames } = state;
  const aggregator = roomyAggregator({ aggregator: base.aggregator, blobs, space });
  const rosterReader = createRosterReader(rosters);
  const reader = createJobReader(jobs, rosterReader);
  const drivers = createDrivers(
    {
      ...{ jobs, rounds, checkpoints, rosters, archiveNames, rosterReader, uploads, reader },
      log: timedLog(log, { clock, federation }, observation.metrics),
      revocations,
      aggregator: timedAggregator(aggregator, { clock, federation }, observation.metrics),
      clock,
      limits,
      changes: new JobChanges((job) => base.happenings.noteJob(job)),
      coordinatorVersion: VERSION,
      observe: observation.wrote,
      crash,
    },
    (manifest, sites) => verifyRoom(manifest, sites, toUploadRoom(config)),
  );
  const removed = (kind: BlobKind, bytes: number): void => observation.metrics.removed(kind, bytes);
  const retention = new Retention({ jobs, rounds, blobs, rules, clock, removed });
  const releases = openReleases({ ...surroundings, state, reader, uploads, origin, timestamps });
  const models = createReleasedModels(state.releases, blobs);
  return { ...base, reader, drivers, retention, releases, models };
}
