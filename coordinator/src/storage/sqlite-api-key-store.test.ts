import { after } from 'node:test';
import { openSqliteDatabase } from './database.ts';
import { describeApiKeyStore } from './api-key-store.contract.ts';
import { createSqliteApiKeyStore } from './sqlite-api-key-store.ts';
import type { Database } from './tables.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

describeApiKeyStore('sqlite', async () => {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  return createSqliteApiKeyStore(database);
});
