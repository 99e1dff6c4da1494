// After a restore beside a log that is newer than the backup: what was decided since is not known, so no job goes on from there.
import type { JobId } from '@blindsum/proto';
import { currentRound } from '../job-status.ts';
import { openSqliteDatabase } from '../storage/database.ts';
import { createSqliteJobStore } from '../storage/sqlite-job-store.ts';

const REASON = 'the coordinator was restored from a backup that is older than its log';

/** Cancels every job in the database at `path` that has not ended; returns their names. */
export async function endOpenJobs(path: string): Promise<JobId[]> {
  const database = await openSqliteDatabase(path);
  try {
    const jobs = createSqliteJobStore(database);
    const ended: JobId[] = [];
    for (const head of await jobs.open()) {
      const last = currentRound(head);
      await jobs.replace(head, { state: 'cancelled', reason: REASON, ...(last && { last }) });
      ended.push(head.job);
    }
    return ended;
  } finally {
    await database.destroy();
  }
}
