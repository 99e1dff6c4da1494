// What a coordinator says was administered, against the roots in its log.
import { compareTrail, parseTrail, Refusal, type Bytes, type TrailCoverage } from '@blindsum/proto';
import type { Checkpoint, Predicate } from '@blindsum/proto/tlog';
import { walkEntries } from './entry-walk.ts';
import { toFinding, type Finding } from './finding.ts';
import { History } from './history-check.ts';
import { readLogHead } from './log-head.ts';
import type { LogReader } from './log-reader.ts';
import { checkTree } from './tree-check.ts';

/** The verdict on a trail. */
export interface TrailReport {
  readonly ok: boolean;
  readonly source: string;
  readonly origin: string;
  readonly vkey: string;
  readonly isKeyFromLog: boolean;
  /** Absent when something is wrong. */
  readonly coverage?: TrailCoverage;
  readonly findings: readonly Finding[];
}

/**
 * Compares an export with the log. Refuses UNAVAILABLE when the log cannot be read, MALFORMED for a `vkey` that is none; whatever is
 * wrong with the log or the export is in the report.
 */
export async function verifyTrail(reader: LogReader, trail: Bytes, vkey?: string): Promise<TrailReport> {
  const { checkpoint, findings, ...named } = await readLogHead(reader, vkey);
  if (!checkpoint) return { ...named, ok: false, findings };
  const { records, findings: found } = await readAdministration(reader, checkpoint);
  const wrong = [...findings, ...found];
  if (wrong.length > 0) return { ...named, ok: false, findings: wrong };
  try {
    return { ...named, ok: true, coverage: compareTrail(parseTrail(trail), records), findings: [] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...named, ok: false, findings: [toFinding(error)] };
  }
}

/** The records of the trail, and what is wrong with the log that bears on them. */
async function readAdministration(reader: LogReader, checkpoint: Checkpoint) {
  const records: Predicate<'administration'>[] = [];
  const found: Finding[] = [];
  const history = new History(checkpoint.origin);
  const walked = await walkEntries(reader, checkpoint, (checked) => {
    if (!checked) return history.skip();
    const { standing, content } = history.admit(checked);
    if (checked.record.kind !== 'administration') return;
    found.push(...standing, ...content);
    records.push(checked.record.predicate);
  });
  const tree = walked.isWhole ? await checkTree(reader, checkpoint, walked.entryHashes) : [];
  return { records, findings: [...tree, ...walked.findings, ...found] };
}

/** For people. */
export function toTrailText({ ok, origin, coverage, findings, source, isKeyFromLog }: TrailReport): string {
  const lines = coverage
    ? [
        `OK: the log ${origin} vouches for ${coverage.covered} entries of the trail`,
        `  not in the log yet: ${coverage.uncovered}; lost, as the trail itself says: ${coverage.missing}`,
      ]
    : [`FAILED: the trail, or the log ${origin === '' ? source : origin}, is not in order`];
  const wrong = findings.map(({ code, entry, message }) =>
    entry === undefined ? `  ${code}: ${message}` : `  ${code}: entry ${entry} of the log: ${message}`,
  );
  const trust =
    ok && isKeyFromLog
      ? ['  the key is the one that the log itself gives: compare it with one you trust']
      : [];
  return `${[...lines, ...wrong, ...trust].join('\n')}\n`;
}
