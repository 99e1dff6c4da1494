// What a command ends with that did not do what it was asked: a line for people, a document for programs, a status for scripts
// (docs/commands.md).
import { CommanderError } from 'commander';
import { EXIT, Refusal, toExitStatus } from '@blindsum/proto';
import { Problem } from '@blindsum/admin-client';

export interface Surroundings {
  /** Whether `--json` was given. */
  readonly json: boolean;
  /** Whether a person reads the standard error. */
  readonly isTerminal: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

interface Failure {
  readonly code: string;
  readonly detail: string;
  /** What to do; null if nobody knows. */
  readonly hint: string | null;
  readonly status: number;
  /** Undefined where it was said already. */
  readonly line: string | undefined;
}

/** Says what is wrong; returns the exit status. */
export function report(error: unknown, { json, isTerminal, out, err }: Surroundings): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  const { code, detail, hint, status, line } = toFailure(error);
  if (line !== undefined) err(`blindsum-coordinator: ${line}\n`);
  if (isTerminal && hint !== null) err(`hint: ${hint}\n`);
  if (json) out(`${JSON.stringify({ error: { code, detail, hint } })}\n`);
  return status;
}

function toFailure(error: unknown): Failure {
  if (error instanceof CommanderError) return toUsage(error);
  if (error instanceof Refusal) {
    const { code, detail, message: line, cause } = error;
    return { code, detail, line, status: toExitStatus(code), hint: hintOf(cause) };
  }
  const [code, detail] = ['INTERNAL', error instanceof Error ? error.message : String(error)];
  const line = `${code}: ${error instanceof Error ? (error.stack ?? detail) : detail}`;
  return { code, detail, hint: null, status: EXIT.failed, line };
}

/** commander has written its own line. A group without a command prints its help. */
function toUsage({ code, message }: CommanderError): Failure {
  const isHelp = code.startsWith('commander.help');
  const detail = isHelp ? 'one of its commands is to be named' : message.replace(/^error: /, '');
  const hint = isHelp ? null : 'Put --help behind the command: it lists what it takes.';
  return { code: 'USAGE', detail, hint, status: EXIT.usage, line: undefined };
}

function hintOf(cause: unknown): string | null {
  return cause instanceof Problem ? cause.hint : null;
}
