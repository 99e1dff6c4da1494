import { after } from 'node:test';
import { openSqliteDatabase } from './database.ts';
import { describeSessionStore } from './session-store.contract.ts';
import { createSqliteSessionStore } from './sqlite-session-store.ts';
import type { Database } from './tables.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

describeSessionStore('sqlite', async () => {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  return createSqliteSessionStore(database);
});
