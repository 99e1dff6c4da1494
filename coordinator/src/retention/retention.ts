// Removes what retention/removable-blobs.ts allows, a bounded number of blobs at a time, again and again until nothing is left:
// what a crash interrupted is found again.
import type { JobId } from '@blindsum/proto';
import { isEnded } from '../job-status.ts';
import type { BlobKind, BlobStore, Clock, JobHead, JobStore, RoundStore } from '../ports.ts';
import { removableBlobs, type RetentionRules } from './removable-blobs.ts';

export interface RetentionOptions {
  readonly jobs: Pick<JobStore, 'list' | 'open' | 'load'>;
  readonly rounds: Pick<RoundStore, 'list'>;
  readonly blobs: Pick<BlobStore, 'list' | 'remove'>;
  readonly rules: RetentionRules;
  readonly clock: Clock;
  /** Told of each blob that is gone. */
  readonly removed: (kind: BlobKind, bytes: number) => void;
}

const MAX_REMOVALS = 256;

export class Retention {
  readonly #options: RetentionOptions;
  /** Jobs to be looked at, once the first call has found them; those that have not ended, with the version last dealt with. */
  #pending: Set<JobId> | undefined;
  #done = new Map<JobId, number>();
  #heldUntilMs = -Infinity;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Removes nothing for the next `milliseconds`: somebody is copying. */
  hold(milliseconds: number): void {
    this.#heldUntilMs = this.#options.clock.nowMs() + milliseconds;
  }

  /** Removes at most some hundred blobs. */
  async work(): Promise<void> {
    const pending = await this.#findPending();
    let left = MAX_REMOVALS;
    for (const job of pending) {
      if (left <= 0 || this.#options.clock.nowMs() < this.#heldUntilMs) return;
      left -= await this.#clear(job, left);
    }
  }

  async #findPending(): Promise<Set<JobId>> {
    const { jobs } = this.#options;
    this.#pending ??= new Set((await jobs.list()).map(({ job }) => job));
    const open = new Map((await jobs.open()).map((head) => [head.job, head]));
    for (const { job, version } of open.values()) if (this.#done.get(job) !== version) this.#pending.add(job);
    for (const job of this.#done.keys()) if (!open.has(job)) this.#end(job, this.#pending);
    return this.#pending;
  }

  /** A job that has ended since is looked at for the last time. */
  #end(job: JobId, pending: Set<JobId>): void {
    pending.add(job);
    this.#done.delete(job);
  }

  /** Returns how many blobs it removed. */
  async #clear(job: JobId, limit: number): Promise<number> {
    const { jobs, rounds, blobs, rules, removed } = this.#options;
    const head = await jobs.load(job);
    if (!head) throw new Error(`job ${job} is gone`);
    const stored = await blobs.list(job);
    const { names, isAll } = removableBlobs({ head, rounds: await rounds.list(job), blobs: stored }, rules);
    const sizes = new Map(stored.map(({ name, bytes }) => [name, bytes]));
    const now = names.slice(0, limit);
    for (const name of now) {
      await blobs.remove(name);
      removed(name.kind, sizes.get(name) ?? 0);
    }
    if (isAll && now.length === names.length) this.#settle(head);
    return now.length;
  }

  #settle({ job, version, status }: JobHead): void {
    this.#pending?.delete(job);
    if (!isEnded(status)) this.#done.set(job, version);
  }
}
