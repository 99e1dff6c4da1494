// Signed messages (PROTOCOL.md section 3): the signature covers a domain prefix and the exact payload bytes,
// and the bytes signed are the bytes stored. Payloads are canonical JSON, and name members by pseudonym: they end up in the log.
import type { z } from 'zod';
import { concat, utf8, type Bytes } from './bytes.ts';
import { parseCanonicalJson, toCanonicalBytes, type CanonicalValue } from './canonical-json.ts';
import { describeIssues } from './describe-issues.ts';
import type { Pseudonym, SiteId } from './identifiers.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { memberNamed, memberOf, memberPseudonym, signingKeyOf, type Members } from './roster.ts';

export type MessageType =
  | 'consent'
  | 'commitment'
  | 'acknowledgement'
  | 'complaint'
  | 'checksum'
  | 'opening'
  | 'attestation'
  | 'checkpoint'
  | 'checkpoint-complaint'
  | 'roster-approval'
  | 'withdrawal'
  | 'model-release';

/** Exact bytes as received, with the sender's Ed25519 signature (64 bytes). */
export interface SignedMessage {
  readonly payload: Bytes;
  readonly signature: Bytes;
}

/** Ed25519 signature (RFC 8032) over `message`. */
export type Sign = (message: Bytes) => Bytes;
/** Strict (cofactorless) Ed25519 verification: node:crypto or WebCrypto, never noble. `publicKey` is 32 bytes. */
export type VerifySignature = (publicKey: Bytes, message: Bytes, signature: Bytes) => boolean;

export const SIGNATURE_BYTES = 64;

/** The fields of messages that name members: with names in memory, with pseudonyms in what is signed, sent and logged. */
const NAMING_FIELDS = ['site', 'subject', 'sealer', 'dealers'] as const;

/** A message as it is signed: members by pseudonym. */
export type Pseudonymous<T> = {
  readonly [K in keyof T]: T[K] extends SiteId
    ? Pseudonym
    : T[K] extends readonly SiteId[]
      ? readonly Pseudonym[]
      : T[K];
};

/** A message in memory: members by name. */
export type Named<T> = {
  readonly [K in keyof T]: T[K] extends Pseudonym
    ? SiteId
    : T[K] extends readonly Pseudonym[]
      ? SiteId[]
      : T[K];
};

/** A message that says who sends it. */
export interface Sent {
  readonly site: SiteId;
}

/** How one type of message is written and read. */
export interface MessageCodec<T> {
  readonly type: MessageType;
  /** The payload to sign. Refuses NOT_A_MEMBER when the value names somebody else than `members`. */
  encode(value: T, members: Members): Bytes;
  /** Refuses MALFORMED unless the payload is the canonical spelling of a valid message of this type, NOT_A_MEMBER as above. */
  parse(payload: Bytes, members: Members): T;
  /** What the payload says to whoever knows no names; refuses MALFORMED. */
  read(payload: Bytes): Pseudonymous<T>;
}

export function createMessageCodec<W extends { readonly site: Pseudonym }>(
  type: MessageType,
  schema: z.ZodType<W>,
): MessageCodec<Named<W>> {
  const read = (payload: Bytes) => parsePayload(type, schema, payload);
  return {
    type,
    encode: (value, members) =>
      toCanonicalBytes({
        type,
        ...renamed(value, (site) => memberPseudonym(memberOf(members, site as SiteId))),
      }),
    parse: (payload, members) =>
      renamed(read(payload), (name) => memberNamed(members, name as Pseudonym).site) as Named<W>,
    read: (payload) => read(payload) as Pseudonymous<Named<W>>,
  };
}

/** The bytes a signature covers: of a site's message, or of a manifest, which its author signs. */
export function signingBytes(type: MessageType | 'manifest', payload: Bytes): Bytes {
  return concat(utf8(`blindsum/v1/${type}\0`), payload);
}

/** Signs `value`, which names nobody but `members`. */
export function signMessage<T>(
  codec: MessageCodec<T>,
  value: T,
  sign: Sign,
  members: Members,
): SignedMessage {
  const payload = codec.encode(value, members);
  return { payload, signature: sign(signingBytes(codec.type, payload)) };
}

/**
 * What a member says under the key that it has among `members`. Refuses MALFORMED, NOT_A_MEMBER for a message of or about
 * anybody else, and BAD_SIGNATURE.
 */
export function openSignedMessage<T extends Sent>(
  codec: MessageCodec<T>,
  message: SignedMessage,
  members: Members,
  verify: VerifySignature,
): T {
  const value = codec.parse(message.payload, members);
  verifySigned(codec, message, signingKeyOf(memberOf(members, value.site)), verify);
  return value;
}

/** Refuses MALFORMED or BAD_SIGNATURE unless the payload is a message of this type, signed by `publicKey`. */
export function verifySigned<T>(
  codec: MessageCodec<T>,
  { payload, signature }: SignedMessage,
  publicKey: Bytes,
  verify: VerifySignature,
): Pseudonymous<T> {
  const value = codec.read(payload);
  refuseUnless(signature.length === SIGNATURE_BYTES, 'MALFORMED', `${codec.type}: signature length`);
  const valid = verify(publicKey, signingBytes(codec.type, payload), signature);
  refuseUnless(
    valid,
    'BAD_SIGNATURE',
    `${codec.type}: the signature does not verify under the sender's roster key`,
  );
  return value;
}

function renamed(value: object, rename: (name: string) => string): Record<string, CanonicalValue> {
  const message = value as Record<string, CanonicalValue>;
  const fields = NAMING_FIELDS.filter((field) => message[field] !== undefined).map((field) => {
    const named = message[field] as string | string[];
    return [field, typeof named === 'string' ? rename(named) : named.map(rename)] as const;
  });
  return { ...message, ...Object.fromEntries(fields) };
}

function parsePayload<T>(type: MessageType, schema: z.ZodType<T>, payload: Bytes): T {
  const value = parseCanonicalJson(payload, type);
  refuseUnless(isRecord(value) && value['type'] === type, 'MALFORMED', `expected a message of type ${type}`);
  const { type: _, ...rest } = value;
  const parsed = schema.safeParse(rest);
  if (!parsed.success) throw new Refusal('MALFORMED', `${type}: ${describeIssues(parsed.error)}`);
  return parsed.data;
}

function isRecord(value: CanonicalValue): value is Record<string, CanonicalValue> {
  return typeof value === 'object' && !Array.isArray(value);
}
