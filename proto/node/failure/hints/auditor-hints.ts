// What to do about what `blindsum-audit` ends with. What it finds wrong in a log is its report, which says so itself: here is what is
// wrong with what a command was given.
import { FAULT_HINT, type Hints } from './api-hints.ts';

const GIVEN = 'Correct what is named; --help behind the command has an example.';
const DOES_NOT_HOLD = 'Keep the file that the command was given, and ask whom it is from: it does not hold.';

/** For an auditor. A code that only reports have, as a finding, has no hint. */
export const AUDITOR_HINTS: Hints = {
  MALFORMED: GIVEN,
  CONFIG_INVALID: GIVEN,
  MANIFEST_INVALID: null,
  DATA_INVALID: null,
  MODEL_MISMATCH: null,
  UNAUTHENTICATED: null,
  NOT_ALLOWED: null,
  NOT_A_MEMBER: null,
  NOT_A_CONTRIBUTOR: null,
  NOT_FOUND: 'Name a copy of the log that has it, or say with --policy who must have cosigned.',
  BAD_SIGNATURE: DOES_NOT_HOLD,
  WRONG_CONTEXT: null,
  WRONG_PHASE: null,
  CONFLICTING_SUBMISSION: null,
  PART_OUT_OF_ORDER: null,
  PART_BAD_LENGTH: null,
  PART_OUT_OF_RANGE: null,
  ROOT_MISMATCH: DOES_NOT_HOLD,
  BAD_SHARE: null,
  INCONSISTENT_SHARES: null,
  TOO_FEW_SHARES: null,
  BAD_RESIDUAL: null,
  BAD_CHECKSUM: null,
  TOO_FEW_CONTRIBUTORS: null,
  TOO_FEW_ACKNOWLEDGEMENTS: null,
  TOO_FEW_ATTESTATIONS: null,
  TOO_FEW_COSIGNATURES: null,
  POLICY_MISMATCH: null,
  ALREADY_OPENED: null,
  MODEL_DISAGREEMENT: null,
  BAD_ROSTER: null,
  TOO_FEW_APPROVALS: null,
  ROSTER_NOT_APPROVED: null,
  POLICY_FORBIDS: null,
  APPROVAL_NEEDED: null,
  BAD_RECORD: DOES_NOT_HOLD,
  BAD_PROOF: DOES_NOT_HOLD,
  BAD_CHECKPOINT: DOES_NOT_HOLD,
  BAD_MODEL_CHECKPOINT: null,
  LOG_STOPPED: null,
  NOT_LOGGED: null,
  LOG_SHRANK: null,
  LOG_FORKED: null,
  BUSY: null,
  QUOTA_EXCEEDED: null,
  UNAVAILABLE:
    'Check the path or the address that is named; an address with an authority of its own needs --ca.',
  INTERNAL: FAULT_HINT,
};
