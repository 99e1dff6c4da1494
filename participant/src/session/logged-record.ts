// Records of the log with the proof that they are in it, and the one that a site asks for before it opens a set: what the log shows of
// a sealed set is exactly that set (PROTOCOL.md section 8, invariant 10).
import { memberOf, memberPseudonym, Refusal, refuseUnless, sha256, type Bytes } from '@blindsum/proto';
import {
  claimRecord,
  encodeLeaf,
  hashLeaf,
  IN_TOTO_PAYLOAD_TYPE,
  parseLeaf,
  parseRecord,
  toPae,
  verifyInclusion,
  type CheckSignature,
  type LogRecord,
} from '@blindsum/proto/tlog';
import type { KeptHead, KnownLog, ShownRecord } from './known-log.ts';
import type { KnownRound, SiteTerms } from './site-terms.ts';
import type { VerifiedSet } from './verified-set.ts';

/**
 * What the record says, once it is signed with the log's record key and the entry of exactly this signature is in the tree of `head`.
 * Refuses MALFORMED, BAD_SIGNATURE or BAD_PROOF.
 */
export function verifyLogged(
  { index, payload, signature, proof }: ShownRecord,
  { size, root }: Pick<KeptHead, 'size' | 'root'>,
  { recordKey }: Pick<KnownLog, 'recordKey'>,
  check: CheckSignature,
): LogRecord {
  const entry = toEntry(payload, signature, recordKey);
  claimRecord({ envelope: { payload, signature }, leaf: parseLeaf(entry) }).verify(check);
  verifyInclusion({ index, size, root, leafHash: hashLeaf(entry), proof });
  return parseRecord(payload);
}

/** The log's entry about a record that was signed so. */
export function toEntry(payload: Bytes, signature: Bytes, recordKey: Bytes): Bytes {
  const paeDigest = sha256(toPae(IN_TOTO_PAYLOAD_TYPE, payload));
  return encodeLeaf({ paeDigest, signature, publicKeySpki: recordKey });
}

/** A set that is about to be opened. */
export interface SetToOpen {
  readonly round: KnownRound;
  readonly set: VerifiedSet;
}

/** Refuses NOT_LOGGED unless the record says that exactly this set was sealed in exactly this attempt. */
export function verifySealedRecord(
  record: LogRecord,
  { round, set }: SetToOpen,
  { roster, rosterHash }: Pick<SiteTerms, 'roster' | 'rosterHash'>,
): void {
  if (record.kind !== 'round-sealed')
    throw new Refusal('NOT_LOGGED', `the log shows a record of kind ${record.kind} for a sealed set`);
  const { predicate } = record;
  const { job, round: number, attempt } = round.ref;
  const expected: Record<string, string | number> = {
    ...{ job, round: number, attempt, context: round.context, rosterHash },
    ...{ setAttempt: set.setAttempt, setRoot: set.root },
  };
  for (const [field, value] of Object.entries(expected)) {
    const logged = predicate[field as keyof typeof predicate];
    refuseUnless(logged === value, 'NOT_LOGGED', `the log shows a sealed set of another ${field}`);
  }
  const members = set.members.map((site) => memberPseudonym(memberOf(roster, site)));
  refuseUnless(
    members.length === predicate.members.length &&
      members.every((member, i) => member === predicate.members[i]),
    'NOT_LOGGED',
    'the log shows a sealed set of other members',
  );
}
