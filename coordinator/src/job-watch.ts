// What sites may see of a job: only what has been logged first (AUDIT.md section 1, decision 8).
import type { JobId } from '@blindsum/proto';
import type { CheckpointDriver } from './checkpoint-driver.ts';
import { currentRound } from './job-status.ts';
import type { RoundId, StoredCheckpoint, StoredJob, StoredRound } from './ports.ts';
import type { RoundDriver } from './round-driver.ts';
import { loadJob, loadRound, type World } from './world.ts';

export interface JobView {
  /** Grows with every change of the job, of its current round or of its checkpoint, also across restarts. */
  readonly version: number;
  readonly job: StoredJob;
  /** The current round, or the last one of a job that has ended; absent before the job runs. */
  readonly round: StoredRound | undefined;
  /** Absent as long as no site has needed one. */
  readonly checkpoint: StoredCheckpoint | undefined;
}

/** A round and a job's checkpoints have fewer versions than this. */
const ROUND_VERSIONS = 2 ** 20;

export class JobWatch {
  readonly #world: World;
  readonly #rounds: RoundDriver;
  readonly #checkpoints: Pick<CheckpointDriver, 'progress'>;

  constructor(world: World, rounds: RoundDriver, checkpoints: Pick<CheckpointDriver, 'progress'>) {
    this.#world = world;
    this.#rounds = rounds;
    this.#checkpoints = checkpoints;
  }

  /** The job as it is, or NOT_FOUND. Log entries that are owed are written first. */
  async view(job: JobId): Promise<JobView> {
    const stored = await loadJob(this.#world, job);
    const id = currentRound(stored);
    const round = id && (await this.#loadVisible(id));
    const checkpoint = await this.#checkpoints.progress(stored, round);
    const version = stored.version * ROUND_VERSIONS + (round?.version ?? 0) + (checkpoint?.version ?? 0);
    return { version, job: stored, round, checkpoint };
  }

  /** The job as soon as its version is not `knownVersion`, or as it is when the signal aborts; NOT_FOUND. */
  async waitForChange(job: JobId, knownVersion: number, signal: AbortSignal): Promise<JobView> {
    const { changes } = this.#world;
    for (;;) {
      const seen = changes.count(job);
      const view = await this.view(job);
      if (view.version !== knownVersion || signal.aborted) return view;
      await changes.after(job, seen, signal);
    }
  }

  async #loadVisible(id: RoundId): Promise<StoredRound> {
    const stored = await loadRound(this.#world, id);
    return isVisible(stored) ? stored : this.#rounds.settle(id);
  }
}

/** True if everything that led to this state is in the log: before that, nobody may be shown it. */
export function isVisible({ owed }: StoredRound): boolean {
  return !owed.some(({ kind }) => kind === 'log-sealed' || kind === 'log-published' || kind === 'log-failed');
}
