// Requests of RFC 3161 section 2.4.1, DER: asks an authority to sign that it has seen a digest, and when.
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { MessageImprint, TimeStampReq, TimeStampReqVersion } from '@peculiar/asn1-tsp';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import type { Bytes } from '@blindsum/proto';

export const SHA256_OID = '2.16.840.1.101.3.4.2.1';
export const NONCE_BYTES = 8;

/** What is asked. */
export interface TimestampQuestion {
  /** SHA-256, 32 bytes. */
  readonly digest: Bytes;
  /** 8 random bytes, the first from 1 to 127: a positive integer of that length. */
  readonly nonce: Bytes;
}

/** The request; asks for the authority's certificate, so that the answer can be verified alone. */
export function encodeTimestampRequest({ digest, nonce }: TimestampQuestion): Bytes {
  const hashAlgorithm = new AlgorithmIdentifier({ algorithm: SHA256_OID, parameters: null });
  const request = new TimeStampReq({
    version: TimeStampReqVersion.v1,
    messageImprint: new MessageImprint({ hashAlgorithm, hashedMessage: new OctetString(digest) }),
    nonce: toBuffer(nonce),
    certReq: true,
  });
  return new Uint8Array(AsnConvert.serialize(request));
}

/** A nonce out of that many random bytes. */
export function toNonce(random: Bytes): Bytes {
  return random.map((byte, i) => (i === 0 ? (byte & 0x3f) | 0x40 : byte));
}

function toBuffer(bytes: Bytes): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
