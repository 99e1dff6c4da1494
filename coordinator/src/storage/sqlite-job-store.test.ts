import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { JobId } from '@blindsum/proto';
import { openSqliteDatabase } from './database.ts';
import { describeJobStore } from './job-store.contract.ts';
import { createSqliteJobStore } from './sqlite-job-store.ts';
import type { Database } from './tables.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

async function open(): Promise<Database> {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  return database;
}

describeJobStore('sqlite', async () => createSqliteJobStore(await open()));

test('what is asked of jobs without their documents needs none of them, however large they are', async () => {
  const database = await open();
  const jobs = createSqliteJobStore(database);
  const bytes = new Uint8Array(1);
  const documents = { manifest: bytes, roster: bytes, authorSignature: bytes };
  const status = { state: 'joining' } as const;
  const created = await jobs.create({ job: 'a' as JobId, status, submittedMs: 1, ...documents });
  await database.schema.dropTable('job_documents').execute();
  const head = (await jobs.replace(created, { state: 'paused' }))!;
  assert.deepEqual(
    [await jobs.list(), await jobs.open(), [await jobs.head(head.job)]],
    [[head], [head], [head]],
  );
});
