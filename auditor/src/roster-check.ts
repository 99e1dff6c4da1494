// The chain of rosters in a log: each version follows the one before, and was approved by a quorum of its members, and by whoever
// it adds or gives other keys (PROTOCOL.md section 3). Members have no names here; the approvals, which they signed, name them.
import {
  Refusal,
  refuseUnless,
  rosterApprovalCodec,
  rosterQuorum,
  memberPseudonym,
  type Digest,
} from '@blindsum/proto';
import type { Predicate } from '@blindsum/proto/tlog';
import { openLogged, parseOf, type SigningKeys } from './evidence-check.ts';

/** A roster as the log has it. */
export interface LoggedRoster {
  readonly record: Predicate<'roster'>;
  readonly keys: SigningKeys;
}

export function toLoggedRoster(record: Predicate<'roster'>): LoggedRoster {
  return { record, keys: new Map(record.members.map(({ member, signingKey }) => [member, signingKey])) };
}

/**
 * Refuses BAD_ROSTER a version that does not follow `previous`, BAD_RECORD a record whose members are not written as they must
 * be, what the approvals are refused for, and TOO_FEW_APPROVALS.
 */
export function verifyRoster(
  { record, keys }: LoggedRoster,
  previous: LoggedRoster | undefined,
  federation: string,
): void {
  refuseUnless(record.federation === federation, 'BAD_RECORD', `it is a roster of ${record.federation}`);
  verifyMembers(record);
  verifyPlace(record, previous?.record);
  const names = verifyApprovals(record, keys, previous?.keys ?? new Map<Digest, string>());
  verifyQuorum(names, previous);
  verifyOwners({ record, keys }, previous, names);
}

function verifyMembers({ members }: Predicate<'roster'>): void {
  members.forEach(({ index, member, signingKey }, i) => {
    refuseUnless(index === i + 1, 'BAD_RECORD', `member ${i + 1} has index ${index}`);
    const isOwn = member === memberPseudonym({ signingKey });
    refuseUnless(isOwn, 'BAD_RECORD', `member ${index} has another pseudonym`);
  });
}

function verifyPlace(record: Predicate<'roster'>, previous: Predicate<'roster'> | undefined): void {
  const due = (previous?.version ?? 0) + 1;
  refuseUnless(record.version === due, 'BAD_ROSTER', `version ${record.version} where version ${due} is due`);
  refuseUnless(
    record.previous === (previous?.rosterHash ?? ''),
    'BAD_ROSTER',
    'it does not follow the version before it',
  );
}

/** The name that each signer gave itself. */
function verifyApprovals(
  { approvals, ...record }: Predicate<'roster'>,
  keys: SigningKeys,
  before: SigningKeys,
): Map<Digest, string> {
  const names = new Map<Digest, string>();
  for (const signed of approvals) {
    const key = keys.get(signed.member) ?? before.get(signed.member);
    if (key === undefined) throw new Refusal('NOT_A_MEMBER', `${signed.member} is in neither roster`);
    const approval = openLogged(rosterApprovalCodec, signed, key);
    const isOfThis =
      approval.federation === record.federation &&
      approval.version === record.version &&
      approval.rosterHash === record.rosterHash;
    refuseUnless(isOfThis, 'BAD_RECORD', `the approval of ${signed.member} is of another roster`);
    refuseUnless(!names.has(signed.member), 'BAD_RECORD', `${signed.member} approves twice`);
    names.set(signed.member, approval.site);
  }
  return names;
}

function verifyQuorum(names: ReadonlyMap<Digest, string>, previous: LoggedRoster | undefined): void {
  if (previous === undefined) return;
  const count = [...names.keys()].filter((member) => previous.keys.has(member)).length;
  const quorum = rosterQuorum(previous.keys.size);
  refuseUnless(
    count >= quorum,
    'TOO_FEW_APPROVALS',
    `${count} members of the version before have approved, ${quorum} are needed`,
  );
}

/** Whoever is new, or has another key, has signed with it; and with the old one, if the name was a member before. */
function verifyOwners(
  { record }: LoggedRoster,
  previous: LoggedRoster | undefined,
  names: ReadonlyMap<Digest, string>,
): void {
  const before = new Map(
    previous?.record.members.map(({ member, sharingKeyHash }) => [member, sharingKeyHash]),
  );
  for (const { member, sharingKeyHash } of record.members)
    refuseUnless(
      before.get(member) === sharingKeyHash || names.has(member),
      'TOO_FEW_APPROVALS',
      `${member} is new or has other keys, and has not approved`,
    );
  const namedBefore = new Map(
    previous?.record.approvals.map(({ member, payload }) => [
      parseOf(rosterApprovalCodec, payload).site,
      member,
    ]),
  );
  for (const [member, site] of names) {
    const old = namedBefore.get(site as never);
    const isChanged = old !== undefined && old !== member && before.has(old) && !before.has(member);
    refuseUnless(
      !isChanged || names.has(old),
      'TOO_FEW_APPROVALS',
      `${member} takes the place of ${old ?? ''}, which has not approved`,
    );
  }
}
