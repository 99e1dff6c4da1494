// The command line of scripts/fuzz.
import { parseArgs } from 'node:util';
import { UsageError } from '../demonstration/arguments.ts';

export const USAGE = `Usage: scripts/fuzz [options]

Feeds every parser that faces a stranger with hostile inputs: valid ones with bytes, JSON and lines changed, and noise. Finds
errors that are no refusals, inputs that take more than 100 ms of processor time (300 ms for YAML, which no stranger writes), and those that take 100 MB of
memory.

Options:
  --seconds N    how long, 1 to 1000000 (default 60)
  --seed S       decides the inputs (default: another one each time, which is printed)
  --only NAME    one parser, or those whose names begin with NAME
  --at INDEX     only the input with this number, as a finding names it
  --help         show this

Exit status: 0 if nothing was found, 1 if something was, 2 for a mistake on the command line.
`;

export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: string | undefined;
  readonly only: string;
  readonly at: number | undefined;
}

/** Undefined asks for the usage. Throws a UsageError. */
export function parseArguments(args: readonly string[]): FuzzOptions | undefined {
  const { help, seconds, seed, only, at } = read(args);
  if (help) return undefined;
  return {
    seconds: parseNumber(seconds, '--seconds', 1),
    seed,
    only,
    at: at === undefined ? undefined : parseNumber(at, '--at', 0),
  };
}

function read(args: readonly string[]) {
  const string = { type: 'string' } as const;
  const options = {
    help: { type: 'boolean', default: false },
    seconds: { ...string, default: '60' },
    seed: string,
    only: { ...string, default: '' },
    at: string,
  } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function parseNumber(text: string, option: string, least: number): number {
  if (!/^[0-9]{1,7}$/.test(text) || Number(text) < least || Number(text) > 1_000_000)
    throw new UsageError(`${option}: expected a number from ${least} to 1000000`);
  return Number(text);
}
