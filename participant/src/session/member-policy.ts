// The members of a roster as witnesses of the log, in the form that proofs are checked by (C2SP tlog-policy).
import { memberPseudonym, rosterQuorum, type Members } from '@blindsum/proto';
import { memberWitnessKey, NO_QUORUM, type NoteKey, type TlogPolicy } from '@blindsum/proto/tlog';

/** The log of `key`, cosigned by as many members as approve a roster; or by any number of them, for `asked` 'nobody'. */
export function toMemberPolicy(key: NoteKey, { members }: Members, asked: 'quorum' | 'nobody'): TlogPolicy {
  const witnesses = members.map((member) => ({
    name: `member-${memberPseudonym(member).slice(0, 16)}`,
    key: memberWitnessKey(key.name, member),
  }));
  const logs = [{ key }];
  if (asked === 'nobody') return { logs, witnesses, groups: [], quorum: NO_QUORUM };
  const group = {
    name: 'members',
    threshold: rosterQuorum(members.length),
    members: witnesses.map(({ name }) => name),
  };
  return { logs, witnesses, groups: [group], quorum: group.name };
}
