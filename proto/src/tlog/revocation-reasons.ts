// Data alone: a command line lists them before it loads anything that reads a record.

/** Why a certificate was revoked, in the words of RFC 5280 section 5.3.1. */
export const REVOCATION_REASONS = [
  'unspecified',
  'key-compromise',
  'affiliation-changed',
  'superseded',
  'cessation-of-operation',
  'privilege-withdrawn',
] as const;
export type RevocationReason = (typeof REVOCATION_REASONS)[number];
