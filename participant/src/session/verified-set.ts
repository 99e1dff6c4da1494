// The contributor set, checked before a site acknowledges it (PROTOCOL.md section 5, "acknowledge").
import {
  isEqualBytes,
  parseContributorSet,
  Refusal,
  refuseUnless,
  setMembers,
  type Commitment,
  type Digest,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import type { JournalFacts } from './journal-facts.ts';
import type { SealedSetSnapshot } from './round-snapshot.ts';
import { verifySetSize, type KnownRound, type SiteTerms } from './site-terms.ts';

export interface VerifiedSet {
  readonly context: Digest;
  readonly setAttempt: number;
  readonly root: Digest;
  /** In roster order. */
  readonly commitments: readonly Commitment[];
  readonly members: readonly SiteId[];
}

/**
 * Checks a sealed set: every commitment signed and bound to this round, each member once, the root theirs, large enough for
 * manifest and policy, and this site's own commitment byte for byte. Refuses as parseContributorSet does,
 * TOO_FEW_CONTRIBUTORS, CONFLICTING_SUBMISSION for another commitment of this site or a second set under the same number,
 * NOT_A_CONTRIBUTOR when the coordinator dropped this site's commitment after taking it or took a site back against the job's
 * terms, ALREADY_OPENED when this site
 * opened another set.
 */
export function verifySealedSet(
  sealed: SealedSetSnapshot,
  round: KnownRound,
  facts: JournalFacts,
  terms: SiteTerms,
): VerifiedSet {
  const { roster, verify } = terms;
  const { context } = round;
  refuseUnless(
    [facts.opened, facts.result].every((done) => done === undefined || done.setRoot === sealed.root),
    'ALREADY_OPENED',
    `this site has opened another contributor set in round ${round.ref.round}`,
  );
  const commitments = parseContributorSet(sealed, { context, roster, chunks: round.layout.chunks, verify });
  const members = setMembers(commitments);
  verifySetSize(members.length, terms);
  verifyStable(members, facts, terms);
  verifyOwnPlace(sealed, members.indexOf(terms.site), facts);
  verifyOneSetPerNumber(sealed, facts);
  return { context, setAttempt: sealed.setAttempt, root: sealed.root, commitments, members };
}

/** A job that takes no site back has sets of which each is part of the one before. */
function verifyStable(
  members: readonly SiteId[],
  { previousMembers }: JournalFacts,
  { manifest }: SiteTerms,
) {
  if (manifest.lateSites === 'next-round' || previousMembers === undefined) return;
  const returned = members.filter((site) => !previousMembers.includes(site));
  refuseUnless(
    returned.length === 0,
    'NOT_A_CONTRIBUTOR',
    `the set holds ${returned.join(', ')}, not in the set of the round before: the job takes nobody back`,
  );
}

function verifyOwnPlace(sealed: SealedSetSnapshot, place: number, facts: JournalFacts): void {
  const own = facts.commitment;
  const listed = sealed.commitments[place];
  if (listed !== undefined) {
    refuseUnless(
      own !== undefined && isSameMessage(own.message, listed),
      'CONFLICTING_SUBMISSION',
      'the set holds a commitment of this site that is not the one in its journal',
    );
    return;
  }
  // A complaint may take a dealer out of a later set; the first set must hold whatever the coordinator confirmed.
  const wasDropped = own !== undefined && own.isAccepted && sealed.setAttempt === 1;
  if (wasDropped)
    throw new Refusal(
      'NOT_A_CONTRIBUTOR',
      'the coordinator confirmed the commitment of this site and left it out',
    );
}

/** Each set of an attempt has a number of its own, higher than those before. */
function verifyOneSetPerNumber(sealed: SealedSetSnapshot, { acknowledged }: JournalFacts): void {
  if (acknowledged === undefined || acknowledged.setRoot === sealed.root) return;
  refuseUnless(
    sealed.setAttempt > acknowledged.setAttempt,
    'CONFLICTING_SUBMISSION',
    `this site acknowledged another set under number ${acknowledged.setAttempt}`,
  );
}

function isSameMessage(a: SignedMessage, b: SignedMessage): boolean {
  return isEqualBytes(a.payload, b.payload) && isEqualBytes(a.signature, b.signature);
}
