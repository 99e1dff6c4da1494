// The chain of rosters in a log: each version follows the one before, and was approved by a quorum of its members, and by whoever
// it adds or gives other keys (PROTOCOL.md section 3). Members have no names here.
import {
  memberPseudonym,
  outlineHash,
  Refusal,
  refuseUnless,
  rosterApprovalCodec,
  rosterQuorum,
  type Digest,
} from '@blindsum/proto';
import type { Predicate } from '@blindsum/proto/tlog';
import { openLogged, type SigningKeys } from './evidence-check.ts';

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
  refuseUnless(record.rosterHash === outlineHash(record), 'BAD_RECORD', 'its hash is that of another roster');
  const signers = verifyApprovals(record, keys, previous?.keys ?? new Map<Digest, string>());
  verifyQuorum(signers, previous);
  verifyOwners({ record, keys }, previous, signers);
}

function verifyMembers(record: Predicate<'roster'>): void {
  record.members.forEach(({ index, member, signingKey }, i) => {
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

/** Members, of this version or the one before, that approved. */
function verifyApprovals(
  { approvals, ...record }: Predicate<'roster'>,
  keys: SigningKeys,
  before: SigningKeys,
): ReadonlySet<Digest> {
  const signers = new Set<Digest>();
  for (const signed of approvals) {
    const { member } = signed;
    const key = keys.get(member) ?? before.get(member);
    if (key === undefined) throw new Refusal('NOT_A_MEMBER', `${member} is in neither roster`);
    const approval = openLogged(rosterApprovalCodec, signed, { member, key });
    const isOfThis =
      approval.federation === record.federation &&
      approval.version === record.version &&
      approval.rosterHash === record.rosterHash;
    refuseUnless(isOfThis, 'BAD_RECORD', `the approval of ${member} is of another roster`);
    refuseUnless(!signers.has(member), 'BAD_RECORD', `${member} approves twice`);
    signers.add(member);
  }
  return signers;
}

function verifyQuorum(signers: ReadonlySet<Digest>, previous: LoggedRoster | undefined): void {
  if (previous === undefined) return;
  const count = [...signers].filter((member) => previous.keys.has(member)).length;
  const quorum = rosterQuorum(previous.keys.size);
  refuseUnless(
    count >= quorum,
    'TOO_FEW_APPROVALS',
    `${count} members of the version before have approved, ${quorum} are needed`,
  );
}

/**
 * Whoever is new, or has another key, has signed. That a member with a new signing key has signed with the old one too is seen by
 * the members, who know names; here one member leaves and another joins, with the quorum's approval.
 */
function verifyOwners(
  { record }: LoggedRoster,
  previous: LoggedRoster | undefined,
  signers: ReadonlySet<Digest>,
): void {
  const before = new Map(
    previous?.record.members.map(({ member, sharingKeyHash }) => [member, sharingKeyHash]),
  );
  for (const { member, sharingKeyHash } of record.members)
    refuseUnless(
      before.get(member) === sharingKeyHash || signers.has(member),
      'TOO_FEW_APPROVALS',
      `${member} is new or has other keys, and has not approved`,
    );
}
