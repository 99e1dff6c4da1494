import { after } from 'node:test';
import type { JobId } from '@blindsum/proto';
import { describeReleaseStore } from './release-store.contract.ts';
import { openSqliteDatabase } from './database.ts';
import { createSqliteReleaseStore } from './sqlite-release-store.ts';
import { createSqliteJobStore } from './sqlite-job-store.ts';
import type { Database } from './tables.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

describeReleaseStore('sqlite', async () => {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  const bytes = { manifest: Uint8Array.of(1), authorSignature: Uint8Array.of(3), roster: Uint8Array.of(2) };
  const job = { job: 'job-1' as JobId, status: { state: 'joining' }, submittedMs: 0, ...bytes } as const;
  await createSqliteJobStore(database).create(job);
  return createSqliteReleaseStore(database);
});
