// Withdrawals in the log: each is signed by its member, and nothing that is sealed after it, or for a round that it is about, holds
// that member.
import { refuseUnless, type Digest } from '@blindsum/proto';
import type { Predicate } from '@blindsum/proto/tlog';
import { openWithdrawal, type SigningKeys } from './evidence-check.ts';
import type { LoggedRoster } from './roster-check.ts';

/** What the log has said about a job so far, as far as withdrawals go. */
export interface WithdrawalHistory {
  readonly manifest: Predicate<'manifest'>;
  /** The rosters that the log has said so far, by hash. */
  readonly rosters: ReadonlyMap<Digest, LoggedRoster>;
  readonly sealed: readonly Predicate<'round-sealed'>[];
  /** Members whose withdrawal is in the log. */
  readonly withdrawn: Set<Digest>;
}

/** Refuses a withdrawal from another job, by somebody else, or of a member whose update is in a set from which it says it is not. */
export function verifyWithdrawal(history: WithdrawalHistory, record: Predicate<'withdrawal'>): void {
  const { manifest, rosters, sealed, withdrawn } = history;
  const { manifestHash, withdrawal } = record;
  const { member } = withdrawal;
  withdrawn.add(member);
  refuseUnless(
    manifestHash === manifest.manifestHash,
    'BAD_RECORD',
    'it is a withdrawal from another manifest',
  );
  const { fromRound } = openWithdrawal(withdrawal, manifest, keysOfAll(rosters));
  const kept = sealed.find(({ round, members }) => round >= fromRound && members.includes(member));
  refuseUnless(
    kept === undefined,
    'BAD_RECORD',
    `${member} withdrew from round ${fromRound} on, and is in the set of round ${kept?.round ?? ''}`,
  );
}

/** Refuses BAD_RECORD a set with a member that had withdrawn, or that names one withdrawn which had not. */
export function verifyWithoutWithdrawn(
  { withdrawn }: Pick<WithdrawalHistory, 'withdrawn'>,
  { members, excluded }: Pick<Predicate<'round-sealed'>, 'members' | 'excluded'>,
): void {
  const named = new Set(excluded.filter(({ reason }) => reason === 'withdrawn').map(({ member }) => member));
  const others = excluded.filter(({ reason }) => reason !== 'withdrawn');
  for (const member of members)
    refuseUnless(!withdrawn.has(member), 'BAD_RECORD', `${member} is in the set, and had withdrawn before`);
  for (const member of named)
    refuseUnless(
      withdrawn.has(member),
      'BAD_RECORD',
      `${member} is named withdrawn, and no withdrawal of it is in the log before`,
    );
  // Whoever is in the roster no more is not named at all.
  for (const { member } of others)
    refuseUnless(
      !withdrawn.has(member),
      'BAD_RECORD',
      `${member} had withdrawn, and is left out for another reason`,
    );
}

/** A pseudonym follows from the key, so that it is the same in every roster. */
function keysOfAll(rosters: WithdrawalHistory['rosters']): SigningKeys {
  return new Map([...rosters.values()].flatMap(({ keys }) => [...keys]));
}
