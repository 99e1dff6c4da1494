// What is on the disk, as operators see it.
import type { StatusSource } from './status.ts';
import { totalBytes } from './storage/listed-blobs.ts';

export async function storageStatus({ jobs, blobs, disk }: Pick<StatusSource, 'jobs' | 'blobs' | 'disk'>) {
  const stored = await jobs.list();
  const taken = await Promise.all(
    stored.map(async ({ job }) => {
      const kept = await blobs.list(job);
      const bytes: Record<string, number> = {};
      for (const { name, bytes: size } of kept) bytes[name.kind] = (bytes[name.kind] ?? 0) + size;
      return { job, totalBytes: totalBytes(kept), bytes };
    }),
  );
  const total = taken.reduce((sum, { totalBytes: size }) => sum + size, 0);
  return { disk: await disk.look(), totalBytes: total, jobs: taken };
}
