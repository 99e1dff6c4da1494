// What a `doctor` command says: one finding for each thing that it looked at, and what to do about those that are not right.

/** `unknown`: it could not be looked at. `warn`: it works, and will bite. `fail`: something does not work. */
export type FindingState = 'ok' | 'unknown' | 'warn' | 'fail';

export interface Finding {
  /** What was looked at: a setting, a file, a place. */
  readonly check: string;
  readonly state: FindingState;
  /** In one line, without a secret. */
  readonly found: string;
  /** What to do, in one line; null for what is right. */
  readonly advice: string | null;
}

export function passes(check: string, found: string): Finding {
  return { check, state: 'ok', found, advice: null };
}

export function isUnknown(check: string, found: string, advice: string): Finding {
  return { check, state: 'unknown', found, advice };
}

export function warns(check: string, found: string, advice: string): Finding {
  return { check, state: 'warn', found, advice };
}

export function fails(check: string, found: string, advice: string): Finding {
  return { check, state: 'fail', found, advice };
}

export interface Diagnosis {
  /** Whether nothing failed; warnings do not count. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

export function toDiagnosis(findings: readonly Finding[]): Diagnosis {
  return { ok: findings.every(({ state }) => state !== 'fail'), findings };
}

const WORDS: Readonly<Record<FindingState, string>> = { ok: 'ok', unknown: '?', warn: 'WARN', fail: 'FAIL' };

/** The findings as lines for people, with a sum at the end. */
export function describeDiagnosis({ findings }: Diagnosis): string[] {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, state, found, advice }) => [
    `${WORDS[state].padEnd(4)}  ${check.padEnd(width)}  ${found}`,
    ...(advice === null ? [] : [`      ${' '.repeat(width)}  -> ${advice}`]),
  ]);
  return [...lines, describeSum(findings)];
}

function describeSum(findings: readonly Finding[]): string {
  const count = (wanted: FindingState) => findings.filter(({ state }) => state === wanted).length;
  const parts = [`${count('fail')} failed`, `${count('warn')} warnings`, `${count('unknown')} not known`];
  return `${findings.length} ${findings.length === 1 ? 'check' : 'checks'}: ${parts.join(', ')}`;
}
