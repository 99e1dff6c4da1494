// Releases this site's share of the key sum: the one step after which a sum can be read. The set is bound in the journal
// first, durably, and only what the journal holds is sent (invariant 3).
import { basename, dirname, join } from 'node:path';
import { openingCodec, Refusal, sharingKeyOf, signMessage, type ChecksumStatement } from '@blindsum/proto';
import type { StoredOpening } from '../journal/journal.ts';
import { inRound, ownIndex, timed, type Session } from '../session-context.ts';
import type { SummedRound } from '../session/step.ts';
import { writeDurably } from '../write-durably.ts';
import { checkShares } from './check-shares.ts';
import { checkSum } from './check-sum.ts';

export async function openSet(
  session: Session,
  summed: SummedRound,
  checksums: readonly ChecksumStatement[],
): Promise<void> {
  const { coordinator, files, journal, terms, transfers } = session;
  const { ref } = summed.round;
  await timed(
    session,
    async () => {
      await checkSum(session, summed, checksums);
      const opening = journal.opening(terms.manifest.job, ref.round) ?? (await bindOpening(session, summed));
      await transfers.upload(ref, 'opening', join(dirname(files.path(ref, 'opening')), opening.file));
      await coordinator.send('opening', ref, opening.message);
    },
    (_, ms) => ({ event: 'opened', ...inRound(summed.round), ms }),
  );
}

async function bindOpening(session: Session, summed: SummedRound): Promise<StoredOpening> {
  const { encryptor, files, journal, keys, log, terms } = session;
  const { round, set, sumRoot } = summed;
  // What is opened was sealed in public, where everybody sees the same set.
  await log.verifySealed(summed, terms);
  const { sum } = await checkShares(session, round, set);
  if (sum === undefined) throw new Refusal('BAD_SHARE', 'shares of this set do not open for this site');
  const bundle = await encryptor.sealOpening({
    context: round.context,
    setRoot: set.root,
    sum,
    sharingKeys: terms.roster.members.map(sharingKeyOf),
    ownIndex: ownIndex(terms),
  });
  const path = files.path(round.ref, 'opening');
  writeDurably(path, bundle.bytes);
  const opening = {
    context: round.context,
    site: terms.site,
    setRoot: set.root,
    sumRoot,
    openingRoot: bundle.root,
  };
  return journal.recordOpening(terms.manifest.job, round.ref.round, {
    attempt: round.ref.attempt,
    setRoot: set.root,
    message: signMessage(openingCodec, opening, keys.sign, terms.roster),
    file: basename(path),
  });
}
