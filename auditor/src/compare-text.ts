// The comparison of two logs in words.
import type { CompareReport } from './compare-logs.ts';
import { count, keyAdvice, toLine } from './report.ts';

/** The report as text that ends in a newline. */
export function toCompareText(report: CompareReport): string {
  const lines = [
    toSentence(report),
    ...report.findings.map((finding) => `  ${toLine(finding)}`),
    ...report.logs.map(
      ({ source, size, root }) =>
        `  ${source}: ${count(size, 'entry', 'entries')}, root ${root || 'unknown'}`,
    ),
    ...(report.verdict === 'split' ? [KEEP] : []),
    ...keyAdvice({ isKeyFromLog: report.isKeyFromLog, vkey: report.logs[0].vkey }),
  ];
  return `${lines.join('\n')}\n`;
}

const KEEP =
  '  keep what --json prints: it has both signed checkpoints, and they prove it to anybody who has the key';

function toSentence({ verdict, logs: [one, other] }: CompareReport): string {
  switch (verdict) {
    case 'one':
      return one.size === other.size
        ? `CONSISTENT: both show the log ${one.origin} with the same ${count(one.size, 'entry', 'entries')}.`
        : `CONSISTENT: both show the log ${one.origin}; one is ${count(Math.abs(one.size - other.size), 'entry', 'entries')} ahead, and begins with the other.`;
    case 'split':
      return `SPLIT VIEW: the log ${one.origin} shows two histories. Do not trust it: its own signatures prove that.`;
    case 'different':
      return 'DIFFERENT LOGS: they are signed by two keys.';
    case 'failed':
      return 'FAILED: they cannot be compared, because what is shown is not in order.';
  }
}
