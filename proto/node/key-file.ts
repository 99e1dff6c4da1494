// A file with a secret key: readable by its owner alone, under a passphrase if there is one. A sealed file is bound to its name.
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseUtf8, utf8, type Bytes } from '../src/bytes.ts';
import { Refusal, refuseUnless } from '../src/refusal.ts';
import { toSystemFault } from './system-fault.ts';
import { isSealedSecret, openSecret, sealSecret } from './sealed-secret.ts';

export interface KeyFileTerms {
  /** Under which the file is expected; undefined expects it in the clear. */
  readonly passphrase: string | undefined;
  /** The program whose `seal-keys` encrypts files that are not. */
  readonly program: string;
  /** What to do about a file that is missing. */
  readonly whenMissing: string;
}

/** What a key file at `path` holds, encrypted if there is a passphrase. */
export function encodeKeyFile(path: string, text: string, passphrase: string | undefined): Bytes {
  return passphrase === undefined ? utf8(text) : sealSecret(basename(path), utf8(text), passphrase);
}

/**
 * The key's text. Refuses CONFIG_INVALID when the file is missing, readable by others, encrypted without a passphrase being given,
 * or not encrypted although one is; MALFORMED for what is neither.
 */
export async function readKeyFile(path: string, terms: KeyFileTerms): Promise<string> {
  const { passphrase, program } = terms;
  const bytes = await readPrivate(path, terms.whenMissing);
  if (!isSealedSecret(bytes)) {
    refuseUnless(
      passphrase === undefined,
      'CONFIG_INVALID',
      `${path}: not encrypted, although keys.passphrase is set: run \`${program} seal-keys\``,
    );
    return parseUtf8(bytes, path);
  }
  if (passphrase === undefined)
    throw new Refusal('CONFIG_INVALID', `${path}: encrypted, and keys.passphrase is not set`);
  return parseUtf8(openSecret(basename(path), bytes, passphrase), path);
}

/** The same file under the passphrase; undefined if it is encrypted already. Refuses as `readKeyFile` does. */
export async function sealKeyFile(
  path: string,
  { passphrase, whenMissing }: KeyFileTerms & { readonly passphrase: string },
): Promise<Bytes | undefined> {
  const bytes = await readPrivate(path, whenMissing);
  return isSealedSecret(bytes) ? undefined : sealSecret(basename(path), bytes, passphrase);
}

async function readPrivate(path: string, whenMissing: string): Promise<Bytes> {
  let mode: number;
  try {
    ({ mode } = await stat(path));
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const hint = isMissing ? whenMissing : 'check its permissions';
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be read (${toSystemFault(cause)}); ${hint}`, {
      cause,
    });
  }
  const isPrivate = (mode & 0o077) === 0;
  refuseUnless(isPrivate, 'CONFIG_INVALID', `${path}: others can read this key; run chmod 600 on it`);
  return readFile(path);
}
