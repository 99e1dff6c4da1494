// Audits rounds of the other fixture, and says shortly what was wrong.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Bytes } from '@blindsum/proto';
import { writeArchive, type ArchivedRounds } from './archived-rounds.fixture.ts';
import type { CheckStatus, RoundReport } from './round-report.ts';
import { createMapReader, JOB, VKEY, writeLog } from './sample-log.fixture.ts';
import { verifyRounds, type RoundSelection, type VerifyReport } from './verify-rounds.ts';

const root = await mkdtemp(join(tmpdir(), 'blindsum-rounds-'));
after(() => rm(root, { recursive: true }));
let folders = 0;

/** Round 0 of the job of the fixtures. */
export const FIRST = { job: JOB, round: 0 };

/** Writes the archive into a folder of its own. */
export function writeNewArchive(files: ReadonlyMap<string, Bytes>): Promise<string> {
  return writeArchive(join(root, String(folders++)), files);
}

/** Audits rounds with their archive, and with `log` instead of their own. */
export async function audit(
  { records, files }: ArchivedRounds,
  selection: RoundSelection = FIRST,
  log: Map<string, Bytes> = writeLog(records),
): Promise<VerifyReport> {
  const archive = await writeNewArchive(files);
  return verifyRounds({ reader: createMapReader(log), archive, selection, vkey: VKEY });
}

/** The report on the only round. */
export async function auditOne(rounds: ArchivedRounds, log?: Map<string, Bytes>): Promise<RoundReport> {
  const { rounds: reports } = await audit(rounds, FIRST, log);
  assert.equal(reports.length, 1);
  return reports[0]!;
}

/** Checks that did not pass, and all that they found. */
export function wrongIn({ checks }: RoundReport): {
  statuses: Record<string, CheckStatus>;
  messages: string;
} {
  const wrong = checks.filter(({ status }) => status !== 'ok');
  return {
    statuses: Object.fromEntries(wrong.map(({ name, status }) => [name, status])),
    messages: wrong
      .flatMap(({ findings }) => findings.map(({ code, message }) => `${message} (${code})`))
      .join('\n'),
  };
}
