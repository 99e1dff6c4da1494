import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { sql } from 'kysely';
import type { JobId } from '@blindsum/proto';
import { openSqliteDatabase } from './database.ts';
import { createSqliteJobStore } from './sqlite-job-store.ts';

const directory = mkdtempSync(join(tmpdir(), 'blindsum-database-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const JOB = {
  job: 'job-1' as JobId,
  status: { state: 'joining' },
  manifest: Uint8Array.of(1),
  authorSignature: Uint8Array.of(3, 0, 255),
  roster: Uint8Array.of(2),
  submittedMs: 2 ** 52,
} as const;

test('a database that is opened again holds what was stored, and its tables are made once', async () => {
  const path = join(directory, 'again.db');
  const first = await openSqliteDatabase(path);
  const created = await createSqliteJobStore(first).create(JOB);
  await first.destroy();
  const second = await openSqliteDatabase(path);
  assert.deepEqual(await createSqliteJobStore(second).load(JOB.job), created);
  await second.destroy();
});

test('a commit is on disk when it returns', async () => {
  const database = await openSqliteDatabase(join(directory, 'durable.db'));
  const read = async (pragma: string): Promise<unknown[]> => {
    const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(pragma)}`.execute(database);
    return rows.flatMap((row) => Object.values(row));
  };
  assert.deepEqual(await read('journal_mode'), ['wal']);
  assert.deepEqual(await read('synchronous'), [2n]);
  assert.deepEqual(await read('busy_timeout'), [5000n]);
  await database.destroy();
});

test('tables that another program made are left alone, and nothing half-made stays behind', async () => {
  const path = join(directory, 'foreign.db');
  const foreign = new DatabaseSync(path);
  foreign.exec('create table rounds (unrelated text)');
  await assert.rejects(() => openSqliteDatabase(path), /could not be brought up to date/);
  const tables = foreign.prepare("select name from sqlite_schema where type = 'table'").all();
  assert.deepEqual(
    tables.map(({ name }) => name),
    ['rounds'],
  );
  foreign.close();
});

test('writers in two threads lose no version to each other', async () => {
  const path = join(directory, 'shared.db');
  const database = await openSqliteDatabase(path);
  await createSqliteJobStore(database).create(JOB);
  const source = `
    const { workerData, parentPort } = require('node:worker_threads');
    (async () => {
      const { openSqliteDatabase } = await import(workerData.database);
      const { createSqliteJobStore } = await import(workerData.store);
      const database = await openSqliteDatabase(workerData.path);
      const store = createSqliteJobStore(database);
      let won = 0;
      while (won < 15) {
        const before = await store.load('job-1');
        if (await store.replace(before, { state: 'joining' })) won++;
      }
      await database.destroy();
      parentPort.postMessage(won);
    })();`;
  const workerData = {
    path,
    database: new URL('./database.ts', import.meta.url).href,
    store: new URL('./sqlite-job-store.ts', import.meta.url).href,
  };
  const workers = [0, 1].map(() => new Worker(source, { eval: true, workerData }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  assert.equal((await createSqliteJobStore(database).load(JOB.job))?.version, 31);
  await database.destroy();
});
