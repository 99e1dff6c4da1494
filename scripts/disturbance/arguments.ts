// The command line of scripts/chaos.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../demonstration/arguments.ts';

const MAX_SITES = 8;
const KILLS_PER_ROUND = 6;

export const USAGE = `Usage: scripts/chaos [options]

Runs a federation of hospitals as real processes on this machine while it kills the coordinator and the sites with SIGKILL,
at random instants and right after chosen events, starts them again, cuts, holds and slows their connections, and leaves
the coordinator too small a quota now and then. Ends with what was lost (nothing should be), and with the auditor's verdict
on what is left.

Options:
  --rounds N     training rounds, 1 to 100 (default 3)
  --seed S       decides what is broken and when, 0 to 4294967295 (default 1)
  --sites N      sites, 3 to ${MAX_SITES} (default 3)
  --kills K      processes to kill, 0 to 1000 (default ${KILLS_PER_ROUND} a round)
  --json FILE    write the results as JSON
  --out DIR      keep everything in DIR, which must be empty or new
  --keep         keep everything in a temporary folder, and say where it is
  --help         show this

Exit status: 0 if nothing was lost or counted twice, every round was published once or failed with a reason, all sites hold
the same model and the audit passes; 1 if not; 2 for a mistake on the command line.
`;

export interface ChaosOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly sites: number;
  readonly kills: number;
  /** Absolute, as is the other path. */
  readonly json: string | undefined;
  readonly out: string | undefined;
  readonly keep: boolean;
}

const OPTIONS = {
  rounds: { type: 'string', default: '3' },
  seed: { type: 'string', default: '1' },
  sites: { type: 'string', default: '3' },
  kills: { type: 'string' },
  json: { type: 'string' },
  out: { type: 'string' },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Parses the command line; returns 'help' if that was asked for; throws a UsageError. Relative paths count from `folder`. */
export function parseArguments(argv: readonly string[], folder: string): ChaosOptions | 'help' {
  const { values } = parseStrictly(argv);
  if (values.help) return 'help';
  const rounds = parseNumber('rounds', values.rounds, { least: 1, most: 100 });
  return {
    rounds,
    seed: parseNumber('seed', values.seed, { least: 0, most: 2 ** 32 - 1 }),
    sites: parseNumber('sites', values.sites, { least: 3, most: MAX_SITES }),
    kills:
      values.kills === undefined
        ? KILLS_PER_ROUND * rounds
        : parseNumber('kills', values.kills, { least: 0, most: 1000 }),
    json: parsePath('json', values.json, folder),
    out: parsePath('out', values.out, folder),
    keep: values.keep,
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

interface Range {
  readonly least: number;
  readonly most: number;
}

function parseNumber(option: string, text: string, { least, most }: Range): number {
  const value = /^(?:0|[1-9][0-9]{0,9})$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most))
    throw new UsageError(`--${option}: expected a whole number from ${least} to ${most}`);
  return value;
}

function parsePath(option: string, path: string | undefined, folder: string): string | undefined {
  if (path === '') throw new UsageError(`--${option}: expected a path`);
  return path === undefined ? undefined : resolve(folder, path);
}
