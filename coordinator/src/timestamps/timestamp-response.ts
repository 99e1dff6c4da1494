// Responses of RFC 3161 section 2.4.2: a CMS SignedData (RFC 5652) over what the authority has seen, and when.
import type { X509Certificate } from 'node:crypto';
import { createHash } from 'node:crypto';
import { id_signedData, SignedData } from '@peculiar/asn1-cms';
import { AsnConvert } from '@peculiar/asn1-schema';
import { id_ct_tstInfo, PKIStatus, TimeStampResp, TSTInfo } from '@peculiar/asn1-tsp';
import { isEqualBytes, Refusal, refuseUnless, type Bytes } from '@blindsum/proto';
import { SHA256_OID, type TimestampQuestion } from './timestamp-request.ts';
import { verifySigner } from './timestamp-signer.ts';

/** Longest response that is read. */
export const MAX_RESPONSE_BYTES = 1 << 16;

/** What an authority says. */
export interface Timestamp {
  /** When it had seen the digest, in milliseconds since 1970, by its own clock. */
  readonly timeMs: number;
}

/** What a response must say, and who may say it. */
export interface ExpectedTimestamp {
  readonly digest: Bytes;
  /** Left out for a response that was kept: it was compared when it came. */
  readonly nonce?: TimestampQuestion['nonce'];
  /** One of them is the authority's certificate, or has issued it. */
  readonly authorities: readonly X509Certificate[];
}

/**
 * Parses and verifies hostile bytes. Refuses MALFORMED, UNAVAILABLE when the authority has refused, WRONG_CONTEXT for another
 * digest or nonce, UNAUTHENTICATED for a signer that no authority vouches for, and BAD_SIGNATURE.
 */
export function openTimestamp(response: Bytes, expected: ExpectedTimestamp): Timestamp {
  try {
    return open(response, expected);
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    // Of certificates and attributes, the libraries read some parts late, and throw errors of all kinds at what they cannot read.
    throw new Refusal('MALFORMED', 'timestamp: a part that cannot be read', { cause });
  }
}

function open(response: Bytes, { digest, nonce, authorities }: ExpectedTimestamp): Timestamp {
  const { signed, content } = parseResponse(response);
  const info = parseDer(content, TSTInfo);
  const { hashAlgorithm, hashedMessage } = info.messageImprint;
  const isOfDigest =
    hashAlgorithm.algorithm === SHA256_OID && isEqualBytes(new Uint8Array(hashedMessage.buffer), digest);
  refuseUnless(isOfDigest, 'WRONG_CONTEXT', 'the timestamp is of another digest');
  const isAnswer = nonce === undefined || isEqualBytes(new Uint8Array(info.nonce ?? []), nonce);
  refuseUnless(isAnswer, 'WRONG_CONTEXT', 'the timestamp answers another request');
  const timeMs = info.genTime.getTime();
  verifySigner({ signed, content, authorities, timeMs });
  return { timeMs };
}

/** SHA-256 of the response's bytes, in hexadecimal, as an anchor names it. */
export function toTokenDigest(response: Bytes): string {
  return createHash('sha256').update(response).digest('hex');
}

function parseResponse(bytes: Bytes): { readonly signed: SignedData; readonly content: Bytes } {
  refuseUnless(bytes.length <= MAX_RESPONSE_BYTES, 'MALFORMED', 'timestamp: the response is too long');
  const { status, timeStampToken } = parseDer(bytes, TimeStampResp);
  const isGranted = status.status === PKIStatus.granted || status.status === PKIStatus.grantedWithMods;
  if (!isGranted || !timeStampToken)
    throw new Refusal('UNAVAILABLE', `the timestamp authority answers with status ${status.status}`);
  const isSigned = timeStampToken.contentType === id_signedData;
  refuseUnless(isSigned, 'MALFORMED', 'timestamp: not signed data');
  const signed = parseDer(new Uint8Array(timeStampToken.content), SignedData);
  const { eContentType, eContent } = signed.encapContentInfo;
  const content = eContent?.single;
  if (eContentType !== id_ct_tstInfo || !content)
    throw new Refusal('MALFORMED', 'timestamp: the signed data is no timestamp');
  return { signed, content: new Uint8Array(content.buffer) };
}

/** What these bytes are in DER, and nothing after it; what a parser throws at hostile bytes is a refusal. */
function parseDer<T>(bytes: Bytes, type: new () => T): T {
  try {
    return AsnConvert.parse(bytes, type);
  } catch (cause) {
    throw new Refusal('MALFORMED', 'timestamp: not DER of its kind', { cause });
  }
}
