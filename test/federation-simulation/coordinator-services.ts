// What a coordinator's process offers sites: the real services over its drivers and stores.
import type { SiteId } from '@blindsum/proto';
import type { Drivers } from '../../coordinator/src/drivers.ts';
import type { JobReader } from '../../coordinator/src/job-document.ts';
import type { BlobStore, Clock, JobStore, RoundStore } from '../../coordinator/src/ports.ts';
import { createDownloadService } from '../../coordinator/src/rpc/download-service.ts';
import { createJobService } from '../../coordinator/src/rpc/job-service.ts';
import type { createLogService } from '../../coordinator/src/rpc/log-service.ts';
import { createRosterService } from '../../coordinator/src/rpc/roster-service.ts';
import { createRoundAccess } from '../../coordinator/src/rpc/round-access.ts';
import { createRoundService } from '../../coordinator/src/rpc/round-service.ts';
import { UploadGuard } from '../../coordinator/src/rpc/upload-guard.ts';
import { createUploadService } from '../../coordinator/src/rpc/upload-service.ts';
import type { State } from '../../coordinator/src/state.ts';
import { UNCOUNTED, UNCOUNTED_TRAFFIC } from '../../coordinator/src/uncounted.fixture.ts';
import { createUploads } from '../../coordinator/src/uploads/uploads.ts';

export interface Caller {
  readonly site: SiteId;
  readonly signal: AbortSignal;
}

/** The log as sites are shown it. */
export interface LogDesk {
  readonly service: (site: SiteId) => ReturnType<typeof createLogService>;
  readonly signPromise: State['signPromise'];
}

export interface ServiceParts {
  readonly rounds: RoundStore;
  readonly jobs: JobStore;
  readonly blobs: BlobStore;
  readonly reader: JobReader;
  readonly drivers: Drivers;
  readonly clock: Clock;
  readonly logDesk: LogDesk;
}

export type Services = ReturnType<typeof createServices>;

export function createServices({ rounds, jobs, blobs, reader, drivers, clock, logDesk }: ServiceParts) {
  const { checkpoints } = drivers;
  const uploads = createUploads({ blobs });
  const access = {
    openRound: createRoundAccess({ reader, rounds, jobs }),
    checkpoints,
    traffic: UNCOUNTED_TRAFFIC,
  };
  const guard = new UploadGuard(uploads);
  const log = { warn: () => {} };
  return {
    jobs: createJobService({ reader, jobs, driver: drivers.jobs, rosters: drivers.jobRosters, rounds }),
    rounds: createRoundService({
      ...access,
      watch: drivers.watch,
      driver: drivers.rounds,
      rounds,
      guard,
      reader,
      log,
      signPromise: logDesk.signPromise,
      clock,
    }),
    log: logDesk.service,
    rosters: createRosterService({ driver: drivers.rosters }),
    uploads: createUploadService({
      ...access,
      uploads,
      metrics: UNCOUNTED,
      releases: { target: () => Promise.reject(new Error('no model is released here')) },
    }),
    downloads: createDownloadService({ ...access, uploads, blobs, rounds }),
  };
}
