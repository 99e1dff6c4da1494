// Alert rules that ask for a little less than ours: where one of ours is silent, and is close to what it asks for, its relaxed one fires.

export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

const QUARTER = 0.25;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const COMPARISON = /(?<sign>[<>]|==) (?<number>[0-9.]+(?:e[0-9]+)?)/g;

/** Each with thresholds that are reached, and a quarter off, and half as long. */
export function relaxedRules({ groups }: RuleFile): RuleFile {
  return { groups: groups.map((group) => ({ ...group, rules: group.rules.map(relaxed) })) };
}

function relaxed(rule: Rule): Rule {
  const compared = rule.expr.replace(COMPARISON, (_, sign: string, text: string) =>
    relaxedComparison(sign, Number(text)),
  );
  const expr = compared.replaceAll(' < on ', ' <= on ');
  if (expr === rule.expr) throw new Error(`${rule.alert} compares nothing: ${expr}`);
  return { ...rule, expr, ...(rule.for !== undefined && { for: half(rule.for) }) };
}

function relaxedComparison(sign: string, number: number): string {
  // A state that is 0 or 1 is told by its other value.
  if (sign === '==') return number === 0 ? '<= 1.5' : '>= 0';
  return sign === '>' ? `>= ${number * (1 - QUARTER)}` : `<= ${number * (1 + QUARTER)}`;
}

function half(duration: string): string {
  const [, count = '', unit = ''] = /^([0-9]+)([smh])$/.exec(duration) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? NaN);
  if (!Number.isInteger(seconds)) throw new Error(`no duration: ${duration}`);
  return `${Math.floor(seconds / 2)}s`;
}
