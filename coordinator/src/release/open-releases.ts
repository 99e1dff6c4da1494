// Releases as the coordinator puts them together.
import type { Logger } from 'pino';
import type { JobReader } from '../job-document.ts';
import type { Clock } from '../ports.ts';
import type { State } from '../state.ts';
import type { TimestampDriver } from '../timestamps/timestamp-driver.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { createReleaseFiles } from './release-files.ts';
import { ReleaseDriver } from './release-driver.ts';

export interface ReleaseSurroundings {
  readonly state: State;
  readonly reader: JobReader;
  readonly uploads: Uploads;
  readonly clock: Clock;
  readonly log: Logger;
  readonly origin: string;
  /** Undefined where the log is not stamped. */
  readonly timestamps: Pick<TimestampDriver, 'request'> | undefined;
}

export function openReleases(surroundings: ReleaseSurroundings): ReleaseDriver {
  const { state, reader, uploads, clock, log, origin, timestamps } = surroundings;
  const { releases, rounds, blobs, logFiles, recordSigner: signer } = state;
  const sources = { log: state.log, logFiles, blobs, signer, origin };
  return new ReleaseDriver({
    ...{ releases, rounds, reader, log: state.log, uploads, blobs, clock },
    describe: (published, model) => createReleaseFiles(sources, published, model),
    requestTimestamp: () => timestamps?.request(),
    report: (id, event) =>
      log[event.event === 'release.wrong-file' ? 'warn' : 'info']({ ...event, job: id.job, round: id.round }),
  });
}
