// The folder of a site's secret keys: each in a file that its owner alone can read, under a passphrase if there is one.
import { chmod, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseUtf8, Refusal, refuseUnless, utf8, type Bytes } from '@blindsum/proto';
import { flushFolder } from '../encryption/durable-file.ts';
import { writeDurably } from '../write-durably.ts';
import { isSealedSecret, openSecret, sealSecret } from './sealed-secret.ts';

/** `name` is that of a file, and what a sealed file is bound to. */
export interface KeyFiles {
  read(name: string): Promise<string>;
  /** In one step, and durable once it returns; the folder is there. */
  write(name: string, text: string): void;
  /** Encrypts the file if it is not; returns whether it was not. */
  seal(name: string): Promise<boolean>;
}

/**
 * The files in `folder`. Reading refuses CONFIG_INVALID when one is missing, readable by others, encrypted without a passphrase
 * being given, or not encrypted although one is.
 */
export function openKeyFiles(folder: string, passphrase: string | undefined): KeyFiles {
  const seal = (name: string, text: string): Bytes =>
    passphrase === undefined ? utf8(text) : sealSecret(name, utf8(text), passphrase);
  const write = (name: string, text: string): void => writeDurably(join(folder, name), seal(name, text));
  return {
    write,
    async read(name) {
      const path = join(folder, name);
      const bytes = await readPrivate(path);
      if (!isSealedSecret(bytes)) {
        refuseUnless(
          passphrase === undefined,
          'CONFIG_INVALID',
          `${path}: not encrypted, although keys.passphrase is set: run \`blindsum-site seal-keys\``,
        );
        return parseUtf8(bytes, path);
      }
      if (passphrase === undefined)
        throw new Refusal('CONFIG_INVALID', `${path}: encrypted, and keys.passphrase is not set`);
      return parseUtf8(openSecret(name, bytes, passphrase), path);
    },
    async seal(name) {
      const bytes = await readPrivate(join(folder, name));
      if (isSealedSecret(bytes)) return false;
      write(name, parseUtf8(bytes, name));
      return true;
    },
  };
}

/** Makes the folder with these files, all of them or nothing: some of them would have to be mended by hand. */
export async function createKeyFolder(
  folder: string,
  passphrase: string | undefined,
  texts: Readonly<Record<string, string>>,
): Promise<void> {
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  await chmod(partial, 0o700);
  const files = openKeyFiles(partial, passphrase);
  for (const [name, text] of Object.entries(texts)) files.write(name, text);
  await rename(partial, folder);
  flushFolder(dirname(folder));
}

async function readPrivate(path: string): Promise<Bytes> {
  let mode: number;
  try {
    ({ mode } = await stat(path));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const hint = code === 'ENOENT' ? 'run `blindsum-site keygen` first' : 'check its permissions';
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be read (${code ?? 'unknown'}); ${hint}`, { cause });
  }
  const isPrivate = (mode & 0o077) === 0;
  refuseUnless(isPrivate, 'CONFIG_INVALID', `${path}: others can read this key; run chmod 600 on it`);
  return readFile(path);
}
