// What the coordinator writes into the transparency log about jobs and rounds (AUDIT.md section 3), from what is stored.
// Building a record again gives the same record: a crash between the log and the store is mended by repeating.
import {
  attestationCodec,
  authorPseudonym,
  CHUNK_BYTES,
  checksumStatementCodec,
  encodeBase64,
  memberOf,
  memberPseudonym,
  openRosterApproval,
  roundKind,
  toHex,
  toRosterOutline,
  type ChainedRoster,
  type Digest,
  type Roster,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import type { LogRecord, Predicate } from '@blindsum/proto/tlog';
import type { JobDocument } from './job-document.ts';
import type { RoundId, StoredMessage } from './ports.ts';
import type { AdoptedRoster } from './roster-reader.ts';
import { absenceOf } from './round/attendance.ts';
import type { Failed, Published, RoundRules, SealedSet } from './round/round.ts';

/** A round and the job it belongs to. */
export interface RecordSource {
  readonly id: RoundId;
  readonly document: JobDocument;
}

/** Of an adopted version, with the approvals that it was adopted with. */
export function createRosterRecord(
  { roster, hash, link }: AdoptedRoster,
  previous: ChainedRoster | undefined,
): LogRecord {
  const step = { previous, next: { roster, hash } };
  const outline = toRosterOutline(roster);
  const members = roster.members.map((member, i) => ({
    index: i + 1,
    member: memberPseudonym(member),
    ...outline.members[i]!,
    signingKey: member.signingKey as Digest,
  }));
  const approvals = link.approvals.map((approval) => ({
    member: memberPseudonym(openRosterApproval(approval, step, verifyEd25519)),
    payload: encodeBase64(approval.payload),
    signature: toHex(approval.signature),
  }));
  const { federation, version } = roster;
  const chained = { previous: previous?.hash ?? ('' as const), rosterHash: hash };
  return { kind: 'roster', predicate: { federation, version, ...chained, members, approvals } };
}

/** `consents` in roster order. */
export function createManifestRecord(
  { manifest, manifestHash, rosterHash, roster, authorSignature }: JobDocument,
  consents: readonly { readonly site: SiteId; readonly message: SignedMessage }[],
): LogRecord {
  const signed = consents.map(({ site, message }) => toSigned(roster, site, message));
  const { job, author } = manifest;
  const signature = { author: authorPseudonym(author), authorSignature: toHex(authorSignature) };
  return { kind: 'manifest', predicate: { job, manifestHash, rosterHash, ...signature, consents: signed } };
}

/** Of a member that consented after the job had started. */
export function createConsentRecord(
  { manifest, manifestHash, rosterHash, roster }: JobDocument,
  site: SiteId,
  message: SignedMessage,
): LogRecord {
  const consent = toSigned(roster, site, message);
  return { kind: 'consent', predicate: { job: manifest.job, manifestHash, rosterHash, consent } };
}

/** Of a member that took its consent back. */
export function createWithdrawalRecord(
  { manifest, manifestHash, roster }: JobDocument,
  site: SiteId,
  message: SignedMessage,
): LogRecord {
  const withdrawal = toSigned(roster, site, message);
  return { kind: 'withdrawal', predicate: { job: manifest.job, manifestHash, withdrawal } };
}

export function createSealedRecord(
  { id, document }: RecordSource,
  rules: RoundRules,
  set: SealedSet,
): LogRecord {
  const predicate: Predicate<'round-sealed'> = {
    ...id,
    setAttempt: set.setAttempt,
    context: rules.context,
    rosterHash: document.rosterHash,
    setRoot: set.root,
    members: set.members.map((site) => toPseudonym(document.roster, site)),
    excluded: toExcluded(document.roster, rules, set),
  };
  return { kind: 'round-sealed', predicate };
}

/** What the record of a result holds besides the round itself. */
export interface ResultSource extends RecordSource {
  readonly messages: readonly StoredMessage[];
  readonly previousRecord: Digest | '';
  readonly coordinatorVersion: string;
}

export function createResultRecord(source: ResultSource, round: Published): LogRecord {
  const { id, document, messages } = source;
  const { manifest, roster, manifestHash, rosterHash } = document;
  const { set, sum, rules } = round;
  const attestations = messages.filter(({ type }) => type === 'attestation');
  const predicate: Predicate<'round'> = {
    ...id,
    kind: roundKind(id.round, manifest.rounds),
    context: rules.context,
    manifestHash,
    rosterHash,
    baseModelHash: rules.baseModelHash,
    previousRecord: source.previousRecord,
    counts: {
      roster: roster.members.length,
      committed: messages.filter(({ type }) => type === 'commitment').length,
      sealed: set.members.length,
    },
    threshold: rules.threshold,
    excluded: toExcluded(roster, rules, set),
    setRoot: set.root,
    setSize: set.members.length,
    sumRoot: sum.root,
    sumBytes: document.chunks(id.round) * CHUNK_BYTES,
    checksums: inRosterOrder(roster, messages, 'checksum').map((stored) => toChecksum(roster, stored)),
    commitments: inRosterOrder(roster, messages, 'commitment')
      .filter(({ site }) => set.members.includes(site))
      .map(({ site, message }) => toSigned(roster, site, message)),
    modelHash: round.modelHash,
    attestations: inRosterOrder(roster, messages, 'attestation').map(({ site, message }) =>
      toSigned(roster, site, message),
    ),
    metrics: metricsOf(attestations),
    parameterSet: 'bs1',
    coordinatorVersion: source.coordinatorVersion,
  };
  return { kind: 'round', predicate };
}

/** Says what the round missed of whom; the sentence for people, which names sites, stays out. */
export function createIncidentRecord({ id, document }: RecordSource, round: Failed): LogRecord {
  const excluded = round.findings.map(({ site, what }) => ({
    member: toPseudonym(document.roster, site),
    reason: what,
  }));
  const predicate = {
    ...id,
    context: round.rules.context,
    rosterHash: document.rosterHash,
    reason: round.reason,
    excluded,
  };
  return { kind: 'incident', predicate };
}

/** Everyone in the roster who is not in the set, and why: nothing succeeds silently on a subset (invariant 5). */
function toExcluded(roster: Roster, rules: RoundRules, set: SealedSet): Predicate<'round'>['excluded'] {
  const reasons = new Map<SiteId, string>(set.excluded.map(({ site, reason }) => [site, reason]));
  return roster.members
    .filter(({ site }) => !set.members.includes(site))
    .map((member) => ({
      member: memberPseudonym(member),
      reason: rules.sites.includes(member.site)
        ? (reasons.get(member.site) ?? 'late')
        : absenceOf(rules, member.site),
    }));
}

function toChecksum(
  roster: Roster,
  { site, subject, message }: StoredMessage,
): Predicate<'round'>['checksums'][number] {
  const { member: signer, payload, signature } = toSigned(roster, site, message);
  const { values } = checksumStatementCodec.read(message.payload);
  return {
    member: toPseudonym(roster, subject),
    signer,
    proxy: site !== subject,
    values,
    payload,
    signature,
  };
}

// All attestations of a published round are of one result.
function metricsOf(attestations: readonly StoredMessage[]): Predicate<'round'>['metrics'] {
  const [first] = attestations;
  if (!first) throw new Error('a round was published without attestations');
  return attestationCodec.read(first.message.payload).metrics;
}

function inRosterOrder(roster: Roster, messages: readonly StoredMessage[], type: StoredMessage['type']) {
  return roster.members.flatMap((member) =>
    messages.filter((stored) => stored.type === type && stored.subject === member.site),
  );
}

function toSigned(roster: Roster, site: SiteId, { payload, signature }: SignedMessage) {
  return { member: toPseudonym(roster, site), payload: encodeBase64(payload), signature: toHex(signature) };
}

function toPseudonym(roster: Roster, site: SiteId): Digest {
  return memberPseudonym(memberOf(roster, site));
}
