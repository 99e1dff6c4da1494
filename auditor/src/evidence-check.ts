// The messages that sites signed, as they are in the records: who signed, and what exactly.
import {
  attestationCodec,
  CHUNK_BYTES,
  checksumStatementCodec,
  commitmentCodec,
  consentCodec,
  messageLeaf,
  parseBase64,
  parseHex,
  Refusal,
  refuseUnless,
  setRootOfLeaves,
  SIGNATURE_BYTES,
  verifySigned,
  withdrawalCodec,
  type Digest,
  type MessageCodec,
  type Pseudonymous,
  type Sent,
  type SignedMessage,
  type Withdrawal,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import type { Predicate } from '@blindsum/proto/tlog';

const KEY_BYTES = 32;

/** Ed25519 signing key, in hexadecimal, of each member of a roster, by pseudonym. */
export type SigningKeys = ReadonlyMap<Digest, string>;

interface Signed {
  readonly payload: string;
  readonly signature: string;
}

/** A consent as a record holds it. */
export type LoggedConsent = Predicate<'consent'>['consent'];

/** The signing keys of the roster with that hash, if it is in the log. */
export type KeysOf = (rosterHash: Digest) => SigningKeys | undefined;

/** Refuses unless every consent is about this job and manifest, and signed by a member of the roster that it names. */
export function verifyConsents(
  consents: readonly LoggedConsent[],
  { job, manifestHash }: Pick<Predicate<'manifest'>, 'job' | 'manifestHash'>,
  keysOf: KeysOf,
): void {
  refuseUnlessDistinct(consents, 'consents');
  eachOf(consents, (signed) => {
    const { rosterHash } = readOf(consentCodec, signed.payload);
    const keys = keysOf(rosterHash);
    if (!keys)
      throw new Refusal('BAD_RECORD', 'a consent is under a roster that is not in the log before it');
    const consent = openLogged(consentCodec, signed, signerOf(keys, signed.member));
    refuseUnlessEqual({ job, manifestHash }, consent, 'a consent');
  });
}

/** What a member's withdrawal says; refuses unless the member signed it, about this job and manifest. */
export function openWithdrawal(
  signed: Predicate<'withdrawal'>['withdrawal'],
  { job, manifestHash }: Pick<Predicate<'manifest'>, 'job' | 'manifestHash'>,
  keys: SigningKeys,
): Pseudonymous<Withdrawal> {
  const withdrawal = openLogged(withdrawalCodec, signed, signerOf(keys, signed.member));
  refuseUnlessEqual({ job, manifestHash }, withdrawal, 'the withdrawal');
  return withdrawal;
}

/** Refuses unless the set root is that of commitments to this round, one signed by each member of `members`, in order. */
export function verifyCommitments(
  round: Predicate<'round'>,
  members: readonly Digest[],
  keys: SigningKeys,
): void {
  const signers = round.commitments.map(({ member }) => member);
  refuseUnless(
    String(signers) === String(members),
    'BAD_RECORD',
    'the commitments are not those of the sealed set',
  );
  refuseUnless(members.length > 0, 'TOO_FEW_CONTRIBUTORS', 'nobody contributed');
  refuseUnlessDistinct(round.commitments, 'commitments');
  eachOf(round.commitments, (signed) => {
    const commitment = openLogged(commitmentCodec, signed, signerOf(keys, signed.member));
    refuseUnlessEqual({ context: round.context }, commitment, 'a commitment');
  });
  const root = setRootOfLeaves(round.commitments.map((signed) => messageLeaf(toSignedMessage(signed))));
  refuseUnless(root === round.setRoot, 'ROOT_MISMATCH', 'the set root is not that of the commitments');
}

/** Refuses unless every contributor consented to the job, and all commitments are of the size of the sum. */
export function verifyContributors(round: Predicate<'round'>, consents: readonly LoggedConsent[]): void {
  const consented = new Set(consents.map(({ member }) => member));
  eachOf(round.commitments, ({ member, payload }) => {
    const commitment = readOf(commitmentCodec, payload);
    refuseUnless(consented.has(member), 'NOT_A_MEMBER', 'a contributor has not consented to the job');
    const isWhole = commitment.chunks * CHUNK_BYTES === round.sumBytes;
    refuseUnless(
      isWhole,
      'BAD_RECORD',
      `a commitment is to ${commitment.chunks} chunks, the sum has ${round.sumBytes} bytes`,
    );
  });
}

/** Refuses unless there is one signed checksum of each member of `members`, about this set and this sum. */
export function verifyChecksums(
  round: Predicate<'round'>,
  members: readonly Digest[],
  keys: SigningKeys,
): void {
  const { context, setRoot, sumRoot } = round;
  const subjects = round.checksums.map(({ member }) => member);
  refuseUnless(
    String(subjects) === String(members),
    'BAD_RECORD',
    'the checksums are not those of the sealed set',
  );
  eachOf(round.checksums, (signed) => {
    const statement = openLogged(checksumStatementCodec, signed, signerOf(keys, signed.signer));
    refuseUnlessEqual({ context, setRoot, sumRoot }, statement, 'a checksum');
    const isSame = String(statement.values) === String(signed.values);
    refuseUnless(isSame, 'BAD_CHECKSUM', 'a checksum is not the one that was signed');
    refuseUnlessEqual({ subject: signed.member }, statement, 'a checksum');
    const isProxy = signed.member !== signed.signer;
    refuseUnless(isProxy === signed.proxy, 'BAD_RECORD', 'a checksum names another signer');
  });
}

/** Refuses unless at least `threshold` members signed this result of this set and sum. */
export function verifyAttestations(round: Predicate<'round'>, keys: SigningKeys): void {
  const { context, setRoot, sumRoot, modelHash, metrics } = round;
  refuseUnlessDistinct(round.attestations, 'attestations');
  eachOf(round.attestations, (signed) => {
    const attestation = openLogged(attestationCodec, signed, signerOf(keys, signed.member));
    refuseUnlessEqual({ context, setRoot, sumRoot, modelHash }, attestation, 'an attestation');
    refuseUnlessEqual(metrics, attestation.metrics, 'the metrics of an attestation');
    refuseUnlessEqual(attestation.metrics, metrics, 'the metrics of an attestation');
  });
  refuseUnless(
    round.attestations.length >= round.threshold,
    'BAD_RECORD',
    `${round.attestations.length} sites attest the result, ${round.threshold} are needed`,
  );
}

export interface Votes<T extends Sent> {
  readonly codec: MessageCodec<T>;
  /** What each must say. */
  readonly about: object;
  readonly keys: SigningKeys;
}

/** Refuses unless every vote says that, each by another member. */
export function verifyVotes<T extends Sent>(
  votes: readonly LoggedConsent[],
  { codec, about, keys }: Votes<T>,
): void {
  refuseUnlessDistinct(votes, 'votes');
  eachOf(votes, (signed) => {
    const vote = openLogged(codec, signed, signerOf(keys, signed.member));
    refuseUnlessEqual(about, vote, 'a vote');
  });
}

/** Refuses BAD_RECORD unless every message that was signed in this round is bound to its context. */
export function verifyContexts(round: Predicate<'round'>): void {
  const { context } = round;
  eachOf(round.commitments, ({ payload }) =>
    refuseUnlessEqual({ context }, readOf(commitmentCodec, payload), 'a commitment'),
  );
  eachOf(round.checksums, ({ payload }) =>
    refuseUnlessEqual({ context }, readOf(checksumStatementCodec, payload), 'a checksum'),
  );
  eachOf(round.attestations, ({ payload }) =>
    refuseUnlessEqual({ context }, readOf(attestationCodec, payload), 'an attestation'),
  );
}

/** What the payload of a message of a record says, without verifying who signed it. */
export function readOf<T>(codec: MessageCodec<T>, payload: string): Pseudonymous<T> {
  return codec.read(parseBase64(payload, 'signed payload'));
}

/** Runs a check of each message; what it refuses names the member. */
function eachOf<T extends { readonly member: Digest }>(
  messages: readonly T[],
  check: (message: T) => void,
): void {
  for (const message of messages) {
    try {
      check(message);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal(error.code, `member ${message.member}: ${error.detail}`, { cause: error });
    }
  }
}

/** Parses and verifies a message of a record under the key of `by`; refuses BAD_RECORD when it says that it is another member's. */
export function openLogged<T extends Sent>(
  codec: MessageCodec<T>,
  signed: Signed,
  by: { readonly member: Digest; readonly key: string },
): Pseudonymous<T> {
  const publicKey = parseHex(by.key, KEY_BYTES, 'signing key');
  const value = verifySigned(codec, toSignedMessage(signed), publicKey, verifyEd25519);
  const { site } = value as Pseudonymous<Sent>;
  refuseUnless(site === by.member, 'BAD_RECORD', `a ${codec.type} names another member as its sender`);
  return value;
}

function toSignedMessage({ payload, signature }: Signed): SignedMessage {
  return {
    payload: parseBase64(payload, 'signed payload'),
    signature: parseHex(signature, SIGNATURE_BYTES, 'signature'),
  };
}

function signerOf(keys: SigningKeys, member: Digest): { member: Digest; key: string } {
  const key = keys.get(member);
  if (key === undefined) throw new Refusal('NOT_A_MEMBER', 'a signer is not in the roster');
  return { member, key };
}

function refuseUnlessEqual(expected: object, found: object, what: string): void {
  for (const [field, value] of Object.entries(expected)) {
    const isSame = (found as Record<string, unknown>)[field] === value;
    refuseUnless(isSame, 'BAD_RECORD', `${what} is about another ${field}`);
  }
}

function refuseUnlessDistinct(signed: readonly { readonly member: Digest }[], what: string): void {
  const members = new Set(signed.map(({ member }) => member));
  refuseUnless(members.size === signed.length, 'BAD_RECORD', `one member is twice among the ${what}`);
}
