export * from './acknowledgement.ts';
export * from './attestation.ts';
export * from './checkpoint.ts';
export * from './checksum-statement.ts';
export * from './commitment.ts';
export * from './consent.ts';
export * from './opening.ts';
export * from './roster-approval.ts';
