// Says that the set is right and this site's shares open, or names the dealers whose share does not.
import { acknowledgementCodec, complaintCodec, signMessage, type SiteId } from '@blindsum/proto';
import { inRound, timed, type Session } from '../session-context.ts';
import type { KnownRound } from '../session/site-terms.ts';
import type { VerifiedSet } from '../session/verified-set.ts';

export async function acknowledge(session: Session, round: KnownRound, set: VerifiedSet): Promise<void> {
  const { coordinator, journal, keys, terms } = session;
  const { setAttempt, root } = set;
  journal.recordAcknowledgement(round.ref, { setAttempt, setRoot: root });
  const value = { context: round.context, site: terms.site, setAttempt, setRoot: root };
  const message = signMessage(acknowledgementCodec, value, keys.sign, terms.roster);
  await timed(
    session,
    () => coordinator.send('acknowledgement', round.ref, message),
    (_, ms) => ({ event: 'acknowledged', ...inRound(round), ms }),
  );
}

export interface Complaint {
  readonly round: KnownRound;
  readonly set: VerifiedSet;
  readonly dealers: readonly SiteId[];
}

export async function complain(session: Session, { round, set, dealers }: Complaint): Promise<void> {
  const { coordinator, keys, terms } = session;
  const { setAttempt, root } = set;
  const value = {
    context: round.context,
    site: terms.site,
    setAttempt,
    setRoot: root,
    dealers: [...dealers],
  };
  const message = signMessage(complaintCodec, value, keys.sign, terms.roster);
  await timed(
    session,
    () => coordinator.send('complaint', round.ref, message),
    (_, ms) => ({ event: 'complained', ...inRound(round), ms }),
  );
}
