// What is on the disk, as operators see it.
import type { StatusSource } from './status.ts';
import { sumOfKinds } from './storage/listed-blobs.ts';

export async function storageStatus({ jobs, blobs, disk }: Pick<StatusSource, 'jobs' | 'blobs' | 'disk'>) {
  const stored = await jobs.list();
  const taken = await Promise.all(
    stored.map(async ({ job }) => {
      const bytes = await blobs.totals(job);
      return { job, totalBytes: sumOfKinds(bytes), bytes };
    }),
  );
  const total = taken.reduce((sum, { totalBytes: size }) => sum + size, 0);
  return { disk: await disk.look(), totalBytes: total, jobs: taken };
}
