// trusted_root.json (sigstore/protobuf-specs): this log, as the one root of trust that Sigstore's tools need to verify its bundles.
import { encodeBase64 } from '../base64.ts';
import { concat, parseHex, type Bytes } from '../bytes.ts';
import { toCanonicalBytes } from '../canonical-json.ts';
import type { NoteKey } from '../tlog/note-key.ts';
import { toLogId } from './key-hint.ts';

// RFC 8410: a SubjectPublicKeyInfo of Ed25519 is this header and the key.
const SPKI_HEADER = parseHex('302a300506032b6570032100', 12, 'SPKI header');

/**
 * The document for the log of that key, from `startMs` (milliseconds since 1970) on. Its address is that of its origin: Sigstore's
 * verifiers compare the two.
 */
export function encodeTrustedRoot(key: NoteKey, startMs: number): Bytes {
  return toCanonicalBytes({
    certificateAuthorities: [],
    ctlogs: [],
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    timestampAuthorities: [],
    tlogs: [
      {
        baseUrl: `https://${key.name}`,
        hashAlgorithm: 'SHA2_256',
        logId: { keyId: encodeBase64(toLogId(key)) },
        publicKey: {
          keyDetails: 'PKIX_ED25519',
          rawBytes: encodeBase64(concat(SPKI_HEADER, key.publicKey)),
          validFor: { start: new Date(startMs).toISOString() },
        },
      },
    ],
  });
}
