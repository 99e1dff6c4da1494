import { after } from 'node:test';
import { describeAuditTrail } from './audit-trail.contract.ts';
import { openSqliteDatabase } from './database.ts';
import { createSqliteAuditTrail } from './sqlite-audit-trail.ts';
import type { Database } from './tables.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

describeAuditTrail('sqlite', async () => {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  return createSqliteAuditTrail(database);
});
