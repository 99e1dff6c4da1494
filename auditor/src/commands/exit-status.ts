// What the auditor's program ends with (docs/commands.md).
import { EXIT, type ExitStatus } from '@blindsum/proto';
import type { Verdict } from '../round-report.ts';

/** What a command ends with that looked at rounds. */
export const STATUS_OF_VERDICT: Readonly<Record<Verdict, ExitStatus>> = {
  verified: EXIT.ok,
  failed: EXIT.failed,
  unreadable: EXIT.unreachable,
  reduced: EXIT.reduced,
  erased: EXIT.reduced,
};
