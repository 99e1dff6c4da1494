// The folder of a site's secret keys: each in a file that its owner alone can read, under a passphrase if there is one.
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { refuseUnless } from '@blindsum/proto';
import { encodeKeyFile, readKeyFile, sealKeyFile } from '@blindsum/proto/node';
import { flushFolder } from '../encryption/durable-file.ts';
import { writeDurably } from '../write-durably.ts';

/** `name` is that of a file. */
export interface KeyFiles {
  /** Refuses as `readKeyFile` does. */
  read(name: string): Promise<string>;
  /** In one step, and durable once it returns; the folder is there. */
  write(name: string, text: string): void;
  /** Encrypts the file if it is not; returns whether it was not. */
  seal(name: string): Promise<boolean>;
}

const PROGRAM = { program: 'blindsum-site', whenMissing: 'run `blindsum-site keygen` first' };

/** The files in `folder`, encrypted if there is a passphrase. */
export function openKeyFiles(folder: string, passphrase: string | undefined): KeyFiles {
  return {
    write(name, text) {
      const path = join(folder, name);
      writeDurably(path, encodeKeyFile(path, text, passphrase));
    },
    read: (name) => readKeyFile(join(folder, name), { ...PROGRAM, passphrase }),
    async seal(name) {
      refuseUnless(passphrase !== undefined, 'CONFIG_INVALID', 'keys.passphrase is not set');
      const path = join(folder, name);
      const sealed = await sealKeyFile(path, { ...PROGRAM, passphrase });
      if (sealed !== undefined) writeDurably(path, sealed);
      return sealed !== undefined;
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
