// A secret in a file of its own, for its owner alone.
import { open } from 'node:fs/promises';
import { Refusal } from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';

/** Writes a line into a new file, mode 0600, durably. Refuses CONFIG_INVALID for a file that is there. */
export async function writeSecretFile(path: string, secret: string): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be made (${toSystemFault(cause)})`, {
      cause,
    });
  });
  try {
    await file.writeFile(`${secret}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
