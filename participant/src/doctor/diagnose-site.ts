// `doctor` of a site: what it needs from its machine, its files and its coordinator, looked at once. Changes nothing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fails, passes, toDiagnosis, type Diagnosis, type Finding } from '@blindsum/proto';
import type { Config } from '../config.ts';
import { openSqliteJournal } from '../journal/sqlite-journal.ts';
import { examineCoordinator } from './examine-coordinator.ts';
import { examineSiteFiles } from './examine-site-files.ts';

export async function diagnoseSite(config: Config, nowMs: number): Promise<Diagnosis> {
  return toDiagnosis([
    passes('configuration', `${config.site} of ${config.federation}`),
    ...(await examineSiteFiles(config)),
    ...(await examineCoordinator(config, nowMs)),
    ...examineLog(config),
  ]);
}

/** A log that contradicted itself stops the site until a person has looked. */
function examineLog({ stateDirectory }: Config): Finding[] {
  const path = join(stateDirectory, 'journal.sqlite');
  if (!existsSync(path)) return [];
  const journal = openSqliteJournal(path);
  try {
    const alarm = journal.log.alarm();
    if (!alarm)
      return [passes('log', `${String(journal.log.head()?.size ?? 0n)} entries seen, nothing contradicts`)];
    const advice = 'see `blindsum-site log show`, and compare with the other sites before `log reset`';
    return [fails('log', `${alarm.code}: ${alarm.detail}; this site contributes nothing`, advice)];
  } finally {
    journal.close();
  }
}
