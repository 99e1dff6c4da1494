// Log entries: the canonical JSON of a Rekor v2 `hashedrekord` 0.0.2 body (AUDIT.md section 3). An entry holds digests
// and keys only, so that the append-only tree never holds anything that may have to be erased.
import { z } from 'zod';
import { encodeBase64, parseBase64 } from '../base64.ts';
import { isEqualBytes, parseHex, type Bytes } from '../bytes.ts';
import { parseCanonicalJson, toCanonicalBytes } from '../canonical-json.ts';
import { DIGEST_BYTES } from '../digest.ts';
import { refuseUnless } from '../refusal.ts';
import { MAX_ENTRY_BYTES } from './entry-bundle.ts';

const KEY_DETAILS = 'PKIX_ECDSA_P256_SHA_256';
/** A DER ECDSA signature over P-256 has at most two 33-byte integers. */
const MAX_SIGNATURE_BYTES = 72;
// RFC 5480: an uncompressed P-256 point has one SubjectPublicKeyInfo header, 65 bytes of point after it.
const SPKI_HEADER = parseHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 27, 'SPKI header');
const SPKI_BYTES = SPKI_HEADER.length + 64;

/** What an entry says: somebody with this key signed something with this digest. */
export interface HashedRekord {
  /** SHA-256 of the record's DSSE PAE, 32 bytes: the name of the record. */
  readonly paeDigest: Bytes;
  /** ECDSA P-256/SHA-256 over the PAE, DER. */
  readonly signature: Bytes;
  /** SubjectPublicKeyInfo of an uncompressed P-256 point, DER, 91 bytes. */
  readonly publicKeySpki: Bytes;
}

const bodySchema = z.strictObject({
  apiVersion: z.literal('0.0.2'),
  kind: z.literal('hashedrekord'),
  spec: z.strictObject({
    hashedRekordV002: z.strictObject({
      data: z.strictObject({ algorithm: z.literal('SHA2_256'), digest: z.string() }),
      signature: z.strictObject({
        content: z.string(),
        verifier: z.strictObject({
          keyDetails: z.literal(KEY_DETAILS),
          publicKey: z.strictObject({ rawBytes: z.string() }),
        }),
      }),
    }),
  }),
});

/** The log entry, about 490 bytes of canonical JSON. */
export function encodeLeaf({ paeDigest, signature, publicKeySpki }: HashedRekord): Bytes {
  const verifier = { keyDetails: KEY_DETAILS, publicKey: { rawBytes: encodeBase64(publicKeySpki) } };
  const hashedRekordV002 = {
    data: { algorithm: 'SHA2_256', digest: encodeBase64(paeDigest) },
    signature: { content: encodeBase64(signature), verifier },
  };
  return toCanonicalBytes({ apiVersion: '0.0.2', kind: 'hashedrekord', spec: { hashedRekordV002 } });
}

/** Parses what encodeLeaf writes; refuses MALFORMED. */
export function parseLeaf(entry: Bytes): HashedRekord {
  const parsed = bodySchema.safeParse(parseCanonicalJson(entry, 'log entry', MAX_ENTRY_BYTES));
  refuseUnless(parsed.success, 'MALFORMED', 'log entry: not a hashedrekord 0.0.2 body');
  const { data, signature } = parsed.data.spec.hashedRekordV002;
  const rekord = {
    paeDigest: parseBase64(data.digest, 'log entry digest'),
    signature: parseBase64(signature.content, 'log entry signature'),
    publicKeySpki: parseBase64(signature.verifier.publicKey.rawBytes, 'log entry key'),
  };
  refuseUnless(rekord.paeDigest.length === DIGEST_BYTES, 'MALFORMED', 'log entry: digest length');
  refuseUnless(rekord.signature.length <= MAX_SIGNATURE_BYTES, 'MALFORMED', 'log entry: signature length');
  refuseUnless(isP256Spki(rekord.publicKeySpki), 'MALFORMED', 'log entry: not an uncompressed P-256 key');
  return rekord;
}

/** True for the SubjectPublicKeyInfo of an uncompressed P-256 point; whether it is on the curve is not checked. */
export function isP256Spki(spki: Bytes): boolean {
  return spki.length === SPKI_BYTES && isEqualBytes(spki.subarray(0, SPKI_HEADER.length), SPKI_HEADER);
}
