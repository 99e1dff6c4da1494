// Where a program finds a secret that its platform keeps: a private file, the environment, or a credential of systemd.
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Refusal, refuseUnless } from '../src/refusal.ts';
import { toSystemFault } from './system-fault.ts';

/** One of three: a file, an environment variable, or a credential of systemd (LoadCredential=). */
export const secretSourceFormat = z.union(
  [
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ environment: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
    z.strictObject({ credential: z.string().regex(/^[A-Za-z0-9_.-]+$/) }),
  ],
  'expected file, environment or credential, one of them',
);

export type SecretSource = z.output<typeof secretSourceFormat>;

const MAX_PASSPHRASE_BYTES = 1024;

/** The source with the path of its file, if it is one, taken from `folder`. */
export function toAbsoluteSource(source: SecretSource, folder: string): SecretSource {
  return 'file' in source ? { file: resolve(folder, source.file) } : source;
}

/** The passphrase, if one is configured: a line of 1 to 1024 bytes. Refuses CONFIG_INVALID, and shows nothing of it. */
export async function readPassphrase({
  passphrase,
}: {
  readonly passphrase?: SecretSource | undefined;
}): Promise<string | undefined> {
  if (passphrase === undefined) return undefined;
  const text = (await readSource(passphrase, 'keys.passphrase')).replace(/\r?\n$/, '');
  refuseUnless(
    text.length > 0 && Buffer.byteLength(text) <= MAX_PASSPHRASE_BYTES && !text.includes('\n'),
    'CONFIG_INVALID',
    `keys.passphrase: expected one line of 1 to ${MAX_PASSPHRASE_BYTES} bytes`,
  );
  return text;
}

/** What the source says. Refuses CONFIG_INVALID if it is missing, or a file that everybody can read. */
export async function readSource(source: SecretSource, where: string): Promise<string> {
  if ('environment' in source) {
    const value = process.env[source.environment];
    if (value === undefined)
      throw new Refusal('CONFIG_INVALID', `${where}: the environment has no ${source.environment}`);
    return value;
  }
  if ('file' in source) return readPrivate(source.file, where);
  const folder = process.env['CREDENTIALS_DIRECTORY'];
  if (folder === undefined)
    throw new Refusal('CONFIG_INVALID', `${where}: systemd provides no credentials to this program`);
  return readPrivate(join(folder, source.credential), where);
}

async function readPrivate(path: string, where: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    refuseUnless((mode & 0o007) === 0, 'CONFIG_INVALID', `${where}: everybody can read ${path}`);
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('CONFIG_INVALID', `${where}: ${path} cannot be read (${toSystemFault(cause)})`, {
      cause,
    });
  }
}
