// Signed messages (PROTOCOL.md section 7): the signature covers a domain prefix and the exact payload bytes,
// and the bytes signed are the bytes stored. Payloads are canonical JSON.
import type { z } from 'zod';
import { concat, utf8, type Bytes } from './bytes.ts';
import { parseCanonicalJson, toCanonicalBytes, type CanonicalValue } from './canonical-json.ts';
import { Refusal, refuseUnless } from './refusal.ts';

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
  | 'withdrawal';

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

/** How one type of message is written and read. */
export interface MessageCodec<T> {
  readonly type: MessageType;
  encode(value: T): Bytes;
  /** Refuses MALFORMED unless the payload is the canonical spelling of a valid message of this type. */
  parse(payload: Bytes): T;
}

export function createMessageCodec<T extends object>(
  type: MessageType,
  schema: z.ZodType<T>,
): MessageCodec<T> {
  return {
    type,
    encode: (value) => toCanonicalBytes({ type, ...(value as Record<string, CanonicalValue>) }),
    parse: (payload) => parsePayload(type, schema, payload),
  };
}

/** The bytes a signature covers: of a site's message, or of a manifest, which its author signs. */
export function signingBytes(type: MessageType | 'manifest', payload: Bytes): Bytes {
  return concat(utf8(`blindsum/v1/${type}\0`), payload);
}

export function signMessage<T>(codec: MessageCodec<T>, value: T, sign: Sign): SignedMessage {
  const payload = codec.encode(value);
  return { payload, signature: sign(signingBytes(codec.type, payload)) };
}

/** Parses and verifies; refuses MALFORMED or BAD_SIGNATURE. `publicKey` is the roster's key of the claimed sender. */
export function openSignedMessage<T>(
  codec: MessageCodec<T>,
  message: SignedMessage,
  publicKey: Bytes,
  verify: VerifySignature,
): T {
  const value = codec.parse(message.payload);
  refuseUnless(message.signature.length === SIGNATURE_BYTES, 'MALFORMED', `${codec.type}: signature length`);
  const valid = verify(publicKey, signingBytes(codec.type, message.payload), message.signature);
  refuseUnless(
    valid,
    'BAD_SIGNATURE',
    `${codec.type}: the signature does not verify under the sender's roster key`,
  );
  return value;
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

/** One line that names the place of each mistake. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${toPlace(issue.path)}: ${toComplaint(issue)}`).join('; ');
}

function toPlace(path: readonly PropertyKey[]): string {
  return path.length > 0 ? path.map(String).join('.') : 'document';
}

/** In the words of somebody who wrote the document, not of the library that reads it. */
function toComplaint({ code, message }: z.core.$ZodIssue): string {
  if (code === 'invalid_type' && message.endsWith('received undefined')) return 'is missing';
  return message.replace('Invalid input: ', '').replace('Unrecognized key', 'unknown key');
}
