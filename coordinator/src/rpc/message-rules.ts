// What each signed message of a round means: the event it becomes, and the uploads that it signs for.
import {
  acknowledgementCodec,
  attestationCodec,
  checksumStatementCodec,
  commitmentCodec,
  complaintCodec,
  domainDigest,
  openingCodec,
  refuseUnless,
  toCanonicalBytes,
  toHex,
  type Acknowledgement,
  type Attestation,
  type ChecksumStatement,
  type Commitment,
  type Complaint,
  type Digest,
  type MessageCodec,
  type Opening,
  type SiteId,
} from '@blindsum/proto';
import type { StoredMessage } from '../ports.ts';
import { heldFor } from '../round/held.ts';
import type { Round, RoundEvent } from '../round/round.ts';
import { ciphertextTarget, openingTarget, sharesTarget } from '../uploads/upload-target.ts';
import type { OpenRound } from './round-access.ts';
import type { SignedUpload } from './upload-guard.ts';

export interface MessageRule<T> {
  readonly type: StoredMessage['type'];
  readonly codec: MessageCodec<T>;
  /** `digest` names the signed message. */
  toEvent(value: T, digest: Digest): RoundEvent;
  /** Whom the message is about, if not its sender. */
  subjectOf?(value: T): SiteId;
  readonly signsFor?: SignsFor<T>;
}

/** Of a message that signs for what its sender uploaded. */
export interface SignsFor<T> {
  uploads(value: T, round: OpenRound): readonly SignedUpload[];
  /** True while the round waits for the site's message: before and after that, its uploads are not touched. */
  isAwaited(round: Round, site: SiteId): boolean;
}

export const COMMITMENT: MessageRule<Commitment> = {
  type: 'commitment',
  codec: commitmentCodec,
  toEvent: ({ site }, digest) => ({ kind: 'commit', contribution: { site, digest } }),
  signsFor: {
    uploads({ site, chunks, ciphertextRoot, shareRoot }, { id, document }) {
      const expected = document.chunks(id.round);
      refuseUnless(chunks === expected, 'MODEL_MISMATCH', `${chunks} chunks, the job has ${expected}`);
      return [
        { target: ciphertextTarget(id, site, expected), root: ciphertextRoot },
        { target: sharesTarget(id, site, document.roster.members.length), root: shareRoot },
      ];
    },
    isAwaited: (round, site) =>
      round.phase === 'collecting' && heldFor(round.contributions, site) === undefined,
  },
};

export const ACKNOWLEDGEMENT: MessageRule<Acknowledgement> = {
  type: 'acknowledgement',
  codec: acknowledgementCodec,
  toEvent: ({ site, setRoot }, digest) => ({ kind: 'acknowledge', from: site, setRoot, digest }),
};

export const COMPLAINT: MessageRule<Complaint> = {
  type: 'complaint',
  codec: complaintCodec,
  toEvent: ({ site, setRoot, dealers }, digest) => ({
    kind: 'complain',
    from: site,
    setRoot,
    dealers,
    digest,
  }),
};

export const CHECKSUM: MessageRule<ChecksumStatement> = {
  type: 'checksum',
  codec: checksumStatementCodec,
  toEvent: ({ site, subject, setRoot, sumRoot, values }, digest) => ({
    kind: 'checksum',
    subject,
    setRoot,
    sumRoot,
    entry: { signer: site, digest, values },
  }),
  subjectOf: ({ subject }) => subject,
};

export const OPENING: MessageRule<Opening> = {
  type: 'opening',
  codec: openingCodec,
  toEvent: ({ site, setRoot, sumRoot }, digest) => ({ kind: 'open', from: site, setRoot, sumRoot, digest }),
  signsFor: {
    uploads: ({ site, openingRoot }, { id, document }) => [
      { target: openingTarget(id, site, document.roster.members.length), root: openingRoot },
    ],
    isAwaited: (round, site) => round.phase === 'opening' && heldFor(round.openings, site) === undefined,
  },
};

export const ATTESTATION: MessageRule<Attestation> = {
  type: 'attestation',
  codec: attestationCodec,
  toEvent(value, digest) {
    const { site, setRoot, sumRoot, modelHash } = value;
    const attested = { digest, result: attestedResult(value), modelHash };
    return { kind: 'attest', from: site, setRoot, sumRoot, attested };
  },
};

/** What must be equal at every site: SHA-256 over the model's hash and the released metrics. */
function attestedResult({ modelHash, metrics }: Attestation): Digest {
  return toHex(domainDigest('blindsum/v1/result', toCanonicalBytes({ modelHash, metrics }))) as Digest;
}
