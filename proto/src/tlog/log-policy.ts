// Who watches the log, and how many of them must have cosigned a checkpoint (C2SP tlog-policy): it follows from the rule and the
// roster that the log itself has, so that an auditor computes it without asking anybody.
import { memberPseudonym, type Member } from '../roster.ts';
import { rosterQuorum } from '../roster-chain.ts';
import { MAX_COSIGNING_MEMBERS, type CosigningRule } from './cosigning-rule.ts';
import { memberWitnessKey } from './member-witness.ts';
import { parseCosignerVkey, type NoteKey } from './note-key.ts';
import {
  encodeTlogPolicy,
  NO_QUORUM,
  type PolicyGroup,
  type PolicyLog,
  type PolicyWitness,
  type TlogPolicy,
} from './tlog-policy.ts';

export interface LogPolicyParts {
  /** The log's own key; its name is the log's. */
  readonly logKey: NoteKey;
  readonly rule: CosigningRule;
  /** Of the roster in force, in its order; none before the first is adopted, and then members do not count. */
  readonly members: readonly Pick<Member, 'signingKey'>[];
  /** Where the log is read, and the stand-alone witnesses, by name; of no meaning to who verifies. */
  readonly url?: string;
  readonly witnessUrls?: ReadonlyMap<string, string>;
}

/** The policy that is in force. Only members that exist are asked for. */
export function toLogPolicy(parts: LogPolicyParts): TlogPolicy {
  const { logKey, rule, url } = parts;
  const members = parts.members.map((member) => ({
    name: `member-${memberPseudonym(member).slice(0, 16)}`,
    key: memberWitnessKey(logKey.name, member),
  }));
  const standAlone = rule.standAlone.map(({ name, vkey }) =>
    withUrl({ name, key: parseCosignerVkey(vkey) }, parts.witnessUrls?.get(name)),
  );
  const asked = rule.members === 'roster-quorum' ? rosterQuorum(members.length) : rule.members;
  const groups = [
    toGroup('members', members, Math.min(asked, members.length, MAX_COSIGNING_MEMBERS)),
    toGroup('stand-alone', standAlone, rule.standAloneQuorum),
  ].filter((group) => group !== undefined);
  return {
    logs: [withUrl({ key: logKey }, url)],
    witnesses: [...members, ...standAlone],
    ...toQuorum(groups),
  };
}

/** True if both ask for the same of the same log, wherever it and its witnesses are read. */
export function isSamePolicy(a: TlogPolicy, b: TlogPolicy): boolean {
  return encodeTlogPolicy(withoutUrls(a)) === encodeTlogPolicy(withoutUrls(b));
}

function withUrl<T extends PolicyLog>(named: T, url: string | undefined): T {
  return url === undefined ? named : { ...named, url };
}

function withoutUrls({ logs, witnesses, ...rest }: TlogPolicy): TlogPolicy {
  return {
    ...rest,
    logs: logs.map(({ key }) => ({ key })),
    witnesses: witnesses.map(({ name, key }) => ({ name, key })),
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
