// Records of the transparency log: in-toto statements (v1) about rounds, as canonical JSON in a DSSE envelope, with a log
// entry that holds only the envelope's digest, signature and key (AUDIT.md section 3).
import { z } from 'zod';
import { parseBase64 } from '../base64.ts';
import { isEqualBytes, toHex, utf8, type Bytes } from '../bytes.ts';
import { parseCanonicalJson, toCanonicalBytes, type CanonicalValue } from '../canonical-json.ts';
import { describeIssues } from '../describe-issues.ts';
import { domainDigest, sha256 } from '../digest.ts';
import type { Digest } from '../identifiers.ts';
import { Refusal, refuseUnless } from '../refusal.ts';
import { Claimed } from './claimed.ts';
import { IN_TOTO_PAYLOAD_TYPE, MAX_ENVELOPE_BYTES, toPae, type Envelope } from './dsse.ts';
import type { HashedRekord } from './hashed-rekord.ts';
import { PREDICATES, type Predicate, type RecordKind } from './predicates.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
const PREDICATE_TYPE = /^https:\/\/blindsum\.dev\/attestation\/([a-z-]+)\/v1$/;

/** A record of one kind and what it says. */
export type LogRecord = {
  [K in RecordKind]: { readonly kind: K; readonly predicate: Predicate<K> };
}[RecordKind];

/** ECDSA P-256/SHA-256 verification by the platform: DER signature, DER SubjectPublicKeyInfo. */
export type VerifyRecordSignature = (publicKeySpki: Bytes, message: Bytes, signature: Bytes) => boolean;

const statementSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  predicate: z.unknown(),
  predicateType: z.string().regex(PREDICATE_TYPE),
  subject: z.unknown(),
});

/** Names the form of a record's predicate. */
export function toPredicateType(kind: RecordKind): string {
  return `https://blindsum.dev/attestation/${kind}/v1`;
}

/** The statement's canonical JSON, which is the envelope's payload. The predicate must satisfy its schema. */
export function encodeRecord(record: LogRecord): Bytes {
  return toCanonicalBytes({
    _type: STATEMENT_TYPE,
    predicate: record.predicate as CanonicalValue,
    predicateType: toPredicateType(record.kind),
    subject: toSubjects(record),
  });
}

/** Parses hostile bytes; refuses MALFORMED unless they are what encodeRecord writes for a valid predicate. */
export function parseRecord(payload: Bytes): LogRecord {
  const statement = statementSchema.safeParse(parseCanonicalJson(payload, 'record', MAX_ENVELOPE_BYTES));
  refuseUnless(statement.success, 'MALFORMED', 'record: not an in-toto statement of this project');
  const kind = PREDICATE_TYPE.exec(statement.data.predicateType)?.[1] ?? '';
  refuseUnless(isRecordKind(kind), 'MALFORMED', `record: unknown kind ${kind}`);
  const record = createRecord(kind, statement.data.predicate);
  refuseUnless(
    isEqualBytes(encodeRecord(record), payload),
    'MALFORMED',
    `${kind} record: subjects are not its own`,
  );
  return record;
}

/** A record of `kind` with a predicate from outside; refuses MALFORMED, naming the place of each mistake. */
export function createRecord(kind: RecordKind, predicate: unknown): LogRecord {
  const parsed = PREDICATES[kind].safeParse(predicate);
  if (!parsed.success) throw new Refusal('MALFORMED', `${kind} record: ${describeIssues(parsed.error)}`);
  return { kind, predicate: parsed.data } as LogRecord;
}

/** SHA-256 of the record's PAE: names the record in the log, in file names and in `previousRecord`. */
export function recordDigest(payload: Bytes): Digest {
  return toHex(sha256(toPae(IN_TOTO_PAYLOAD_TYPE, payload))) as Digest;
}

/**
 * What there may be only one record of in a log: a second one with the same name contradicts the first. A round is
 * published once whatever its attempts; it may be sealed and fail once in each.
 */
export function recordName({ kind, predicate }: LogRecord): string {
  switch (kind) {
    case 'charter':
      return kind;
    case 'charter-amendment':
      return toAmendmentName(predicate);
    case 'roster':
      return toRosterName(predicate);
    case 'manifest':
      return `${kind} of job ${predicate.job}`;
    case 'consent':
      return `${kind} of member ${predicate.consent.member} to job ${predicate.job}`;
    case 'withdrawal':
      return `${kind} of member ${predicate.withdrawal.member} from job ${predicate.job}`;
    case 'round-sealed':
      return toSealedName(predicate);
    case 'round':
      return toRoundName(predicate);
    case 'incident':
      return toIncidentName(predicate);
    case 'certificate':
      return `${predicate.event === 'revoked' ? 'revocation of ' : ''}certificate ${predicate.certificate}`;
    case 'administration':
      return toAdministrationName(predicate);
    case 'release':
      return `release of the model of ${toRoundName(predicate)}`;
    case 'redaction':
      return toRedactionName(predicate.record);
    case 'anchor':
      return `${kind} of the tree of ${predicate.size} entries`;
  }
}

