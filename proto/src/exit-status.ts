// What the three programs end with, so that scripts and supervisors can tell a mistake from a breakdown (docs/commands.md).
import type { RefusalCode } from './refusal.ts';

/** Statuses of processes. The same number means the same everywhere; not every program ends with each. */
export const EXIT = {
  /** What was asked for was done, or is in order. */
  ok: 0,
  /** It was not, or is not; what is wrong is printed. Also for a fault of the program itself. */
  failed: 1,
  /** The command or the configuration has a mistake. */
  usage: 2,
  /** Something did not answer or could not be read, so that nothing is known; the same again may succeed. */
  unreachable: 3,
  /** What is left is in order; the rest was erased, or is kept no longer. */
  reduced: 4,
  /** Whoever asked may not. */
  notPermitted: 5,
  /** Nothing of that name is there. */
  notFound: 6,
  /** It is not the time for it, or something else was there before. */
  conflict: 7,
  /** A site's own rules, or a person at it, stand against it. */
  decision: 8,
  /** A limit, or the disk, has no room. */
  noRoom: 9,
  /** Somebody's signature, proof, share or log does not hold: a person has to look. */
  evidence: 10,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

const STATUS: Readonly<Record<RefusalCode, ExitStatus>> = {
  MALFORMED: EXIT.failed,
  CONFIG_INVALID: EXIT.usage,
  MANIFEST_INVALID: EXIT.usage,
  DATA_INVALID: EXIT.failed,
  MODEL_MISMATCH: EXIT.failed,
  UNAUTHENTICATED: EXIT.notPermitted,
  NOT_ALLOWED: EXIT.notPermitted,
  NOT_A_MEMBER: EXIT.notPermitted,
  NOT_A_CONTRIBUTOR: EXIT.notPermitted,
  NOT_FOUND: EXIT.notFound,
  BAD_SIGNATURE: EXIT.evidence,
  WRONG_CONTEXT: EXIT.conflict,
  WRONG_PHASE: EXIT.conflict,
  CONFLICTING_SUBMISSION: EXIT.conflict,
  PART_OUT_OF_ORDER: EXIT.conflict,
  PART_BAD_LENGTH: EXIT.failed,
  PART_OUT_OF_RANGE: EXIT.failed,
  ROOT_MISMATCH: EXIT.evidence,
  BAD_SHARE: EXIT.evidence,
  INCONSISTENT_SHARES: EXIT.evidence,
  TOO_FEW_SHARES: EXIT.failed,
  BAD_RESIDUAL: EXIT.evidence,
  BAD_CHECKSUM: EXIT.evidence,
  TOO_FEW_CONTRIBUTORS: EXIT.failed,
  TOO_FEW_ACKNOWLEDGEMENTS: EXIT.failed,
  TOO_FEW_ATTESTATIONS: EXIT.evidence,
  TOO_FEW_COSIGNATURES: EXIT.evidence,
  POLICY_MISMATCH: EXIT.evidence,
  ALREADY_OPENED: EXIT.conflict,
  MODEL_DISAGREEMENT: EXIT.evidence,
  BAD_ROSTER: EXIT.evidence,
  TOO_FEW_APPROVALS: EXIT.evidence,
  ROSTER_NOT_APPROVED: EXIT.decision,
  POLICY_FORBIDS: EXIT.decision,
  APPROVAL_NEEDED: EXIT.decision,
  BAD_RECORD: EXIT.evidence,
  BAD_PROOF: EXIT.evidence,
  BAD_CHECKPOINT: EXIT.evidence,
  BAD_MODEL_CHECKPOINT: EXIT.evidence,
  LOG_STOPPED: EXIT.evidence,
  NOT_LOGGED: EXIT.evidence,
  LOG_SHRANK: EXIT.evidence,
  LOG_FORKED: EXIT.evidence,
  BUSY: EXIT.unreachable,
  QUOTA_EXCEEDED: EXIT.noRoom,
  UNAVAILABLE: EXIT.unreachable,
};

/** What a program ends with that was refused something. */
export function toExitStatus(code: RefusalCode): ExitStatus {
  return STATUS[code];
}
