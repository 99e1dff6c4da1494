// What became of a commitment, by the record of its attempt's end: in the set, left out for a reason, or dropped in silence.
import {
  encodeBase64,
  messageLeaf,
  openCommitPromise,
  refuseUnless,
  toHex,
  type CommitPromise,
  type JobId,
  type SignedMessage,
  type VerifySignature,
} from '@blindsum/proto';
import type { LogRecord } from '@blindsum/proto/tlog';
import type { KnownLog } from './known-log.ts';

export type CommitFate =
  | { readonly kind: 'included' }
  /** `bad-share`. */
  | { readonly kind: 'left-out'; readonly reason: string }
  | { readonly kind: 'attempt-failed'; readonly reason: string }
  /** The log promised one of the above, and its record says none: together they prove that. */
  | { readonly kind: 'broken'; readonly what: string };

/** Reasons for a site that had not committed when its set was sealed. */
const CONTRADICTED: ReadonlySet<string> = new Set(['late', 'late-before', 'no-consent', 'withdrawn']);

/** A commitment of this site, and where it was made. */
export interface PromisedCommit {
  readonly federation: string;
  readonly id: { readonly job: JobId; readonly round: number; readonly attempt: number };
  readonly commitment: SignedMessage;
}

/**
 * What the log promised. Refuses MALFORMED or BAD_SIGNATURE for what the log did not sign, and WRONG_CONTEXT for a promise about
 * anything but this commitment.
 */
export function verifyPromise(
  promise: SignedMessage,
  { federation, id, commitment }: PromisedCommit,
  { key }: Pick<KnownLog, 'key'>,
  verify: VerifySignature,
): CommitPromise {
  const promised = openCommitPromise(promise, key.publicKey, verify);
  const { job, round, attempt } = id;
  const isAbout =
    promised.federation === federation &&
    promised.job === job &&
    promised.round === round &&
    promised.attempt === attempt &&
    promised.commitment === messageLeaf(commitment);
  refuseUnless(isAbout, 'WRONG_CONTEXT', 'the promise is about another commitment');
  return promised;
}

/**
 * What the record says about the commitment of a promise. Refuses NOT_LOGGED a record that is not of the end of this round.
 */
export function fateOf(record: LogRecord, promised: CommitPromise, commitment: SignedMessage): CommitFate {
  const isEnd = record.kind === 'round' || record.kind === 'incident';
  refuseUnless(isEnd, 'NOT_LOGGED', `the log shows a record of kind ${record.kind} for the end of a round`);
  const { predicate } = record;
  const isOfRound = predicate.job === promised.job && predicate.round === promised.round;
  refuseUnless(isOfRound, 'NOT_LOGGED', 'the log shows the end of another round');
  if (predicate.attempt !== promised.attempt)
    return {
      kind: 'broken',
      what: `the log says nothing of attempt ${promised.attempt}, and shows the end of attempt ${predicate.attempt}`,
    };
  if (record.kind === 'incident') return { kind: 'attempt-failed', reason: record.predicate.reason };
  return fateInSet(record.predicate, promised, commitment);
}

type RoundPredicate = Extract<LogRecord, { kind: 'round' }>['predicate'];

function fateInSet(
  { commitments, excluded }: RoundPredicate,
  { site }: CommitPromise,
  { payload, signature }: SignedMessage,
): CommitFate {
  const listed = commitments.find(({ member }) => member === site);
  if (listed) {
    const isSame = listed.payload === encodeBase64(payload) && listed.signature === toHex(signature);
    return isSame
      ? { kind: 'included' }
      : { kind: 'broken', what: 'the record has another commitment in the name of this site' };
  }
  const left = excluded.find(({ member }) => member === site);
  if (left && CONTRADICTED.has(left.reason))
    return {
      kind: 'broken',
      what: `the record gives '${left.reason}' as the reason, after the log had the commitment`,
    };
  if (left) return { kind: 'left-out', reason: left.reason };
  return { kind: 'broken', what: 'the record neither has the commitment nor says why not' };
}

/** Why a commitment is not in its set, or what is wrong; empty for one that is. */
export function whyOf(fate: CommitFate): string {
  switch (fate.kind) {
    case 'included':
      return '';
    case 'left-out':
    case 'attempt-failed':
      return fate.reason;
    case 'broken':
      return fate.what;
  }
}
