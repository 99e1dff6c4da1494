// A restore is an administrative action, of whoever gave the command: it is written into the state that is about to be put in place.
import type { Caller } from '../audit-trail.ts';
import type { Clock } from '../ports.ts';
import { openSqliteDatabase } from '../storage/database.ts';
import { createSqliteAuditTrail } from '../storage/sqlite-audit-trail.ts';
import { Administration } from './administration.ts';
import { alignTrail } from './trail-publication.ts';
import { readAdministration, type ReadableLog } from './verify-trail.ts';

export interface Restore {
  /** Path of the restored database. */
  readonly database: string;
  readonly log: ReadableLog;
  readonly caller: Caller;
  /** What was restored. */
  readonly subject: string;
  readonly clock: Clock;
}

/** Goes on after the last entry that the log knows of, also where the backup does not have it. */
export async function recordRestore({ database: path, log, caller, subject, clock }: Restore): Promise<void> {
  const database = await openSqliteDatabase(path);
  try {
    const trail = createSqliteAuditTrail(database);
    await alignTrail(trail, (await readAdministration(log)).at(-1)?.to ?? 0, clock);
    const administration = new Administration({ trail, clock });
    await administration.perform(caller, { action: 'state.restore', subject }, async () => {});
  } finally {
    await database.destroy();
  }
}
