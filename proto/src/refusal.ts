// The one error a sender can cause. Codes are a closed union; each boundary maps them in one table.

/** Every reason for which a message, a file or a configuration is turned away. Documented in docs/errors.md. */
export const REFUSAL_CODES = [
  'MALFORMED',
  'CONFIG_INVALID',
  'MANIFEST_INVALID',
  'DATA_INVALID',
  'MODEL_MISMATCH',
  'UNAUTHENTICATED',
  'NOT_ALLOWED',
  'NOT_A_MEMBER',
  'NOT_A_CONTRIBUTOR',
  'NOT_FOUND',
  'BAD_SIGNATURE',
  'WRONG_CONTEXT',
  'WRONG_PHASE',
  'CONFLICTING_SUBMISSION',
  'PART_OUT_OF_ORDER',
  'PART_BAD_LENGTH',
  'PART_OUT_OF_RANGE',
  'ROOT_MISMATCH',
  'BAD_SHARE',
  'INCONSISTENT_SHARES',
  'TOO_FEW_SHARES',
  'BAD_RESIDUAL',
  'BAD_CHECKSUM',
  'TOO_FEW_CONTRIBUTORS',
  'TOO_FEW_ACKNOWLEDGEMENTS',
  'TOO_FEW_ATTESTATIONS',
  'TOO_FEW_COSIGNATURES',
  'POLICY_MISMATCH',
  'ALREADY_OPENED',
  'MODEL_DISAGREEMENT',
  'BAD_ROSTER',
  'TOO_FEW_APPROVALS',
  'ROSTER_NOT_APPROVED',
  'POLICY_FORBIDS',
  'APPROVAL_NEEDED',
  'BAD_RECORD',
  'BAD_PROOF',
  'BAD_CHECKPOINT',
  'BAD_MODEL_CHECKPOINT',
  'LOG_STOPPED',
  'NOT_LOGGED',
  'LOG_SHRANK',
  'LOG_FORKED',
  'BUSY',
  'QUOTA_EXCEEDED',
  'UNAVAILABLE',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** The sender's fault. Nothing has changed: the core that throws it is pure. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  /** What went wrong and where, without the code; never holds a secret or a data value. */
  readonly detail: string;

  constructor(code: RefusalCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }
}

/** Throws a Refusal unless `condition` holds. */
export function refuseUnless(condition: boolean, code: RefusalCode, detail: string): asserts condition {
  if (!condition) throw new Refusal(code, detail);
}
