// What a program needs before it knows which command it was given: loaded at every start, so without the ciphers, formats and messages
// that the commands work with.
export { EXIT, toExitStatus, type ExitStatus } from '../src/exit-status.ts';
export { parseJobId, type JobId } from '../src/names.ts';
export { MAX_SITES } from '../src/parameter-set.ts';
export { Refusal, type RefusalCode } from '../src/refusal.ts';
export { REVOCATION_REASONS, type RevocationReason } from '../src/tlog/revocation-reasons.ts';
export * from './completion/command-tree.ts';
export * from './completion/shell-completion.ts';
export * from './failure/hints/api-hints.ts';
export * from './failure/hints/auditor-hints.ts';
export * from './failure/hints/operator-hints.ts';
export * from './failure/hints/site-hints.ts';
export * from './failure/one-line.ts';
export * from './failure/report-failure.ts';
export * from './failure/run-program.ts';
