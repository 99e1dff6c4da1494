// Encrypts the keys that the coordinator made before it had a passphrase.
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { refuseUnless } from '@blindsum/proto';
import { readPassphrase, sealKeyFile } from '@blindsum/proto/node';
import { replaceDurably } from '../log/durable-file.ts';
import { KEY_FILE, type KeyStorage } from './key-storage.ts';

const FILES = ['identity/authority.key', 'log-keys/checkpoint.skey', 'log-keys/record-key.pem'];

/** How many files were not encrypted and are so once this returns. Safe to repeat, and while the coordinator runs. */
export async function sealKeys(stateDirectory: string, keys: KeyStorage): Promise<number> {
  const passphrase = await readPassphrase(keys);
  refuseUnless(passphrase !== undefined, 'CONFIG_INVALID', 'keys.passphrase is not set');
  let sealed = 0;
  for (const path of FILES.map((name) => join(stateDirectory, name))) {
    if (!(await isThere(path))) continue;
    const bytes = await sealKeyFile(path, { ...KEY_FILE, passphrase });
    if (bytes === undefined) continue;
    await replaceDurably({ path, bytes, temporaryFolder: dirname(path), mode: 0o600 });
    sealed++;
  }
  return sealed;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
