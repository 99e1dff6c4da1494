// An amendment of the charter that a backup does not know of decides nothing: the backup may be restored.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogRecord } from '@blindsum/proto/tlog';
import { amendment, BY_BOTH, BY_MEMBERS, ruledRecords } from '../auditor/src/ruled-log.fixture.ts';
import { writeSteadyLog } from '../auditor/src/steady-log.fixture.ts';
import { isAdministrationOnly } from '../coordinator/src/backup/later-records.ts';

const all = ruledRecords(BY_MEMBERS);
const later = amendment(1, all[0]!, BY_BOTH);

async function isUndecided(records: readonly LogRecord[], from: number): Promise<boolean> {
  const files = writeSteadyLog(records);
  const read = (path: string) => Promise.resolve(files.get(path));
  return isAdministrationOnly({ read, from: BigInt(from), to: BigInt(records.length) });
}

test('an amendment alone does not make a backup too old', async () => {
  assert.equal(await isUndecided([...all, later], all.length), true);
});

test('an amendment beside a round does', async () => {
  assert.equal(await isUndecided([...all, later], all.length - 1), false);
});
