// The command line of scripts/demo.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DATASET_NAMES, type DatasetName } from './datasets.ts';

export const USAGE = `Usage: scripts/demo [options]

Three sites train one classifier together, as separate processes on this machine: a coordinator that adds ciphertexts
it cannot read, and sites that open only the sum. Ends with a table of what each site reaches alone, together, and with
pooled rows, and with the auditor's verdict on the log.

Options:
  --dataset NAME      ${DATASET_NAMES.join(' or ')} (default ${DATASET_NAMES[0]})
  --rounds N          training rounds, 1 to 100 (default: what examples/*/job.yaml says)
  --json FILE         write the results as JSON
  --report FILE.html  write one self-contained page with curves, a timeline and the verdict
  --out DIR           keep everything in DIR, which must be empty or new; the log is DIR/log
  --help              show this

Exit status: 0 if every round was published, all sites hold the same model and the audit passes; 1 if not; 2 for a
mistake on the command line.
`;

export interface DemoOptions {
  readonly dataset: DatasetName;
  /** Undefined: as the example's job file says. */
  readonly rounds: number | undefined;
  /** Absolute, as are the other paths. */
  readonly json: string | undefined;
  readonly report: string | undefined;
  readonly out: string | undefined;
}

/** A mistake of whoever typed the command; the message says which. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const OPTIONS = {
  dataset: { type: 'string', default: DATASET_NAMES[0] },
  rounds: { type: 'string' },
  json: { type: 'string' },
  report: { type: 'string' },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Parses the command line; returns 'help' if that was asked for; throws a UsageError. Relative paths count from `folder`. */
export function parseArguments(argv: readonly string[], folder: string): DemoOptions | 'help' {
  const { values } = parseStrictly(argv);
  if (values.help) return 'help';
  const toPath = (option: 'json' | 'report' | 'out') => parsePath(option, values[option], folder);
  return {
    dataset: parseDataset(values.dataset),
    rounds: parseRounds(values.rounds),
    json: toPath('json'),
    report: toPath('report'),
    out: toPath('out'),
  };
}

function parseStrictly(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false });
  } catch (cause) {
    // The first sentence; the others advise on positional arguments, of which there are none.
    throw new UsageError((cause as Error).message.split('. ', 1)[0]!.replace(/\.$/, ''), { cause });
  }
}

function parseDataset(text: string): DatasetName {
  const name = DATASET_NAMES.find((known) => known === text);
  if (name === undefined) throw new UsageError(`--dataset: expected ${DATASET_NAMES.join(' or ')}`);
  return name;
}

function parseRounds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const rounds = /^[1-9][0-9]{0,2}$/.test(text) ? Number(text) : NaN;
  if (!(rounds <= 100)) throw new UsageError('--rounds: expected a whole number from 1 to 100');
  return rounds;
}

function parsePath(option: string, path: string | undefined, folder: string): string | undefined {
  if (path === '') throw new UsageError(`--${option}: expected a path`);
  return path === undefined ? undefined : resolve(folder, path);
}
