// A secret in a file of its own, for its owner alone.
import { open } from 'node:fs/promises';
import { Refusal } from '@blindsum/proto';

/** Writes a line into a new file, mode 0600, durably. Refuses CONFIG_INVALID for a file that is there. */
export async function writeSecretFile(path: string, secret: string): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be made (${cause.code ?? 'unknown error'})`, {
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
