// What to do about what `blindsum-coordinator` finds wrong itself, in files and addresses of this machine. What the API refuses
// comes with its own hint.
import { API_HINTS, correctionHint, FAULT_HINT, WRITTEN_HINT, type Hints } from './api-hints.ts';

/** For the operator at a command line. */
export const OPERATOR_HINTS: Hints = {
  ...API_HINTS,
  MALFORMED: WRITTEN_HINT,
  CONFIG_INVALID: correctionHint('blindsum-coordinator'),
  NOT_FOUND: 'Check the name: files are looked for from the folder in which the command is given.',
  UNAUTHENTICATED:
    'Check the clock of this machine; then have the authority issue another certificate for that key.',
  BAD_CHECKPOINT: 'Name a newer backup, or another copy of the log; keep both checkpoints as evidence.',
  UNAVAILABLE: 'Check the file or the address that is named, and the network between.',
  INTERNAL: FAULT_HINT,
};
