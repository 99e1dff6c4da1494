// Who wrote a job (PROTOCOL.md section 3): a manifest names its author, and comes with the author's signature over its exact
// bytes, so that a coordinator can neither invent a job in somebody's name nor alter one.
import { z } from 'zod';
import { encodeBase64, parseBase64 } from './base64.ts';
import { parseHex, parseUtf8, toHex, type Bytes } from './bytes.ts';
import { describeIssues } from './describe-issues.ts';
import { domainDigest } from './digest.ts';
import type { Digest } from './identifiers.ts';
import { parseHostileJson } from './hostile-json.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { SIGNATURE_BYTES, signingBytes, type Sign, type VerifySignature } from './signed-message.ts';

const KEY_BYTES = 32;
/** A manifest of 4 MiB in base64, and a little more. */
const MAX_FILE_BYTES = 6 << 20;

export const authorSchema = z.strictObject({
  /** For people; what a site trusts is the key. */
  name: z
    .string()
    .regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,100}$/u, 'a name is one line of 1 to 100 characters'),
  /** Ed25519 public key. */
  key: z.string().regex(/^[0-9a-f]{64}$/, 'expected 32 bytes in hexadecimal'),
});

export type Author = z.output<typeof authorSchema>;

/** The exact bytes of a manifest, and its author's Ed25519 signature over "blindsum/v1/manifest\0" ‖ bytes. */
export interface SignedManifest {
  readonly manifest: Bytes;
  readonly signature: Bytes;
}

/** The author's signature over a manifest, 64 bytes. `sign` is that of the key in the manifest. */
export function signManifest(manifest: Bytes, sign: Sign): Bytes {
  return sign(signingBytes('manifest', manifest));
}

/** Refuses BAD_SIGNATURE unless `author`, whom the manifest names, signed exactly these bytes. */
export function verifyAuthor(
  author: Author,
  { manifest, signature }: SignedManifest,
  verify: VerifySignature,
): void {
  const key = parseHex(author.key, KEY_BYTES, "author's key");
  const isValid =
    signature.length === SIGNATURE_BYTES && verify(key, signingBytes('manifest', manifest), signature);
  refuseUnless(isValid, 'BAD_SIGNATURE', 'the manifest is not signed by the author that it names');
}

/** Names an author in public records, without the name: SHA-256("blindsum/v1/author" ‖ key), in hexadecimal. */
export function authorPseudonym({ key }: Pick<Author, 'key'>): Digest {
  return toHex(domainDigest('blindsum/v1/author', parseHex(key, KEY_BYTES, "author's key"))) as Digest;
}

/** What sites write into their policy: the first 20 bytes of the pseudonym, in groups of four hexadecimal digits. */
export function authorFingerprint(author: Pick<Author, 'key'>): string {
  return (authorPseudonym(author).slice(0, 40).match(/.{4}/g) ?? []).join('-');
}

const signedFormat = z.strictObject({
  format: z.literal('blindsum-signed-manifest/v1'),
  manifest: z.string().min(4),
  signature: z.string().regex(/^[0-9a-f]{128}$/, 'a signature is 64 bytes in lower-case hexadecimal'),
});

/** A file that people carry from the author to the operator. */
export function encodeSignedManifest({ manifest, signature }: SignedManifest): string {
  const file = {
    format: 'blindsum-signed-manifest/v1',
    manifest: encodeBase64(manifest),
    signature: toHex(signature),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Parses that file; refuses MALFORMED. Nothing in it is verified. */
export function parseSignedManifest(bytes: Bytes): SignedManifest {
  refuseUnless(bytes.length <= MAX_FILE_BYTES, 'MALFORMED', 'signed manifest: too long');
  const parsed = signedFormat.safeParse(
    parseHostileJson(parseUtf8(bytes, 'signed manifest'), 'signed manifest'),
  );
  if (!parsed.success) throw new Refusal('MALFORMED', `signed manifest: ${describeIssues(parsed.error)}`);
  const { manifest, signature } = parsed.data;
  return {
    manifest: parseBase64(manifest, 'signed manifest'),
    signature: parseHex(signature, SIGNATURE_BYTES, 'signature'),
  };
}
