// A round as sites see it. Everything in it that matters is signed by somebody they know.
import { toDigestBytes, type SignedMessage, type SiteId } from '@blindsum/proto';
import { RoundPhase, type RoundService, type ResponseInit } from '@blindsum/proto/rpc';
import type { StoredMessage, StoredRound } from '../ports.ts';
import { present } from '../round/held.ts';
import type { Round, SealedSet } from '../round/round.ts';
import { messagesAbout } from './set-messages.ts';

/** Fields to make a message of, not a message. */
type RoundViewInit = Extract<
  NonNullable<ResponseInit<typeof RoundService, 'watchRound'>['round']>,
  { $typeName?: never }
>;

const PHASES: Readonly<Record<Round['phase'], RoundPhase>> = {
  collecting: RoundPhase.COLLECTING,
  sealed: RoundPhase.SEALED,
  summed: RoundPhase.SUMMED,
  opening: RoundPhase.OPENING,
  published: RoundPhase.PUBLISHED,
  failed: RoundPhase.FAILED,
};

/**
 * The view of `site`. While openings are awaited it shows that site's own only: sites reconstruct from the openings they see,
 * and attestations are accepted only when no more are awaited.
 */
export function toRoundView(
  { id, round }: StoredRound,
  messages: readonly StoredMessage[],
  site: SiteId,
): RoundViewInit {
  return {
    ref: id,
    phase: PHASES[round.phase],
    baseModelHash: toDigestBytes(round.rules.baseModelHash),
    rosterHash: toDigestBytes(round.rules.rosterHash),
    deadlineMs: 'deadline' in round ? BigInt(round.deadline.atMs) : 0n,
    ...phaseFields(round, messages, site),
  };
}

function phaseFields(round: Round, messages: readonly StoredMessage[], site: SiteId): RoundViewInit {
  switch (round.phase) {
    case 'collecting':
      return {
        committed: present(round.rules.sites, round.contributions),
        barred: [...round.rules.barred],
      };
    case 'sealed':
      return sealedFields(round.set, messages);
    case 'summed':
      return { ...summedFields(round, messages), proxiesWanted: [...round.proxiesWanted] };
    case 'opening':
      return openedFields(round, messages, ({ site: opener }) => round.complete || opener === site);
    case 'published':
      return openedFields(round, messages, () => true);
    case 'failed':
      return { failure: `${round.reason}: ${round.detail}` };
  }
}

function sealedFields(set: SealedSet, messages: readonly StoredMessage[]): RoundViewInit {
  const commitments = new Map(
    messages.filter(({ type }) => type === 'commitment').map(({ site, message }) => [site, message]),
  );
  return {
    set: {
      setAttempt: set.setAttempt,
      root: toDigestBytes(set.root),
      commitments: set.members.map((member) => toInit(commitments.get(member)!)),
    },
    acknowledgements: toInits(messagesAbout(messages, 'acknowledgement', set.root)),
  };
}

type WithSum = Extract<Round, { phase: 'summed' | 'opening' | 'published' }>;

function summedFields({ set, sum }: WithSum, messages: readonly StoredMessage[]): RoundViewInit {
  return {
    ...sealedFields(set, messages),
    sumRoot: toDigestBytes(sum.root),
    checksums: toInits(messagesAbout(messages, 'checksum', set.root)),
  };
}

function openedFields(
  round: WithSum,
  messages: readonly StoredMessage[],
  isShown: (opening: StoredMessage) => boolean,
): RoundViewInit {
  return {
    ...summedFields(round, messages),
    openings: toInits(messagesAbout(messages, 'opening', round.set.root).filter(isShown)),
    attestations: toInits(messagesAbout(messages, 'attestation', round.set.root)),
  };
}

function toInits(messages: readonly StoredMessage[]) {
  return messages.map(({ message }) => toInit(message));
}

function toInit({ payload, signature }: SignedMessage) {
  return { payload, signature };
}
