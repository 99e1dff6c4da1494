import { after } from 'node:test';
import { openSqliteDatabase } from './database.ts';
import { describeRoundStore } from './round-store.contract.ts';
import { createSqliteRoundStore } from './sqlite-round-store.ts';
import type { Database } from './tables.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

describeRoundStore('sqlite', async () => {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  return createSqliteRoundStore(database);
});
