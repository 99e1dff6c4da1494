// Asks a timestamp authority over HTTP (RFC 3161 section 3.4).
import { randomBytes, type X509Certificate } from 'node:crypto';
import { Refusal, refuseUnless, type Bytes } from '@blindsum/proto';
import { readBounded } from '../bounded-body.ts';
import { encodeTimestampRequest, NONCE_BYTES, toNonce } from './timestamp-request.ts';
import { MAX_RESPONSE_BYTES, openTimestamp, type Timestamp } from './timestamp-response.ts';

export interface StampedDigest extends Timestamp {
  /** The authority's response, DER. */
  readonly response: Bytes;
}

/** Somebody who signs that it has seen a digest, and when. */
export interface TimestampAuthority {
  /** A verified timestamp of the SHA-256 digest. Refuses whatever is wrong with the authority, or its answer. */
  stamp(digest: Bytes): Promise<StampedDigest>;
  /** Verifies a response that was kept. Refuses as openTimestamp does. */
  open(response: Bytes, digest: Bytes): Timestamp;
}

/** Longest wait for an answer. */
const TIMEOUT_MS = 20_000;

/** The authority at `url`, whose certificate is one of `authorities`, or issued by one of them. */
export function createTimestampAuthority(
  url: string,
  authorities: readonly X509Certificate[],
): TimestampAuthority {
  return {
    async stamp(digest) {
      const nonce = toNonce(new Uint8Array(randomBytes(NONCE_BYTES)));
      const response = await post(url, encodeTimestampRequest({ digest, nonce }));
      return { response, ...openTimestamp(response, { digest, nonce, authorities }) };
    },
    open: (response, digest) => openTimestamp(response, { digest, authorities }),
  };
}

async function post(url: string, request: Bytes): Promise<Bytes> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query' },
      body: new Uint8Array(request),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    refuseUnless(
      response.ok,
      'UNAVAILABLE',
      `the timestamp authority answers with status ${response.status}`,
    );
    return await readBounded(response, MAX_RESPONSE_BYTES, 'timestamp: the response');
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('UNAVAILABLE', 'the timestamp authority cannot be reached', { cause });
  }
}
