// Where the authority's key lives: `identity/authority.key` and `identity/authority.pem` in the state directory, mode 0600.
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthorityKey, openAuthority, type Authority, type CertificateDays } from './authority.ts';

/** Opens the federation's authority, and makes it when the directory holds none. Throws if only half of it is there. */
export async function loadAuthority(
  stateDirectory: string,
  federation: string,
  nowMs: number,
  days?: CertificateDays,
): Promise<Authority> {
  const directory = join(stateDirectory, 'identity');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const keyPath = join(directory, 'authority.key');
  const certificatePath = join(directory, 'authority.pem');
  const certificate = await readIfPresent(certificatePath);
  if (certificate !== undefined) {
    return openAuthority(federation, { privateKey: await readFile(keyPath, 'utf8'), certificate }, days);
  }
  const made = await createAuthorityKey(federation, nowMs);
  // The certificate last: without it a key is an unfinished first start, and is made again.
  await writeSecret(keyPath, made.privateKey);
  await writeSecret(certificatePath, made.certificate);
  return openAuthority(federation, made, days);
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Durable before it has its name. */
async function writeSecret(path: string, text: string): Promise<void> {
  const file = await open(`${path}.tmp`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
}
