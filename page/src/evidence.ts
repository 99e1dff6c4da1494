// What is in the files that were dropped: a record, its place in a log, and records that help to read it.
import { parseUtf8, Refusal, refuseUnless, sha256, type Bytes, type Digest } from '@blindsum/proto';
import { parseBundle } from '@blindsum/proto/provenance';
import {
  encodeLeaf,
  IN_TOTO_PAYLOAD_TYPE,
  parseEnvelope,
  parseRecord,
  parseTlogProof,
  toPae,
  type Envelope,
  type LogRecord,
  type Predicate,
  type TlogProof,
} from '@blindsum/proto/tlog';
import type { TrustedRecordKey } from './trust.ts';

/** Where the record is in a log. Nothing of it is verified. */
export interface Place {
  readonly index: bigint;
  /** The entry's bytes. */
  readonly leaf: Bytes;
  readonly proof: readonly Bytes[];
  readonly checkpoint: string;
  /** Names of log and key, where the file has them. */
  readonly named?: { readonly keyHint: Digest; readonly logId: Bytes };
}

/** A record with its signature. */
export interface Statement {
  readonly envelope: Envelope;
  readonly record: LogRecord;
  /** Undefined where the file is the record alone. */
  readonly place?: Place;
}

/** A file, by what is in it. A model may be anything that is nothing else. */
export type Dropped =
  | { readonly role: 'statement'; readonly statement: Statement }
  | { readonly role: 'proof'; readonly proof: TlogProof }
  | { readonly role: 'policy' | 'log-key'; readonly text: string }
  | { readonly role: 'model' };

export type Role = Dropped['role'];

/** What the beginning of a file says that it is. */
export function roleOf(head: Bytes): Role {
  const text = String.fromCharCode(...head.subarray(0, 4096));
  if (/^\s*\{\s*"/.test(text))
    return /"(?:dsseEnvelope|mediaType|payload|payloadType)"/.test(text) ? 'statement' : 'model';
  if (text.startsWith('c2sp.org/tlog-proof@')) return 'proof';
  if (/^(?:#[^\n]*\n|\s)*(?:log|witness|group|quorum) /.test(text)) return 'policy';
  return /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+\s*$/.test(text) ? 'log-key' : 'model';
}

/** Parses a file; refuses MALFORMED or BAD_CHECKPOINT. Never called for a model. */
export function parseDropped(role: Exclude<Role, 'model'>, bytes: Bytes): Dropped {
  switch (role) {
    case 'statement':
      return { role, statement: parseStatement(bytes) };
    case 'proof':
      return { role, proof: parseTlogProof(bytes) };
    case 'policy':
    case 'log-key':
      return { role, text: parseUtf8(bytes, role).trim() };
  }
}

function parseStatement(bytes: Bytes): Statement {
  const trimmed = trimEnd(bytes);
  if (!isBundle(trimmed)) {
    const envelope = parseEnvelope(trimmed);
    return { envelope, record: parseRecord(envelope.payload) };
  }
  const { envelope, entry, keyHint } = parseBundle(trimmed);
  refuseUnless(entry !== undefined, 'BAD_PROOF', 'the bundle does not say where in a log its record is');
  const { index, leaf, proof, checkpoint, logId } = entry;
  const place = { index, leaf, proof, checkpoint, named: { keyHint, logId } };
  return { envelope, record: parseRecord(envelope.payload), place };
}

/** Canonical JSON of a bundle begins with its envelope, that of an envelope with its payload. */
function isBundle(bytes: Bytes): boolean {
  return String.fromCharCode(...bytes.subarray(0, 16)) === '{"dsseEnvelope":';
}

/** An editor's final newline is no part of the document. */
function trimEnd(bytes: Bytes): Bytes {
  return bytes[bytes.length - 1] === 0x0a ? bytes.subarray(0, -1) : bytes;
}

/** What is checked, and with the help of what. */
export interface Evidence {
  readonly subject: Statement;
  readonly roster?: Predicate<'roster'>;
}

/** The evidence in all files; undefined while there is no record. Refuses MALFORMED for files that do not go together. */
export function toEvidence(dropped: readonly Dropped[], key?: TrustedRecordKey): Evidence | undefined {
  const statements = dropped.flatMap((file) => (file.role === 'statement' ? [file.statement] : []));
  const others = statements.filter(({ record }) => record.kind !== 'roster');
  const rosters = statements.filter(({ record }) => record.kind === 'roster');
  refuseUnless(
    others.length <= 1,
    'MALFORMED',
    'there are several records; remove all but the one to be checked',
  );
  const subject = others[0] ?? rosters[0];
  if (!subject) return undefined;
  const proofs = dropped.flatMap((file) => (file.role === 'proof' ? [file.proof] : []));
  refuseUnless(
    proofs.length <= 1,
    'MALFORMED',
    'there are several proofs; remove all but the one of the record',
  );
  const roster = rosterAmong(others.length > 0 ? rosters : [], subject.record);
  return { subject: proofs[0] ? withProof(subject, proofs[0], key) : subject, ...(roster && { roster }) };
}

/** The roster that the record goes by, else any: it is compared where it is used. */
function rosterAmong(
  rosters: readonly Statement[],
  { predicate }: LogRecord,
): Predicate<'roster'> | undefined {
  const wanted = 'rosterHash' in predicate ? predicate.rosterHash : undefined;
  const found = rosters.flatMap(({ record }) => (record.kind === 'roster' ? [record.predicate] : []));
  return found.find(({ rosterHash }) => rosterHash === wanted) ?? found[0];
}

/** A proof holds no entry: it is made of the record and the key that signs records. */
function withProof(statement: Statement, proof: TlogProof, key?: TrustedRecordKey): Statement {
  if (statement.place) return statement;
  const { envelope } = statement;
  if (!key?.spki)
    throw new Refusal(
      'MALFORMED',
      'a .tlog-proof does not hold the key that signs records: give the whole key below',
    );
  const paeDigest = sha256(toPae(IN_TOTO_PAYLOAD_TYPE, envelope.payload));
  const leaf = encodeLeaf({ paeDigest, signature: envelope.signature, publicKeySpki: key.spki });
  const { index, hashes, checkpoint } = proof;
  return { ...statement, place: { index, leaf, proof: hashes, checkpoint } };
}
