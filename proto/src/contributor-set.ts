// U, the contributor set (PROTOCOL.md section 5, "seal"): signed commitments in roster order, and the root that names them.
import { concat, toHex } from './bytes.ts';
import type { Digest, SiteId } from './identifiers.ts';
import { commitmentCodec, type Commitment } from './messages/commitment.ts';
import { refuseUnless } from './refusal.ts';
import { memberIndex, type Roster } from './roster.ts';
import { toDigestBytes } from './round-terms.ts';
import { openSignedMessage, type SignedMessage, type VerifySignature } from './signed-message.ts';
import { hashLeaf, merkleRoot } from './tlog/merkle.ts';

/** RFC 6962 root over `signature ‖ payload` of each signed commitment, in the order given. */
export function setRoot(commitments: readonly SignedMessage[]): Digest {
  return setRootOfLeaves(commitments.map(messageLeaf));
}

/** RFC 6962 leaf hash of `signature ‖ payload`: names a signed message by content. */
export function messageLeaf(signed: SignedMessage): Digest {
  return toHex(hashLeaf(concat(signed.signature, signed.payload))) as Digest;
}

/** The set root from the leaves of its commitments, in roster order. */
export function setRootOfLeaves(leaves: readonly Digest[]): Digest {
  return toHex(merkleRoot(leaves.map(toDigestBytes))) as Digest;
}

/**
 * Checks a sealed set as a site does before it acknowledges: every commitment is signed by a roster member, bound to
 * `context`, in strict roster order (so nobody is there twice), and the root is theirs. Returns the commitments in order.
 * Refuses BAD_SIGNATURE, WRONG_CONTEXT, NOT_A_MEMBER, MALFORMED or ROOT_MISMATCH.
 */
export function parseContributorSet(sealed: SealedSet, expected: ExpectedSet): Commitment[] {
  const commitments = sealed.commitments.map((signed) => openCommitment(signed, expected));
  const indexes = commitments.map((commitment) => memberIndex(expected.roster, commitment.site));
  refuseUnless(
    indexes.every((index, i) => i === 0 || index > (indexes[i - 1] ?? 0)),
    'MALFORMED',
    'the set is not in roster order',
  );
  refuseUnless(
    setRoot(sealed.commitments) === sealed.root,
    'ROOT_MISMATCH',
    'the set root is not that of its commitments',
  );
  return commitments;
}

export interface SealedSet {
  readonly root: Digest;
  readonly commitments: readonly SignedMessage[];
}

export interface ExpectedSet {
  readonly context: Digest;
  readonly roster: Roster;
  /** Chunks that the manifest prescribes for this round. */
  readonly chunks: number;
  readonly verify: VerifySignature;
}

/** Verifies one commitment against the roster, the round's context and the prescribed size. */
export function openCommitment(signed: SignedMessage, expected: ExpectedSet): Commitment {
  const commitment = openSignedMessage(commitmentCodec, signed, expected.roster, expected.verify);
  const { site } = commitment;
  refuseUnless(
    commitment.context === expected.context,
    'WRONG_CONTEXT',
    `commitment of ${site}: made for another round`,
  );
  refuseUnless(
    commitment.chunks === expected.chunks,
    'MODEL_MISMATCH',
    `commitment of ${site}: ${commitment.chunks} chunks, the job has ${expected.chunks}`,
  );
  return commitment;
}

/** Members of the set, in roster order. */
export function setMembers(commitments: readonly Commitment[]): SiteId[] {
  return commitments.map((commitment) => commitment.site);
}
