// What the auditor's program ends with, and what scripts go by (docs/auditor.md).
import { Refusal } from '@blindsum/proto';
import { CommanderError } from 'commander';

export const EXIT = {
  /** What was asked for is in order. */
  ok: 0,
  /** It is not; what is wrong is printed. */
  failed: 1,
  /** The command was given wrongly. */
  usage: 2,
  /** Something could not be read, so that nothing is known. */
  unreadable: 3,
  /** What is left is in order; the rest was erased, or is kept no longer. */
  reduced: 4,
} as const;

/** What a command that was given up ends with, and what is to be said about it. Our own mistakes are thrown again. */
export function toExitStatus(error: unknown): { readonly status: number; readonly message?: string } {
  if (error instanceof CommanderError) return { status: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  if (!(error instanceof Refusal)) throw error;
  return { status: error.code === 'UNAVAILABLE' ? EXIT.unreadable : EXIT.usage, message: error.message };
}
