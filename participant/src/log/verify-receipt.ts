// Receipts, verified offline: from the promise of the log to the record in it, by nothing but what this site keeps.
import type { Members, SignedMessage } from '@blindsum/proto';
import { checkSignature, verifyEd25519 } from '@blindsum/proto/node';
import {
  claimLogged,
  claimRecord,
  parseEnvelope,
  parseLeaf,
  parseRecord,
  parseTlogProof,
  type TlogPolicy,
} from '@blindsum/proto/tlog';
import type { AttemptId } from '../journal/journal.ts';
import { fateOf, verifyPromise, type CommitFate } from '../session/commit-receipt.ts';
import type { KnownLog } from '../session/known-log.ts';
import { toEntry } from '../session/logged-record.ts';
import { toMemberPolicy } from '../session/member-policy.ts';
import type { ReceiptFilesFound } from './receipt-files.ts';

export interface ReceiptCase {
  readonly federation: string;
  readonly id: AttemptId;
  readonly commitment: SignedMessage;
  readonly promise: SignedMessage;
  readonly found: ReceiptFilesFound | undefined;
}

export interface ReceiptChecks {
  readonly log: KnownLog;
  /** Whose cosignatures are counted, when `policy` does not say. */
  readonly members: Members;
  /** What the checkpoint must satisfy (C2SP tlog-policy); the log's own signature is enough unless given. */
  readonly policy: TlogPolicy | undefined;
}

export type ReceiptVerdict =
  /** The promise is the log's; the record has not come yet. */
  | { readonly kind: 'pending' }
  | (CommitFate & {
      /** Entry of the record, and size of the tree that it was proved in. */
      readonly index: bigint;
      readonly size: bigint;
      /** Witnesses of the policy that cosigned that tree. */
      readonly cosigned: number;
    });

/**
 * What became of a commitment, as proved to anybody. Refuses BAD_SIGNATURE, WRONG_CONTEXT, BAD_RECORD, BAD_PROOF, BAD_CHECKPOINT,
 * TOO_FEW_COSIGNATURES or MALFORMED for files that prove nothing, and NOT_LOGGED for the record of something else.
 */
export function verifyReceipt(receipt: ReceiptCase, { log, members, policy }: ReceiptChecks): ReceiptVerdict {
  const { promise, commitment, found } = receipt;
  const promised = verifyPromise(promise, receipt, log, verifyEd25519);
  if (!found) return { kind: 'pending' };
  const envelope = parseEnvelope(found.record);
  const entry = toEntry(envelope.payload, envelope.signature, log.recordKey);
  claimRecord({ envelope, leaf: parseLeaf(entry) }).verify(checkSignature);
  const proof = parseTlogProof(found.proof);
  const asked = policy ?? toMemberPolicy(log.key, members, 'nobody');
  const { size, cosignings } = claimLogged(proof, entry, asked).verify(checkSignature);
  const fate = fateOf(parseRecord(envelope.payload), promised, commitment);
  return { ...fate, index: proof.index, size, cosigned: cosignings.length };
}
