// What the operator's program says of a command that was given up: by its shared rules, with the hint of the API where that refused.
import { Problem } from '@blindsum/admin-client';
import { OPERATOR_HINTS, type HintedCode, type ProgramRules } from '@blindsum/proto/command-line';

export const FAILURE_RULES: ProgramRules = { program: 'blindsum-coordinator', hintOf };

/** A Problem, which is the cause of what is thrown for it, has the hint for what was asked. */
function hintOf(code: HintedCode, error: unknown): string | null {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Problem ? cause.hint : OPERATOR_HINTS[code];
}