/** The name of the record that changes for the `number`-th time who must have cosigned. */
export function toAmendmentName({ number }: { readonly number: number }): string {
  return `charter amendment ${number}`;
}

/** The name of the record of an adopted roster. */
export function toRosterName({ version }: { readonly version: number }): string {
  return `roster version ${version}`;
}

/** The name of the record that publishes a round. */
export function toRoundName({ job, round }: { readonly job: string; readonly round: number }): string {
  return `round ${round} of job ${job}`;
}

interface AttemptName {
  readonly job: string;
  readonly round: number;
  readonly attempt: number;
}

/** The name of the record that shows a set of an attempt before anything of it is opened. */
export function toSealedName(set: AttemptName & { readonly setAttempt: number }): string {
  return `set ${set.setAttempt} of attempt ${set.attempt} of ${toRoundName(set)}`;
}

/** The name of the record that says that an attempt failed. */
export function toIncidentName(attempt: AttemptName): string {
  return `failure of attempt ${attempt.attempt} of ${toRoundName(attempt)}`;
}

/** The name of the record that vouches for the trail of administrative actions from entry `from` on. */
export function toAdministrationName({ from }: { readonly from: number }): string {
  return `administration from entry ${from} on`;
}

/** The name of the record that says that another one was erased. */
export function toRedactionName(record: Digest): string {
  return `redaction of record ${record}`;
}

/** SHA-256("blindsum/v1/record-name" ‖ name), in hexadecimal: what is left of the name of an erased record. */
export function toNameDigest(name: string): Digest {
  return toHex(domainDigest('blindsum/v1/record-name', utf8(name))) as Digest;
}

export interface RecordClaim {
  readonly envelope: Envelope;
  readonly leaf: HashedRekord;
  readonly verify: VerifyRecordSignature;
}

/**
 * The payload of an envelope that a log entry is about, once its signature verifies. Refuses BAD_RECORD unless the entry is
 * that of the envelope. Whether the entry's key may sign records is for the caller to check against the charter.
 */
export function claimRecord({ envelope, leaf }: Omit<RecordClaim, 'verify'>): Claimed<Bytes> {
  const { payload, signature } = envelope;
  const message = toPae(IN_TOTO_PAYLOAD_TYPE, payload);
  const isSameDigest = isEqualBytes(sha256(message), leaf.paeDigest);
  refuseUnless(isSameDigest, 'BAD_RECORD', 'the record has another digest than its log entry');
  const isSameSignature = isEqualBytes(signature, leaf.signature);
  refuseUnless(isSameSignature, 'BAD_RECORD', 'the record has another signature than its log entry');
  const refusal = 'the signature of the record does not verify';
  const about = {
    algorithm: 'ecdsa-p256',
    publicKey: leaf.publicKeySpki,
    message,
    signature,
    refusal,
  } as const;
  return new Claimed([about], () => payload);
}

/** claimRecord, verified by the platform: refuses BAD_RECORD or BAD_SIGNATURE. */
export function verifyRecord({ verify, ...claim }: RecordClaim): void {
  claimRecord(claim).verify(({ publicKey, message, signature }) => verify(publicKey, message, signature));
}

/** What the statement is about, as in-toto wants it: names and SHA-256 digests. Fixed by the predicate. */
function toSubjects({ kind, predicate }: LogRecord) {
  switch (kind) {
    case 'charter':
      return [toSubject('record-key', toHex(sha256(parseBase64(predicate.recordKey, 'record key'))))];
    case 'charter-amendment':
      return [toSubject('record', predicate.previousRecord)];
    case 'roster':
      return [toSubject('roster', predicate.rosterHash)];
    case 'manifest':
    case 'consent':
    case 'withdrawal':
      return [toSubject('manifest', predicate.manifestHash)];
    case 'round-sealed':
      return [toSubject('round', predicate.context), toSubject('contributor-set', predicate.setRoot)];
    case 'round':
      return [toSubject('model', predicate.modelHash), toSubject('round', predicate.context)];
    case 'incident':
      return [toSubject('round', predicate.context)];
    case 'certificate':
      return [toSubject('certificate', predicate.certificate)];
    case 'administration':
      return [toSubject('audit-trail', predicate.root)];
    case 'release':
      return [toSubject('model', predicate.modelHash), toSubject('model-file', predicate.fileDigest)];
    case 'redaction':
      return [toSubject('record', predicate.record)];
    case 'anchor':
      return [toSubject('tree', predicate.root), toSubject('timestamp', predicate.token)];
  }
}

function toSubject(name: string, digest: string) {
  return { digest: { sha256: digest }, name };
}

function isRecordKind(kind: string): kind is RecordKind {
  return Object.hasOwn(PREDICATES, kind);
}
