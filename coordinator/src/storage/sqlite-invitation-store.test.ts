import { after } from 'node:test';
import { openSqliteDatabase } from './database.ts';
import { describeInvitationStore } from './invitation-store.contract.ts';
import { createSqliteInvitationStore } from './sqlite-invitation-store.ts';
import type { Database } from './tables.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

describeInvitationStore('sqlite', async () => {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  return createSqliteInvitationStore(database);
});
