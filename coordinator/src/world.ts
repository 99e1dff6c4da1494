// What the drivers of jobs and rounds work with.
import type { JobId } from '@blindsum/proto';
import { Refusal } from '@blindsum/proto';
import type { LogRecord } from '@blindsum/proto/tlog';
import type { ArchiveNames } from './archive-names.ts';
import { isDiskFull } from './disk/full-disk.ts';
import { isLogStopped } from './log/stopped-log.ts';
import type { JobChanges } from './job-changes.ts';
import type { JobReader } from './job-document.ts';
import type {
  Aggregator,
  CheckpointStore,
  Clock,
  JobHead,
  JobStore,
  RecordLog,
  RoundId,
  RoundStore,
  StoredJob,
  StoredRound,
} from './ports.ts';
import type { Revocations } from './revocations.ts';
import type { RosterReader } from './roster-reader.ts';
import type { RosterStore } from './roster-store.ts';
import { toRoundKey } from './round-names.ts';
import type { Uploads } from './uploads/uploads.ts';

/** How much a coordinator takes on. */
export interface JobLimits {
  /** Jobs that hold a place at the same time, 1 and up; the others wait in the queue. */
  readonly maxRunningJobs: number;
  /** Jobs that have not ended, 1 and up. */
  readonly maxOpenJobs: number;
}

export interface World {
  readonly archiveNames: ArchiveNames;
  readonly rounds: RoundStore;
  readonly jobs: JobStore;
  readonly checkpoints: CheckpointStore;
  readonly rosters: RosterStore;
  readonly rosterReader: RosterReader;
  readonly reader: JobReader;
  readonly log: RecordLog;
  readonly revocations: Revocations;
  readonly aggregator: Aggregator;
  readonly uploads: Pick<Uploads, 'status' | 'discard'>;
  readonly clock: Clock;
  readonly limits: JobLimits;
  readonly changes: JobChanges;
  /** Goes into the records of rounds. */
  readonly coordinatorVersion: string;
  /** Told of every write to a round, visible to sites or not yet: for metrics. */
  readonly observe: (before: StoredRound | undefined, after: StoredRound) => void;
  /** Told of an error in work that nobody awaits. The process should end: restarting recovers. */
  readonly crash: (error: unknown) => void;
}

/** Logs a record, or throws an Error: that the log turns down our own record is no sender's fault. */
export async function appendRecord({ log }: Pick<World, 'log'>, record: LogRecord): Promise<void> {
  try {
    await log.append(record);
  } catch (cause) {
    if (!(cause instanceof Refusal) || isDiskFull(cause) || isLogStopped(cause)) throw cause;
    throw new Error(`the log refused a ${record.kind} record`, { cause });
  }
}

/** The round, or NOT_FOUND. */
export async function loadRound({ rounds }: World, id: RoundId): Promise<StoredRound> {
  const stored = await rounds.load(id);
  if (!stored) throw new Refusal('NOT_FOUND', `no round ${toRoundKey(id)}`);
  return stored;
}

/** The job without its documents, or NOT_FOUND. */
export async function loadHead({ jobs }: World, job: JobId): Promise<JobHead> {
  const head = await jobs.head(job);
  if (!head) throw new Refusal('NOT_FOUND', `no job named ${job}`);
  return head;
}

/** The job, or NOT_FOUND. */
export async function loadJob({ jobs }: World, job: JobId): Promise<StoredJob> {
  const stored = await jobs.load(job);
  if (!stored) throw new Refusal('NOT_FOUND', `no job named ${job}`);
  return stored;
}
