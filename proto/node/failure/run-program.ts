// A program from its command line to its exit status.
import { EXIT } from '../../src/exit-status.ts';
import { reportFailure, type FailureRules, type FailureSurroundings } from './report-failure.ts';

/** What is used of a `Command` of commander. */
export interface ProgramLike {
  parseAsync(): Promise<unknown>;
}

export interface ProgramRules extends FailureRules {
  /** Whether these arguments ask for JSON: `--json` unless given. */
  readonly asksForJson?: (args: readonly string[]) => boolean;
}

/** For `configureOutput` of commander: what is wrong with a command line is said by reportFailure, as everything else is. */
export const SAYS_NO_ERROR = { outputError: (): void => {} };

/** Runs the command that the process was given, and says what it ends with. */
export async function runProgram(program: ProgramLike, rules: ProgramRules): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read has gone, as `head` does: the rest is of no use.
    process.exit(error.code === 'EPIPE' ? EXIT.failed : reportFailure(error, rules, surroundings(rules)));
  });
  process.on('uncaughtException', (error) => {
    // A command that serves has a handler of its own. What nobody waited for may never come again, so its place is told.
    if (process.listenerCount('uncaughtException') > 1) return;
    process.exit(reportFailure(error, rules, { ...surroundings(rules), withStack: true }));
  });
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = reportFailure(error, rules, surroundings(rules));
  }
}

/** The arguments before a `--`, after which there are no options. */
export function optionWords(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end < 0 ? args : args.slice(0, end);
}

function surroundings({
  asksForJson = (args) => optionWords(args).includes('--json'),
}: ProgramRules): FailureSurroundings {
  return {
    json: asksForJson(process.argv.slice(2)),
    isTerminal: process.stderr.isTTY,
    withStack: (process.env['BLINDSUM_TRACE'] ?? '') !== '',
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  };
}
