// Which signed messages count: those of distinct members, about exactly the round, set and sum in question. A message of
// another round or set, or with a wrong signature, does not count, so repeating old ones gains a coordinator nothing.
import {
  acknowledgementCodec,
  attestationCodec,
  checksumStatementCodec,
  openingCodec,
  openSignedMessage,
  Refusal,
  refuseUnless,
  type ChecksumStatement,
  type Digest,
  type MessageCodec,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { thresholdOf, type SiteTerms } from './site-terms.ts';
import type { VerifiedSet } from './verified-set.ts';

/** Sites whose acknowledgement of this set counts. */
export function acknowledgingSites(
  messages: readonly SignedMessage[],
  set: VerifiedSet,
  terms: SiteTerms,
): ReadonlySet<SiteId> {
  const isAboutSet = (value: { context: Digest; setRoot: Digest; setAttempt: number }) =>
    value.context === set.context && value.setRoot === set.root && value.setAttempt === set.setAttempt;
  return new Set(countedMessages(acknowledgementCodec, messages, terms).filter(isAboutSet).map(toSite));
}

/** Refuses TOO_FEW_ACKNOWLEDGEMENTS unless at least T members acknowledged the set. */
export function verifyAcknowledged(
  messages: readonly SignedMessage[],
  set: VerifiedSet,
  terms: SiteTerms,
): void {
  const sites = acknowledgingSites(messages, set, terms).size;
  const threshold = thresholdOf(terms);
  refuseUnless(
    sites >= threshold,
    'TOO_FEW_ACKNOWLEDGEMENTS',
    `${sites} members acknowledged this set, ${threshold} are needed`,
  );
}

/** A set and the root of its sum. */
export interface SummedSet {
  readonly set: VerifiedSet;
  readonly sumRoot: Digest;
}

/**
 * The statement that counts for each contributor, whoever signed it. Refuses BAD_CHECKSUM when two members say different
 * things about one contributor.
 */
export function checksumsBySubject(
  messages: readonly SignedMessage[],
  summed: SummedSet,
  terms: SiteTerms,
): ReadonlyMap<SiteId, ChecksumStatement> {
  const statements = countedMessages(checksumStatementCodec, messages, terms).filter((value) =>
    isAbout(value, summed),
  );
  const bySubject = new Map<SiteId, ChecksumStatement>();
  for (const statement of statements.filter(({ subject }) => summed.set.members.includes(subject))) {
    const earlier = bySubject.get(statement.subject) ?? statement;
    refuseUnless(
      earlier.values.every((value, i) => value === statement.values[i]),
      'BAD_CHECKSUM',
      `${earlier.site} and ${statement.site} sign different checksums of ${statement.subject}`,
    );
    bySubject.set(statement.subject, earlier);
  }
  return bySubject;
}

/** The statements in roster order of their contributors; refuses BAD_CHECKSUM if one is missing. */
export function verifyChecksumsComplete(
  messages: readonly SignedMessage[],
  summed: SummedSet,
  terms: SiteTerms,
): readonly ChecksumStatement[] {
  const bySubject = checksumsBySubject(messages, summed, terms);
  return summed.set.members.map((member) => {
    const statement = bySubject.get(member);
    if (statement) return statement;
    throw new Refusal('BAD_CHECKSUM', `nobody signed the checksum of ${member}`);
  });
}

/** Opening roots of the members whose opening counts. */
export function openingRoots(
  messages: readonly SignedMessage[],
  summed: SummedSet,
  terms: SiteTerms,
): ReadonlyMap<SiteId, Digest> {
  const openings = countedMessages(openingCodec, messages, terms).filter((value) => isAbout(value, summed));
  return new Map(openings.map((opening) => [opening.site, opening.openingRoot]));
}

/** Model hashes by the members whose attestation counts. */
export function attestedModels(
  messages: readonly SignedMessage[],
  summed: SummedSet,
  terms: SiteTerms,
): ReadonlyMap<SiteId, Digest> {
  const attestations = countedMessages(attestationCodec, messages, terms).filter((value) =>
    isAbout(value, summed),
  );
  return new Map(attestations.map((attestation) => [attestation.site, attestation.modelHash]));
}

interface AboutSum {
  readonly context: Digest;
  readonly setRoot: Digest;
  readonly sumRoot: Digest;
}

function isAbout(value: AboutSum, { set, sumRoot }: SummedSet): boolean {
  return value.context === set.context && value.setRoot === set.root && value.sumRoot === sumRoot;
}

/** Messages of members whose signature verifies, in order; the others do not count. */
export function countedMessages<T extends { readonly site: SiteId }>(
  codec: MessageCodec<T>,
  messages: readonly SignedMessage[],
  terms: SiteTerms,
): T[] {
  return messages.flatMap((message) => openIfValid(codec, message, terms));
}

function openIfValid<T extends { readonly site: SiteId }>(
  codec: MessageCodec<T>,
  message: SignedMessage,
  { roster, verify }: SiteTerms,
): T[] {
  try {
    return [openSignedMessage(codec, message, roster, verify)];
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}

function toSite({ site }: { readonly site: SiteId }): SiteId {
  return site;
}
