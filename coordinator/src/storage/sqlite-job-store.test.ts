import { after } from 'node:test';
import { openSqliteDatabase } from './database.ts';
import { describeJobStore } from './job-store.contract.ts';
import { createSqliteJobStore } from './sqlite-job-store.ts';
import type { Database } from './tables.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

describeJobStore('sqlite', async () => {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  return createSqliteJobStore(database);
});
