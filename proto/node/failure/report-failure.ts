// What a command of the three programs ends with that was given up: a line for people, a document for programs, a status for
// scripts (docs/commands.md).
import { EXIT, toExitStatus, type ExitStatus } from '../../src/exit-status.ts';
import { Refusal, type RefusalCode } from '../../src/refusal.ts';
import { MACHINE_HINT, type HintedCode } from './hints/api-hints.ts';
import { toOneLine, toPlainLines } from './one-line.ts';

/** How one of the programs speaks of what is wrong. */
export interface FailureRules {
  /** The program as it is typed. */
  readonly program: string;
  /** What whoever gave the command does about it; null where there is nothing to add. */
  readonly hintOf: (code: HintedCode, error: unknown) => string | null;
  /** As everywhere, unless given. */
  readonly statusOf?: (code: RefusalCode) => ExitStatus;
}

export interface FailureSurroundings {
  /** Whether the result was asked for as JSON. */
  readonly json: boolean;
  /** Whether a person reads the standard error. */
  readonly isTerminal: boolean;
  /** Whether a fault of the program is to be told with its place. */
  readonly withStack: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

interface Failure {
  readonly code: HintedCode | 'USAGE';
  readonly detail: string;
  readonly hint: string | null;
  readonly status: ExitStatus;
  /** Lines after the first one, for a fault of the program. */
  readonly stack?: string | undefined;
  /** Whether its help was printed, which says it all. */
  readonly isSaid?: boolean;
}

const TAKES = 'Put --help behind the command: it lists what it takes.';

/** Says what is wrong; returns the exit status, which is 0 for a help or a version that was asked for. */
export function reportFailure(
  error: unknown,
  rules: FailureRules,
  { json, isTerminal, withStack, out, err }: FailureSurroundings,
): ExitStatus {
  if (isUsage(error) && error.exitCode === 0) return EXIT.ok;
  const { code, detail, hint, status, stack, isSaid = false } = toFailure(error, rules);
  if (!isSaid) err(`${rules.program}: ${code}: ${toOneLine(detail)}\n`);
  if (withStack && stack !== undefined) err(`${toPlainLines(stack)}\n`);
  if (isTerminal && hint !== null) err(`hint: ${toOneLine(hint)}\n`);
  if (json) out(`${JSON.stringify({ error: { code, detail, hint } })}\n`);
  return status;
}

function toFailure(error: unknown, { hintOf, statusOf = toExitStatus }: FailureRules): Failure {
  if (isUsage(error)) return toUsage(error);
  if (error instanceof Refusal) {
    const { code, detail } = error;
    return { code, detail, hint: hintOf(code, error), status: statusOf(code) };
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const hint = isOfTheMachine(error) ? MACHINE_HINT : hintOf('INTERNAL', error);
  return { code: 'INTERNAL', detail: message === '' ? name : message, hint, status: EXIT.failed, stack };
}

/** SQLite's primary result codes for locked, read-only, broken and full disks, and for what cannot be opened. */
const SQLITE_OF_THE_MACHINE = [5, 8, 10, 13, 14];

/** Whether the system, or the disk below a database, did not let something be done: no fault of the program. */
function isOfTheMachine(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { syscall, errcode } = error as { readonly syscall?: unknown; readonly errcode?: unknown };
  return syscall !== undefined || SQLITE_OF_THE_MACHINE.includes(Number(errcode) & 0xff);
}

/** What is used of a `CommanderError` of commander. */
interface UsageError {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
}

function isUsage(error: unknown): error is Error & UsageError {
  return error instanceof Error && error.name === 'CommanderError';
}

/** A group without a command prints its help. What commander guesses was meant is on a line of its own. */
function toUsage({ code, message }: UsageError): Failure {
  const usage = { code: 'USAGE', status: EXIT.usage } as const;
  if (code.startsWith('commander.help'))
    return { ...usage, detail: 'one of its commands is to be named', hint: null, isSaid: true };
  const [detail = '', ...guesses] = message.replace(/^error: /, '').split('\n');
  const guess = guesses.join(' ').replace(/^\((.*)\)$/, '$1');
  return { ...usage, detail, hint: guess === '' ? TAKES : guess };
}
