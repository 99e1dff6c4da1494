// What the auditor's program ends with when a command is given up (docs/commands.md).
import { EXIT, Refusal, type ExitStatus } from '@blindsum/proto';
import { CommanderError } from 'commander';
import type { Verdict } from '../round-report.ts';

/**
 * The status, and what is to be said. Whatever a command finds wrong in a log it reports itself: a Refusal that comes this far is
 * about what the command was given. Our own mistakes are thrown again.
 */
export function explain(error: unknown): { readonly status: number; readonly message?: string } {
  if (error instanceof CommanderError) return { status: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  if (!(error instanceof Refusal)) throw error;
  return { status: error.code === 'UNAVAILABLE' ? EXIT.unreachable : EXIT.usage, message: error.message };
}

/** What a command ends with that looked at rounds. */
export const STATUS_OF_VERDICT: Readonly<Record<Verdict, ExitStatus>> = {
  verified: EXIT.ok,
  failed: EXIT.failed,
  unreadable: EXIT.unreachable,
  reduced: EXIT.reduced,
  erased: EXIT.reduced,
};
