import { after } from 'node:test';
import { describeCosignatureStore } from './cosignature-store.contract.ts';
import { openSqliteDatabase } from './database.ts';
import { createSqliteCosignatureStore } from './sqlite-cosignature-store.ts';
import type { Database } from './tables.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

describeCosignatureStore('sqlite', async () => {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  return createSqliteCosignatureStore(database);
});
