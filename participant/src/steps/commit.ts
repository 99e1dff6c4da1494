// Uploads a contribution that is on disk, and commits to it.
import { dirname, join } from 'node:path';
import type { SignedMessage } from '@blindsum/proto';
import { inRound, timed, type Session } from '../session-context.ts';
import type { UploadKind } from '../ports.ts';
import type { KnownRound } from '../session/site-terms.ts';

export async function commit(session: Session, round: KnownRound, commitment: SignedMessage): Promise<void> {
  const { coordinator, journal, log, terms } = session;
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
    'upload',
  );
  await timed(
    session,
    async () => {
      const promise = await coordinator.commit(round.ref, commitment);
      // First: a commitment that is not known to be accepted is sent again, and its promise given again.
      await log.keepPromise(promise, { federation: terms.manifest.federation, id: round.ref, commitment });
      journal.recordAccepted(round.ref);
    },
    (_, ms) => ({ event: 'committed', ...inRound(round), ms }),
  );
}

async function upload(session: Session, round: KnownRound) {
  const { journal, files } = session;
  const { ref } = round;
  const stored = journal.commitment(ref);
  if (stored === undefined) throw new Error('a contribution to upload is not in the journal');
  const folder = dirname(files.path(ref, 'ciphertext'));
  const shares = await send(session, round, 'shares', join(folder, stored.files.shares));
  const ciphertext = await send(session, round, 'ciphertext', join(folder, stored.files.ciphertext));
  return { ciphertext, shares };
}

/** Sends what the coordinator does not have of a file; returns the bytes that went out. */
function send({ transfers, report }: Session, round: KnownRound, kind: UploadKind, path: string) {
  return transfers.upload(round.ref, kind, path, (offset) =>
    report({ event: 'uploading', ...inRound(round), upload: kind, offset }),
  );
}
