// Who watches the log, and how many of them must have cosigned a checkpoint (C2SP tlog-policy). Members follow from the roster in
// force, stand-alone witnesses from the configuration.
import { memberPseudonym, rosterQuorum, type Members } from '@blindsum/proto';
import {
  memberWitnessKey,
  NO_QUORUM,
  type NoteKey,
  type PolicyGroup,
  type PolicyWitness,
  type TlogPolicy,
} from '@blindsum/proto/tlog';

/** Members whose cosignatures a note has room for, which takes 100 signatures: the log's, and those of 16 others. */
const MAX_MEMBERS = 83;

/** How many must have cosigned. */
export interface QuorumRule {
  /** Members; as many as must approve a roster unless given. More than there are means all of them. */
  readonly members?: number | undefined;
  /** Stand-alone witnesses, 0 to all of them. */
  readonly standAlone: number;
}

export interface PolicyParts {
  /** The log's own key; its name is the log's. */
  readonly logKey: NoteKey;
  /** Where the log is read. */
  readonly url?: string;
  /** Undefined before the first roster is adopted: then members do not count. */
  readonly roster: Members | undefined;
  readonly standAlone: readonly PolicyWitness[];
  readonly rule: QuorumRule;
}

/** The policy that is in force. Only members and stand-alone witnesses that exist are asked for. */
export function toLogPolicy({ logKey, url, roster, standAlone, rule }: PolicyParts): TlogPolicy {
  const members = (roster?.members ?? []).map((member) => ({
    name: `member-${memberPseudonym(member).slice(0, 16)}`,
    key: memberWitnessKey(logKey.name, member),
  }));
  const groups = [
    toGroup(
      'members',
      members,
      Math.min(rule.members ?? rosterQuorum(members.length), members.length, MAX_MEMBERS),
    ),
    toGroup('stand-alone', standAlone, rule.standAlone),
  ].filter((group) => group !== undefined);
  return {
    logs: [{ key: logKey, ...(url !== undefined && { url }) }],
    witnesses: [...members, ...standAlone],
    ...toQuorum(groups),
  };
}

function toGroup(
  name: string,
  witnesses: readonly PolicyWitness[],
  threshold: number,
): PolicyGroup | undefined {
  if (threshold === 0 || witnesses.length === 0) return undefined;
  return { name, threshold, members: witnesses.map((witness) => witness.name) };
}

function toQuorum(groups: readonly PolicyGroup[]): Pick<TlogPolicy, 'groups' | 'quorum'> {
  const [first, ...rest] = groups;
  if (!first) return { groups, quorum: NO_QUORUM };
  if (rest.length === 0) return { groups, quorum: first.name };
  const both = { name: 'both', threshold: groups.length, members: groups.map(({ name }) => name) };
  return { groups: [...groups, both], quorum: both.name };
}
