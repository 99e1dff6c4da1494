// The verdict on a kept proof in words.
import { count, toLine } from './report.ts';
import type { ProofCheck, ProofReport } from './verify-proof.ts';

const STATUS_WORDS = { ok: 'ok', failed: 'FAILED', skipped: 'not checked' } as const;

/** The report as text that ends in a newline. */
export function toProofText(report: ProofReport): string {
  const { record, keyHint, witnesses } = report;
  const lines = [
    toSentence(report),
    ...report.checks.flatMap(toCheckLines),
    ...(record ? [`  record: ${record.digest}`] : []),
    ...witnesses.map(
      ({ name, timeSeconds }) => `  witness ${name} saw it at ${toTime(timeSeconds)}, by its own clock`,
    ),
    ...(report.isKeyFromBundle && keyHint !== ''
      ? [
          `  signed by the key with the hint ${keyHint}`,
          '  compare it with the key in the charter of the log, and give that with --record-key: a forged record brings a forged key',
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

function toSentence({ ok, record, entry, origin, size, checks }: ProofReport): string {
  const failed = checks.filter(({ status }) => status === 'failed').map(({ name }) => name);
  if (!ok) return `FAILED: do not rely on it (${failed.join(', ')}).`;
  const place = `entry ${entry} of the log ${origin}, of ${count(size, 'entry', 'entries')}`;
  const isModel = checks.some(({ name }) => name === 'model');
  return `VERIFIED: ${record?.name ?? ''}: ${place}.${isModel ? ' The model file is the one that it names.' : ''}`;
}

function toCheckLines({ name, status, proves, findings }: ProofCheck): string[] {
  const head = `  ${STATUS_WORDS[status].padEnd(13)}${name.padEnd(11)}${proves}`;
  return [head, ...findings.map((finding) => `${' '.repeat(15)}${toLine(finding)}`)];
}

/** Witnesses may state any time of 63 bits. */
function toTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `second ${seconds}` : date.toISOString();
}
