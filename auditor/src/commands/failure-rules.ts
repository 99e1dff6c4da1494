// How the auditor's program speaks of what is wrong (docs/commands.md).
import { AUDITOR_HINTS, EXIT, type ProgramRules } from '@blindsum/proto/command-line';

/**
 * Whatever a command finds wrong in a log it reports itself: a Refusal that ends a command is about what the command was given, or
 * about what could not be read.
 */
export const FAILURE_RULES: ProgramRules = {
  program: 'blindsum-audit',
  hintOf: (code) => AUDITOR_HINTS[code],
  statusOf: (code) => (code === 'UNAVAILABLE' ? EXIT.unreachable : EXIT.usage),
};
