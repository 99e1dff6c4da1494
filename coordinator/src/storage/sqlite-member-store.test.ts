import { after } from 'node:test';
import { openSqliteDatabase } from './database.ts';
import { describeMemberStore } from './member-store.contract.ts';
import { createSqliteMemberStore } from './sqlite-member-store.ts';
import type { Database } from './tables.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

describeMemberStore('sqlite', async () => {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  return createSqliteMemberStore(database);
});
