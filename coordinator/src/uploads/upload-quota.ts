// How much sites may upload. What counts is what is on disk, and what the streams that are open will add to it: two streams
// that are let in one after the other cannot exceed a limit together.
import { Refusal } from '@blindsum/proto';
import type { Config } from '../config.ts';
import type { DiskSpace } from '../disk/disk-space.ts';
import type { BlobStore } from '../ports.ts';
import { totalBytes } from '../storage/listed-blobs.ts';
import { targetKey, type UploadTarget } from './upload-target.ts';

/** Bytes; Infinity for no limit. */
export interface UploadLimits {
  /** That a site may have on disk for one round: all kinds, and all attempts that are kept. */
  readonly perSite: number;
  /** The same for all sites together. */
  readonly perRound: number;
  /** Uploads are refused while less is free. */
  readonly diskReserve: number;
}

export function toUploadLimits({ limits }: Pick<Config, 'limits'>): UploadLimits {
  const { maxUploadBytesPerSite: perSite, maxUploadBytesPerRound: perRound, diskReserveBytes } = limits;
  return { perSite, perRound, diskReserve: diskReserveBytes };
}

/** Which limit turned an upload away, for metrics. */
export type LimitName = 'site' | 'round' | 'disk';

export interface UploadQuota {
  /**
   * Keeps room for the whole of the blob until `release` is called. Refuses QUOTA_EXCEEDED, naming the limit: sites wait and try
   * again, because rounds end and attempts are cleared away.
   */
  hold(target: UploadTarget): Promise<{ release: () => void }>;
  /** Refuses QUOTA_EXCEEDED while too little is free on the disk. */
  verifySpace(): Promise<void>;
}

export interface QuotaOptions {
  readonly limits: UploadLimits;
  readonly blobs: Pick<BlobStore, 'list'>;
  readonly space: DiskSpace;
  readonly refused?: (limit: LimitName) => void;
}

export function createUploadQuota(options: QuotaOptions): UploadQuota {
  return new Quota(options);
}

class Quota implements UploadQuota {
  readonly #options: QuotaOptions;
  readonly #held = new Map<string, UploadTarget>();

  constructor(options: QuotaOptions) {
    this.#options = options;
  }

  async hold(target: UploadTarget): Promise<{ release: () => void }> {
    const { job, round } = target.id;
    const stored = await this.#options.blobs.list(job, round);
    // From here on nothing is awaited: what is counted is what is held.
    const uses = new Map(
      stored
        .filter(({ name }) => name.kind !== 'sum')
        .map(({ name, bytes }) => [targetKey(name as UploadTarget), { owner: name.owner, bytes }]),
    );
    for (const held of [...this.#held.values(), target])
      if (held.id.job === job && held.id.round === round)
        uses.set(targetKey(held), { owner: held.owner, bytes: held.size });
    this.#verify(target, [...uses.values()]);
    const key = targetKey(target);
    this.#held.set(key, target);
    return { release: () => void this.#held.delete(key) };
  }

  async verifySpace(): Promise<void> {
    const { limits, space } = this.#options;
    if (limits.diskReserve === 0) return;
    const free = await space.freeBytes();
    if (free >= limits.diskReserve) return;
    const detail = `the coordinator's disk has ${free} bytes free, and keeps ${limits.diskReserve} in reserve (limits.diskReserveBytes)`;
    throw this.#refusal('disk', detail);
  }

  #verify({ owner, id }: UploadTarget, uses: readonly { owner: string; bytes: number }[]): void {
    const { perSite, perRound } = this.#options.limits;
    const mine = totalBytes(uses.filter((use) => use.owner === owner));
    const all = totalBytes(uses);
    const round = `round ${id.round} of ${id.job}`;
    if (mine > perSite) {
      const detail = `${owner} would have ${mine} bytes here for ${round}, of ${perSite} allowed (limits.maxUploadBytesPerSite)`;
      throw this.#refusal('site', detail);
    }
    if (all > perRound) {
      const detail = `all sites together would have ${all} bytes here for ${round}, of ${perRound} allowed (limits.maxUploadBytesPerRound)`;
      throw this.#refusal('round', detail);
    }
  }

  #refusal(limit: LimitName, detail: string): Refusal {
    this.#options.refused?.(limit);
    return new Refusal('QUOTA_EXCEEDED', detail);
  }
}
