// Uploads a contribution that is on disk, and commits to it.
import { dirname, join } from 'node:path';
import type { SignedMessage } from '@blindsum/proto';
import { inRound, timed, type Session } from '../session-context.ts';
import type { KnownRound } from '../session/site-terms.ts';

export async function commit(session: Session, round: KnownRound, commitment: SignedMessage): Promise<void> {
  const { coordinator, journal } = session;
  await timed(
    session,
    () => upload(session, round),
    ({ ciphertext, shares }, ms) => ({
      event: 'uploaded',
      ...inRound(round),
      ciphertextBytes: ciphertext,
      bytesSent: ciphertext + shares,
      ms,
    }),
  );
  await coordinator.send('commitment', round.ref, commitment);
  journal.recordAccepted(round.ref);
}

async function upload({ transfers, journal, files }: Session, { ref }: KnownRound) {
  const stored = journal.commitment(ref);
  if (stored === undefined) throw new Error('a contribution to upload is not in the journal');
  const folder = dirname(files.path(ref, 'ciphertext'));
  const shares = await transfers.upload(ref, 'shares', join(folder, stored.files.shares));
  const ciphertext = await transfers.upload(ref, 'ciphertext', join(folder, stored.files.ciphertext));
  return { ciphertext, shares };
}
