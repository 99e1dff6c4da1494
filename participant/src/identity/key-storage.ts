// Where a site's secret keys are: in files of its own, with or without a passphrase, or wherever the platform provides them.
import { z } from 'zod';
import { secretSourceFormat, toAbsoluteSource } from '@blindsum/proto/node';

export const keysFormat = z
  .strictObject({
    /** Encrypts the key files. */
    passphrase: secretSourceFormat.optional(),
    /** Keys that the platform provides, in the form that `keygen` writes; nothing is stored here then. */
    from: z
      .strictObject({ signing: secretSourceFormat, sharing: secretSourceFormat, tls: secretSourceFormat })
      .optional(),
  })
  .refine(
    ({ passphrase, from }) => passphrase === undefined || from === undefined,
    'give either a passphrase or from',
  );

export type KeyStorage = z.output<typeof keysFormat>;

/** With the paths of files taken from `folder`. */
export function toKeyStorage({ passphrase, from }: KeyStorage, folder: string): KeyStorage {
  return {
    ...(passphrase && { passphrase: toAbsoluteSource(passphrase, folder) }),
    ...(from && {
      from: {
        signing: toAbsoluteSource(from.signing, folder),
        sharing: toAbsoluteSource(from.sharing, folder),
        tls: toAbsoluteSource(from.tls, folder),
      },
    }),
  };
}
