// Where the coordinator's secret keys are: in files of its own, with or without a passphrase, or wherever the platform provides them.
import { z } from 'zod';
import {
  readKeyFile,
  readPassphrase,
  readSource,
  secretSourceFormat,
  toAbsoluteSource,
} from '@blindsum/proto/node';

export const keysFormat = z
  .strictObject({
    /** Encrypts the files of the keys. */
    passphrase: secretSourceFormat.optional(),
    /** Keys that the platform provides, in the form that a first start without this writes. */
    from: z
      .strictObject({
        checkpoint: secretSourceFormat,
        record: secretSourceFormat,
        /** Only where the coordinator is its own authority. */
        authority: secretSourceFormat.optional(),
      })
      .optional(),
  })
  .refine(
    ({ passphrase, from }) => passphrase === undefined || from === undefined,
    'give either a passphrase or from',
  );

export type KeyStorage = z.output<typeof keysFormat>;
export type KeyName = 'checkpoint' | 'record' | 'authority';

/** With the paths of files taken from `folder`. */
export function toKeyStorage({ passphrase, from }: KeyStorage, folder: string): KeyStorage {
  return {
    ...(passphrase && { passphrase: toAbsoluteSource(passphrase, folder) }),
    ...(from && {
      from: {
        checkpoint: toAbsoluteSource(from.checkpoint, folder),
        record: toAbsoluteSource(from.record, folder),
        ...(from.authority && { authority: toAbsoluteSource(from.authority, folder) }),
      },
    }),
  };
}

/** What `readKeyFile` is told of the coordinator's files. */
export const KEY_FILE = { program: 'blindsum-coordinator', whenMissing: 'restore it from a backup' };

/** A key as it is stored or provided; refuses CONFIG_INVALID if it cannot be had. */
export async function readKey(name: KeyName, path: string, storage: KeyStorage): Promise<string> {
  const { from } = storage;
  if (from === undefined)
    return readKeyFile(path, { ...KEY_FILE, passphrase: await readPassphrase(storage) });
  const source = from[name];
  if (source !== undefined) return readSource(source, `keys.from.${name}`);
  return readKeyFile(path, { ...KEY_FILE, passphrase: undefined });
}
