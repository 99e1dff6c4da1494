// Where the authority's key lives: `identity/authority.key`, unless the platform provides it, and `identity/authority.pem` in the
// state directory, mode 0600.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { refuseUnless, utf8 } from '@blindsum/proto';
import { encodeKeyFile, readPassphrase } from '@blindsum/proto/node';
import { isErrno, replaceDurably } from '../log/durable-file.ts';
import { createAuthorityKey, openAuthority, type Authority, type CertificateDays } from './authority.ts';
import { readKey, type KeyStorage } from './key-storage.ts';

export interface AuthorityTerms {
  readonly days?: CertificateDays;
  readonly keys?: KeyStorage;
}

/**
 * Opens the federation's authority, and makes it when the directory holds none. Refuses CONFIG_INVALID if only half of it is there
 * or the key cannot be had.
 */
export async function loadAuthority(
  stateDirectory: string,
  federation: string,
  nowMs: number,
  { days, keys = {} }: AuthorityTerms = {},
): Promise<Authority> {
  const directory = join(stateDirectory, 'identity');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const [keyPath, certificatePath] = [join(directory, 'authority.key'), join(directory, 'authority.pem')];
  const certificate = await readIfPresent(certificatePath);
  if (certificate !== undefined) {
    const privateKey = await readKey('authority', keyPath, keys);
    verifyIsKeyOf(privateKey, certificate);
    return openAuthority(federation, { privateKey, certificate }, days);
  }
  refuseUnless(
    keys.from?.authority === undefined,
    'CONFIG_INVALID',
    `${certificatePath}: is missing, the certificate of keys.from.authority`,
  );
  const made = await createAuthorityKey(federation, nowMs);
  const sealed = encodeKeyFile(keyPath, made.privateKey, await readPassphrase(keys));
  const file = { temporaryFolder: directory, mode: 0o600 };
  // The certificate last: without it a key is an unfinished first start, and is made again.
  await replaceDurably({ ...file, path: keyPath, bytes: sealed });
  await replaceDurably({ ...file, path: certificatePath, bytes: utf8(made.certificate) });
  return openAuthority(federation, made, days);
}

function verifyIsKeyOf(privateKey: string, certificate: string): void {
  refuseUnless(
    isKeyOf(privateKey, certificate),
    'CONFIG_INVALID',
    'the authority’s key is damaged, or not that of identity/authority.pem',
  );
}

function isKeyOf(privateKey: string, certificate: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey));
  } catch {
    // No cause: a parser's message may quote the key.
    return false;
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
