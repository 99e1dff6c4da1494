// The one table from refusal codes to statuses. Meanings and remedies for people are in docs/errors.md.
import { status } from '@grpc/grpc-js';
import { Refusal, type RefusalCode } from '@blindsum/proto';

export interface Statuses {
  readonly grpc: status;
  readonly http: number;
}

/** What a caller may learn about an error. */
export interface PublicStatus extends Statuses {
  readonly code: RefusalCode | 'INTERNAL';
  readonly detail: string;
}

const MALFORMED = { grpc: status.INVALID_ARGUMENT, http: 400 };
const FORBIDDEN = { grpc: status.PERMISSION_DENIED, http: 403 };
const CONFLICT = { grpc: status.FAILED_PRECONDITION, http: 409 };
const CORRUPT = { grpc: status.DATA_LOSS, http: 422 };

/** Complete by type: a code without statuses does not compile. */
export const REFUSAL_STATUSES: Readonly<Record<RefusalCode, Statuses>> = {
  MALFORMED,
  CONFIG_INVALID: MALFORMED,
  MANIFEST_INVALID: MALFORMED,
  DATA_INVALID: MALFORMED,
  MODEL_MISMATCH: MALFORMED,
  UNAUTHENTICATED: { grpc: status.UNAUTHENTICATED, http: 401 },
  NOT_ALLOWED: FORBIDDEN,
  NOT_A_MEMBER: FORBIDDEN,
  NOT_A_CONTRIBUTOR: FORBIDDEN,
  NOT_FOUND: { grpc: status.NOT_FOUND, http: 404 },
  BAD_SIGNATURE: FORBIDDEN,
  WRONG_CONTEXT: CONFLICT,
  WRONG_PHASE: CONFLICT,
  CONFLICTING_SUBMISSION: { grpc: status.ALREADY_EXISTS, http: 409 },
  PART_OUT_OF_ORDER: { grpc: status.OUT_OF_RANGE, http: 409 },
  PART_BAD_LENGTH: MALFORMED,
  PART_OUT_OF_RANGE: MALFORMED,
  ROOT_MISMATCH: CONFLICT,
  BAD_SHARE: CORRUPT,
  INCONSISTENT_SHARES: CORRUPT,
  TOO_FEW_SHARES: CONFLICT,
  BAD_RESIDUAL: CORRUPT,
  BAD_CHECKSUM: CORRUPT,
  TOO_FEW_CONTRIBUTORS: CONFLICT,
  TOO_FEW_ACKNOWLEDGEMENTS: CONFLICT,
  TOO_FEW_ATTESTATIONS: CONFLICT,
  TOO_FEW_COSIGNATURES: CONFLICT,
  POLICY_MISMATCH: CONFLICT,
  ALREADY_OPENED: CONFLICT,
  MODEL_DISAGREEMENT: CONFLICT,
  BAD_ROSTER: CONFLICT,
  TOO_FEW_APPROVALS: CONFLICT,
  ROSTER_NOT_APPROVED: FORBIDDEN,
  POLICY_FORBIDS: FORBIDDEN,
  APPROVAL_NEEDED: FORBIDDEN,
  BAD_RECORD: CORRUPT,
  BAD_PROOF: CORRUPT,
  BAD_CHECKPOINT: CORRUPT,
  BAD_MODEL_CHECKPOINT: CORRUPT,
  LOG_STOPPED: { grpc: status.UNAVAILABLE, http: 503 },
  NOT_LOGGED: CORRUPT,
  LOG_SHRANK: CORRUPT,
  LOG_FORKED: CORRUPT,
  BUSY: { grpc: status.RESOURCE_EXHAUSTED, http: 503 },
  QUOTA_EXCEEDED: { grpc: status.RESOURCE_EXHAUSTED, http: 429 },
  UNAVAILABLE: { grpc: status.UNAVAILABLE, http: 503 },
};

/** Anything but a Refusal is our fault: its text stays in our log. */
export function publicStatus(error: unknown): PublicStatus {
  return error instanceof Refusal
    ? { ...REFUSAL_STATUSES[error.code], code: error.code, detail: error.detail }
    : {
        grpc: status.INTERNAL,
        http: 500,
        code: 'INTERNAL',
        detail: 'internal error; see the coordinator’s log',
      };
}
