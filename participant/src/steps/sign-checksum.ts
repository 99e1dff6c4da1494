// Signs the linear checksum of this site's own ciphertext, or, as proxy, of one that it fetched and checked.
import { CHUNK_BYTES, checksumStatementCodec, signMessage, type SiteId } from '@blindsum/proto';
import { inRound, timed, type Session } from '../session-context.ts';
import type { SummedRound } from '../session/step.ts';

export async function signChecksum(session: Session, summed: SummedRound, subject: SiteId): Promise<void> {
  const { coordinator, encryptor, keys, terms } = session;
  const { round, set, sumRoot } = summed;
  await timed(
    session,
    async () => {
      const file = await ciphertextOf(session, summed, subject);
      const roots = { context: round.context, setRoot: set.root, sumRoot };
      const values = await encryptor.checksum({ ...roots, file });
      const statement = { ...roots, site: terms.site, subject, values };
      await coordinator.send(
        'checksum',
        round.ref,
        signMessage(checksumStatementCodec, statement, keys.sign, terms.roster),
      );
    },
    (_, ms) => ({ event: 'checksum-signed', ...inRound(round), subject, ms }),
  );
}

/** The file and what its contributor signed about it; the checksum refuses another one. */
async function ciphertextOf(
  { files, terms, transfers }: Session,
  { round, set }: SummedRound,
  subject: SiteId,
) {
  const commitment = set.commitments.find(({ site }) => site === subject);
  if (commitment === undefined) throw new Error('a checksum is owed for contributors only');
  const { chunks, ciphertextRoot: root } = commitment;
  if (subject === terms.site) return { path: files.path(round.ref, 'ciphertext'), chunks, root };
  const path = files.contributionPath(round.ref, subject);
  await transfers.download(
    round.ref,
    { kind: 'contribution', site: subject },
    { path, bytes: chunks * CHUNK_BYTES },
  );
  return { path, chunks, root };
}
