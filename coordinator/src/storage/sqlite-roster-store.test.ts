import { after } from 'node:test';
import { openSqliteDatabase } from './database.ts';
import { describeRosterStore } from './roster-store.contract.ts';
import { createSqliteRosterStore } from './sqlite-roster-store.ts';
import type { Database } from './tables.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

describeRosterStore('sqlite', async () => {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  return createSqliteRosterStore(database);
});
