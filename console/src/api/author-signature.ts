// Signs a job in the browser, by its own cryptography.
import {
  encodeManifest,
  encodeSignedManifest,
  Refusal,
  signingBytes,
  toHex,
  type Author,
  type Bytes,
  type Manifest,
} from '@blindsum/proto';
import { toPkcs8, type AuthorKey } from '../model/author-key.ts';

/** An author whose key is in this browser's memory, for as long as the page is open. */
export interface SigningAuthor {
  readonly author: Author;
  /** The file that an operator submits. */
  readonly sign: (manifest: Manifest) => Promise<string>;
}

/** Refuses UNAVAILABLE where the browser has no Ed25519. */
export async function openAuthor(key: AuthorKey): Promise<SigningAuthor> {
  const privateKey = await importKey(key);
  const { x = '' } = await crypto.subtle.exportKey('jwk', privateKey);
  const author = { name: key.name, key: toHex(fromBase64Url(x)) };
  return {
    author,
    async sign(manifest) {
      const bytes = encodeManifest(manifest);
      const message = Uint8Array.from(signingBytes('manifest', bytes));
      const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, message));
      return encodeSignedManifest({ manifest: bytes, signature });
    },
  };
}

async function importKey(key: AuthorKey): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('pkcs8', Uint8Array.from(toPkcs8(key)), 'Ed25519', true, ['sign']);
  } catch (cause) {
    const detail =
      'this browser has no Ed25519: sign with blindsum-coordinator author sign, and open the signed file here';
    throw new Refusal('UNAVAILABLE', detail, { cause });
  }
}

function fromBase64Url(text: string): Bytes {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
}
