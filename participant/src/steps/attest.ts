// Signs what this site computed.
import { attestationCodec, signMessage } from '@blindsum/proto';
import { inRound, timed, type Session } from '../session-context.ts';
import type { SummedRound } from '../session/step.ts';

export async function attest(session: Session, { round, set, sumRoot }: SummedRound): Promise<void> {
  const { coordinator, journal, keys, terms } = session;
  const outcome = journal.outcome(terms.manifest.job, round.ref.round);
  if (outcome === undefined) throw new Error('an outcome to attest is not in the journal');
  const { modelHash, metrics } = outcome;
  const attestation = {
    context: round.context,
    site: terms.site,
    setRoot: set.root,
    sumRoot,
    modelHash,
    metrics,
  };
  const message = signMessage(attestationCodec, attestation, keys.sign, terms.roster);
  await timed(
    session,
    () => coordinator.send('attestation', round.ref, message),
    (_, ms) => ({ event: 'attested', ...inRound(round), ms }),
  );
}
