// A round in words, from the log alone. Members are sites 1 to n, as the roster has them: the log knows no names.
import { toRoundName } from '@blindsum/proto/tlog';
import { count, keyAdvice, toLine } from './report.ts';
import { failuresOf, toAbsence, toCheckLines } from './round-text.ts';
import type { MemberPart, RoundView } from './round-view.ts';

/** The view as text that ends in a newline. */
export function toViewText(view: RoundView): string {
  const lines = [
    toSentence(view),
    ...view.checks.flatMap(toCheckLines),
    ...toResultLines(view),
    ...toMemberLines(view.members),
    ...toFailureLines(view),
    ...toOtherLines(view),
    ...keyAdvice(view),
  ];
  return `${lines.join('\n')}\n`;
}

function toSentence(view: RoundView): string {
  const name = `${toRoundName(view).replace(/^r/, 'R')}: `;
  if (view.entry === null && view.findings.length === 0)
    return `${name}NOT PUBLISHED: the log has no record of its result.`;
  switch (view.verdict) {
    case 'verified':
      return `${name}VERIFIED. ${toTurnoutSentence(view)}`;
    case 'erased':
      return `${name}NOT VERIFIED IN FULL: a record was erased, as the log itself says. What could be checked is in order.`;
    default:
      return `${name}FAILED: ${failuresOf(view).join('; ')}.`;
  }
}

/** '5 of 6 sites contributed; site 3 was late.' */
function toTurnoutSentence({ contributors, rosterSize, members, excluded }: RoundView): string {
  const indexOf = new Map(members.map(({ member, index }) => [member, index]));
  const absences = [...new Set(excluded.map(({ reason }) => reason))].map((reason) => {
    const absent = excluded.filter((one) => one.reason === reason);
    return toAbsence(reason, absent.length, toSites(absent.map(({ member }) => indexOf.get(member) ?? 0)));
  });
  const sentence = `${contributors} of ${count(rosterSize, 'site')} contributed`;
  return `${[sentence, ...(absences.length > 0 ? [absences.join(', ')] : [])].join('; ')}.`;
}

/** 'site 3', or 'sites 1, 3 and 5'. */
function toSites(indexes: readonly number[]): string {
  const sorted = indexes.toSorted((a, b) => a - b).map(String);
  const last = sorted.pop() ?? '';
  return sorted.length === 0 ? `site ${last}` : `sites ${sorted.join(', ')} and ${last}`;
}

function toResultLines({ result, entry, record }: RoundView): string[] {
  if (entry === null || record === null) return [];
  const place = `  record: entry ${entry} of the log, ${record}`;
  if (!result) return [place];
  const { kind, attempt, threshold, modelHash, metrics } = result;
  const numbers = Object.entries(metrics).map(([name, value]) => `${name} ${value}`);
  return [
    `  ${kind} round, attempt ${attempt}; ${count(threshold, 'site')} needed to open the sum`,
    `  resulting model: ${modelHash}`,
    ...(numbers.length > 0 ? [`  over all contributors: ${numbers.join(', ')}`] : []),
    place,
  ];
}

function toMemberLines(members: readonly MemberPart[]): string[] {
  if (members.length === 0) return [];
  return [
    '  sites, by their place in the roster, with their pseudonyms:',
    ...members.map(({ index, member, part, isProxied, hasAttested }) => {
      const notes = [
        part,
        ...(isProxied ? ['checksum by proxy'] : []),
        ...(hasAttested ? ['signed the result'] : []),
      ];
      return `    site ${String(index).padEnd(4)}${notes.join(', ').padEnd(34)}${member}`;
    }),
  ];
}

function toFailureLines({ failedAttempts }: RoundView): string[] {
  return failedAttempts.map(({ attempt, reason }) => `  attempt ${attempt} failed: ${reason}`);
}

/** What is wrong elsewhere, and what the log alone cannot show. */
function toOtherLines({ findings, checks, result }: RoundView): string[] {
  const said = new Set(checks.flatMap((check) => check.findings.map(toLine)));
  const others = findings.map(toLine).filter((line) => !said.has(line));
  const limit =
    '  not checked here: the encrypted updates themselves (blindsum-audit sum adds them up again)';
  return [...others.map((line) => `  the log: ${line}`), ...(result ? [limit] : [])];
}
