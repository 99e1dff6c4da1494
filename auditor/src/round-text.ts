// The verdict on rounds in words. The first line says it to somebody who knows nothing about encryption or logs.
import { toRoundName } from '@blindsum/proto/tlog';
import { toGap } from './erasures.ts';
import { count, keyAdvice, toLine } from './report.ts';
import { ROUND_CHECKS, type CheckResult, type CheckStatus, type RoundReport } from './round-report.ts';
import type { VerifyReport } from './verify-rounds.ts';

const STATUS_WORDS: Record<CheckStatus, string> = {
  ok: 'ok',
  failed: 'FAILED',
  unreadable: 'cannot read',
  gone: 'gone',
  erased: 'erased',
  skipped: 'not checked',
};
const STATUS_WIDTH = 13;
const NAME_WIDTH = 14;

/** The report as text that ends in a newline. */
export function toRoundText(report: VerifyReport): string {
  const [only] = report.rounds;
  // One that was asked for may be there twice.
  const isOne = !report.isAll && report.rounds.length === 1;
  const lines = isOne && only ? oneRound(only) : allRounds(report);
  const others = report.findings.filter((finding) => !isIn(report, toLine(finding)));
  const notes = others.map((finding) => `  the log: ${toLine(finding)}`);
  return `${[...lines, ...notes, ...keyAdvice(report)].join('\n')}\n`;
}

/** Whether a round says the same already. */
function isIn({ rounds }: VerifyReport, line: string): boolean {
  return rounds.some(({ checks }) =>
    checks.some(({ findings }) => findings.some((one) => toLine(one) === line)),
  );
}

function oneRound(round: RoundReport): string[] {
  return [toSentence(round), ...round.checks.flatMap(toCheckLines)];
}

function allRounds({ rounds, verdict, origin, source, erased }: VerifyReport): string[] {
  const number = (verdict: RoundReport['verdict']) =>
    rounds.filter((round) => round.verdict === verdict).length;
  const all = count(rounds.length, 'published round');
  const first = {
    verified: `VERIFIED: ${number('verified')} of ${all} of the log ${origin}.`,
    failed: `FAILED: ${number('verified')} of ${all} of the log ${origin || source} verified, ${number('failed')} failed.`,
    reduced: `NOT VERIFIED IN FULL: ${number('verified')} of ${all} of the log ${origin} verified; of ${number('reduced')} the encrypted updates are kept no longer, and all else is in order.`,
    erased: `NOT VERIFIED IN FULL: ${number('verified')} of ${all} of the log ${origin} verified; records were erased, as the log itself says, and all else is in order.`,
    unreadable: `CANNOT BE CHECKED in full: ${number('verified')} of ${all} verified; files are missing from the archive.`,
  }[verdict];
  const listed = rounds.flatMap((round) => linesInList(round).map((line) => `  ${line}`));
  return [
    first,
    ...listed,
    ...erased.map((record) => `  a round of job ${record.job}: ${toLine(toGap(record))}`),
  ];
}

/** Of a verified round among others, its sentence is enough. */
function linesInList(round: RoundReport): string[] {
  return round.verdict === 'verified' ? [toSentence(round)] : oneRound(round);
}

function toSentence(round: RoundReport): string {
  const name = `${toRoundName(round).replace(/^r/, 'R')}: `;
  if (round.entry === null) return `${name}FAILED: ${ROUND_CHECKS.log.failure}.`;
  switch (round.verdict) {
    case 'verified':
      return `${name}VERIFIED. ${toTurnout(round)}`;
    case 'failed':
      return `${name}FAILED: ${failuresOf(round).join('; ')}.`;
    case 'reduced':
      return (
        `${name}NOT VERIFIED IN FULL: its encrypted updates are kept no longer. Commitments, the set and its root, the signatures ` +
        'under the checksums and the attestations are in order; that the sum is that of the updates cannot be recomputed any more.'
      );
    case 'erased':
      return `${name}NOT VERIFIED IN FULL: a record was erased, as the log itself says. What could be checked is in order.`;
    case 'unreadable':
      return `${name}CANNOT BE CHECKED: files are missing from the archive. What could be checked is in order.`;
  }
}

/** What failed, in words. */
export function failuresOf({ checks }: RoundReport): string[] {
  return checks.filter(({ status }) => status === 'failed').map(({ name }) => ROUND_CHECKS[name].failure);
}

function toTurnout({ contributors, rosterSize, excluded }: RoundReport): string {
  const sentence = `${contributors} of ${count(rosterSize, 'site')} contributed`;
  const reasons = new Set(excluded.map(({ reason }) => reason));
  const absent = [...reasons].map((reason) =>
    toAbsence(reason, excluded.filter((one) => one.reason === reason).length),
  );
  return `${[sentence, ...(absent.length > 0 ? [absent.join(', ')] : [])].join('; ')}.`;
}

/** Why some were left out; `who` are they, if there is more to say of them than their number. */
export function toAbsence(reason: string, times: number, who = String(times)): string {
  const was = times === 1 ? 'was' : 'were';
  switch (reason) {
    case 'late':
      return `${who} ${was} late`;
    case 'late-before':
      return `${who} had been late in an earlier round`;
    case 'bad-share':
      return `${who} sent a key share that did not open`;
    case 'no-consent':
      return `${who} had not consented to the job`;
    case 'withdrawn':
      return `${who} had withdrawn from the job`;
    default:
      return `${who} ${was} left out (${reason})`;
  }
}

/** A check, what it proves, and what it found, in lines. */
export function toCheckLines({ name, status, proves, findings }: CheckResult): string[] {
  const head = `  ${STATUS_WORDS[status].padEnd(STATUS_WIDTH)}${name.padEnd(NAME_WIDTH)}${proves}`;
  return [head, ...findings.map((finding) => `${' '.repeat(2 + STATUS_WIDTH)}${toLine(finding)}`)];
}
