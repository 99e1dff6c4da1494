// Sums only when there is room for one: trying and failing would read all the ciphertexts again and again.
import { CHUNK_BYTES, Refusal } from '@blindsum/proto';
import type { Aggregator, BlobStore, SumTask } from '../ports.ts';
import type { DiskSpace } from './disk-space.ts';

export interface RoomyOptions {
  readonly aggregator: Aggregator;
  readonly blobs: Pick<BlobStore, 'size'>;
  readonly space: DiskSpace;
}

/** For the file system's own needs, and what else is written meanwhile. */
const MARGIN_BYTES = 1 << 20;

/** An aggregator that fails, as if it had found the disk full, without beginning a sum that does not fit. */
export function roomyAggregator({ aggregator, blobs, space }: RoomyOptions): Aggregator {
  return {
    async sum(task) {
      const missing = await missingBytes(blobs, task);
      const free = await space.freeBytes();
      if (missing > 0 && free < missing + MARGIN_BYTES) throw noRoom(missing, free);
      return aggregator.sum(task);
    },
  };
}

async function missingBytes(blobs: Pick<BlobStore, 'size'>, { id, set, chunks }: SumTask): Promise<number> {
  return chunks * CHUNK_BYTES - (await blobs.size({ id, kind: 'sum', owner: set.root }));
}

function noRoom(missing: number, free: number): Refusal {
  const cause = Object.assign(new Error('no room for a sum'), { code: 'ENOSPC' });
  return new Refusal('QUOTA_EXCEEDED', `a sum needs ${missing} bytes, and ${free} are free`, { cause });
}
