// The verdict in words. The first line says it to somebody who knows nothing about transparency logs.
import type { Finding } from './finding.ts';
import type { FsckReport } from './fsck.ts';

/** Most findings that are printed; JSON has all. */
const MAX_PRINTED = 20;

/** The report as text that ends in a newline. */
export function toText(report: FsckReport): string {
  return `${[...(report.ok ? intact(report) : damaged(report)), ...keyAdvice(report)].join('\n')}\n`;
}

function intact({ origin, size, root, records }: FsckReport): string[] {
  return [
    `OK: the log ${origin} is intact: ${count(size, 'entry', 'entries')}, each signed and in its place, nothing changed, removed or repeated.`,
    `  published rounds: ${records.round ?? 0}, of ${count(records.manifest ?? 0, 'job')}; sealed sets: ${records['round-sealed'] ?? 0}; failed attempts: ${records.incident ?? 0}`,
    `  root ${root}`,
  ];
}

function damaged({ origin, source, findings }: FsckReport): string[] {
  const rest = findings.length - MAX_PRINTED;
  return [
    `FAILED: do not trust the log ${origin || source}: ${count(findings.length, 'problem')} found.`,
    ...findings.slice(0, MAX_PRINTED).map(toLine),
    ...(rest > 0 ? [`  ... and ${rest} more (--json lists all)`] : []),
  ];
}

function toLine({ code, entry, message }: Finding): string {
  return `  ${entry === undefined ? '' : `entry ${entry}: `}${message} (${code})`;
}

function keyAdvice({ isKeyFromLog, vkey }: FsckReport): string[] {
  if (!isKeyFromLog || vkey === '') return [];
  return [
    `  verified with the log's own key: ${vkey}`,
    '  compare that key with one from somebody you trust, and give it with --vkey: a forged log brings a forged key',
  ];
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
