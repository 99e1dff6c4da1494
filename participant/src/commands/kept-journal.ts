// What this site has kept, as a command without its keys reads it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { refuseUnless } from '@blindsum/proto';
import type { Config } from '../config.ts';
import type { Journal } from '../journal/journal.ts';
import { openSqliteJournal } from '../journal/sqlite-journal.ts';

/** The journal of the state directory. Refuses CONFIG_INVALID where there is none yet. */
export function openKeptJournal({ stateDirectory }: Config): Journal {
  const isThere = existsSync(stateDirectory);
  refuseUnless(
    isThere,
    'CONFIG_INVALID',
    `${stateDirectory}: there is no such folder; run \`blindsum-site enroll\` first`,
  );
  return openSqliteJournal(join(stateDirectory, 'journal.sqlite'));
}
