// What operators see of a coordinator is taken from its parts.
import { toHex } from '@blindsum/proto';
import type { Config } from './config.ts';
import type { DiskWatch } from './disk/disk-watch.ts';
import type { ServerIdentity } from './identity/server-identity.ts';
import type { JobReader } from './job-document.ts';
import { RoundOutlines } from './round-outlines.ts';
import type { Clock } from './ports.ts';
import type { State } from './state.ts';
import type { StatusSource } from './status.ts';
import { VERSION } from './version.ts';
import type { Witnessing } from './witnessing/open-witnessing.ts';

export interface Shown {
  readonly state: State;
  readonly reader: JobReader;
  readonly jobRosters: StatusSource['jobRosters'];
  readonly disk: DiskWatch;
  readonly identity: ServerIdentity;
  readonly traffic: StatusSource['traffic'];
  readonly timestamps: StatusSource['timestamps'];
  readonly witnessing: Pick<Witnessing, 'status'>;
}

/** Of a coordinator that starts now. */
export function createStatusSource(
  config: Config,
  clock: Clock,
  { state, reader, jobRosters, disk, identity, traffic, timestamps, witnessing }: Shown,
): StatusSource {
  const { jobs, rounds, checkpoints, members, blobs, trail, log } = state;
  const logStatus = async () => {
    const watched = await witnessing.status();
    const { size, root } = log.latest();
    const stopped = log.stopped?.message ?? null;
    return { origin: config.log.origin, size, root: toHex(root), verifierKey: log.vkey, stopped, ...watched };
  };
  return {
    federation: config.federation,
    version: VERSION,
    startedMs: clock.nowMs(),
    ...{ jobs, reader, jobRosters, rounds, checkpoints, members, blobs, trail },
    outlines: new RoundOutlines(rounds),
    ...{ clock, logStatus, timestamps, disk, identity, traffic },
  };
}
