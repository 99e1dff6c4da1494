// The verdict in words. The first line says it to somebody who knows nothing about transparency logs.
import type { Finding } from './finding.ts';
import type { FsckReport } from './fsck.ts';
import type { JobSummary } from './job-summary.ts';

/** Most findings that are printed; JSON has all. */
const MAX_PRINTED = 20;

/** The report as text that ends in a newline. */
export function toText(report: FsckReport): string {
  return `${[...(report.ok ? intact(report) : damaged(report)), ...keyAdvice(report)].join('\n')}\n`;
}

function intact({ origin, size, root, records, erased, jobs, cosigning }: FsckReport): string[] {
  const changes =
    erased.length === 0
      ? 'nothing changed, removed or repeated'
      : `nothing changed or repeated, and ${count(erased.length, 'record')} erased, as the log itself says`;
  return [
    `OK: the log ${origin} is intact: ${count(size, 'entry', 'entries')}, each signed and in its place, ${changes}.`,
    `  published rounds: ${records.round ?? 0}, of ${count(records.manifest ?? 0, 'job')}; sealed sets: ${records['round-sealed'] ?? 0}; failed attempts: ${records.incident ?? 0}`,
    ...jobs.map(toJobLine),
    ...toErasedLines(erased),
    toCosigningLine(cosigning),
    `  root ${root}`,
  ];
}

/** Who must have cosigned, and whether they did. */
function toCosigningLine({ asked, servedPolicy, cosignedSize }: FsckReport['cosigning']): string {
  if (asked === null)
    return '  who must have cosigned: the log does not say it; a policy beside it is not checked';
  const policy = servedPolicy === 'same' ? ', and so does the policy beside the log' : '';
  const cosigned =
    cosignedSize === null
      ? 'no checkpoint that was so cosigned is beside the log'
      : `so cosigned: the first ${count(cosignedSize, 'entry', 'entries')}`;
  return `  who must have cosigned: ${asked}${policy}; ${cosigned}`;
}

/** What is not checked any more, for people. */
function toErasedLines(erased: FsckReport['erased']): string[] {
  if (erased.length === 0) return [];
  const lines = erased.slice(0, MAX_PRINTED).map(({ entry, kind, job, reason }) => {
    const about = job === '' ? kind : `${kind} of job ${job}`;
    const open = kind === 'incident' ? '' : '; what rests on it is not checked either';
    return `    entry ${entry}, ${about}, erased: ${reason}${open}`;
  });
  const rest = erased.length - MAX_PRINTED;
  return [
    '  not checked, because it was erased; that each record was there, in this place, its entry still proves:',
    ...lines,
    ...(rest > 0 ? [`    ... and ${rest} more (--json lists all)`] : []),
  ];
}

function toJobLine({ job, rounds, sets, excluded }: JobSummary): string {
  const reasons = Object.entries(excluded).map(([reason, times]) => `${reason} ${times}`);
  const left = reasons.length === 0 ? 'nobody left out' : `left out: ${reasons.join(', ')}`;
  return `  job ${job}: ${count(rounds, 'round')} published, ${count(sets, 'set')} sealed, ${left}`;
}

function damaged({ origin, source, findings, erased, jobs }: FsckReport): string[] {
  const rest = findings.length - MAX_PRINTED;
  return [
    `FAILED: do not trust the log ${origin || source}: ${count(findings.length, 'problem')} found.`,
    ...findings.slice(0, MAX_PRINTED).map((finding) => `  ${toLine(finding)}`),
    ...(rest > 0 ? [`  ... and ${rest} more (--json lists all)`] : []),
    ...jobs.map(toJobLine),
    ...toErasedLines(erased),
  ];
}

/** A finding in one line. */
export function toLine({ code, entry, message }: Finding): string {
  return `${entry === undefined ? '' : `entry ${entry}: `}${message} (${code})`;
}

/** What to do when nobody but the log vouches for its key. */
export function keyAdvice({ isKeyFromLog, vkey }: Pick<FsckReport, 'isKeyFromLog' | 'vkey'>): string[] {
  if (!isKeyFromLog || vkey === '') return [];
  return [
    `  verified with the log's own key: ${vkey}`,
    '  compare that key with one from somebody you trust, and give it with --vkey: a forged log brings a forged key',
  ];
}

/** '1 round', '2 rounds'. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
