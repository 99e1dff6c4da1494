// Prometheus' text format, version 0.0.4, read strictly: what a scrape answers.

export interface Sample {
  /** With `_bucket`, `_sum` or `_count` for a histogram. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly type: string;
  readonly samples: Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"`;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (NaN|[+-]Inf|[-+0-9.e]+)$`);

/** Families by name, each announced with HELP and TYPE before its samples. Throws an Error for anything else. */
export function parsePrometheusText(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  let current: { readonly name: string; readonly family: Family } | undefined;
  let helped = '';
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, kind, name = '', rest = ''] = new RegExp(`^# (HELP|TYPE) (${NAME}) (\\S.*)$`).exec(line) ?? [];
    if (kind === 'HELP' && !families.has(name)) helped = name;
    else if (kind === 'TYPE' && name === helped && /^(?:counter|gauge|histogram|summary)$/.test(rest)) {
      current = { name, family: { type: rest, samples: [] } };
      families.set(name, current.family);
    } else {
      const sample = parseSample(line);
      const isOf =
        sample && current && sample.name.replace(suffixes(current.family.type), '') === current.name;
      if (!isOf) throw new Error(`not of this place in the text format: ${line}`);
      current!.family.samples.push(sample);
    }
  }
  return families;
}

function suffixes(type: string): RegExp {
  return type === 'histogram' || type === 'summary' ? /_(?:bucket|sum|count)$/ : /^$/;
}

function parseSample(line: string): Sample | undefined {
  const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || value === undefined) return undefined;
  const pairs = [...labels.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g)];
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label, text]) => [label!, text!])),
    value: Number(value.replace('Inf', 'Infinity')),
  };
}

/** The one sample of that name that has these labels; throws an Error unless there is exactly one. */
export function valueIn(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const found = [...families.values()]
    .flatMap(({ samples }) => samples)
    .filter((one) => one.name === name && isSubset(labels, one.labels));
  if (found.length !== 1) throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`);
  return found[0]!.value;
}

function isSubset(part: Sample['labels'], whole: Sample['labels']): boolean {
  return Object.entries(part).every(([label, text]) => whole[label] === text);
}
