// Policies of the log, each computed once for a rule and a roster: the keys of hundreds of members are hashed for one, and every
// status asks for it.
import { toLogPolicy, type CosigningRule, type LogPolicyParts, type TlogPolicy } from '@blindsum/proto/tlog';

interface Terms {
  readonly rule: CosigningRule;
  readonly members: LogPolicyParts['members'];
}

interface Known {
  readonly rule: CosigningRule;
  readonly policy: TlogPolicy;
}

/** `toLogPolicy` with what never changes; rules and rosters are told apart by identity, for nobody changes those that were read. */
export function createKnownPolicies(
  fixed: Omit<LogPolicyParts, 'rule' | 'members'>,
): (terms: Terms) => TlogPolicy {
  const known = new WeakMap<Terms['members'], Known>();
  return ({ rule, members }) => {
    const before = known.get(members);
    if (before?.rule === rule) return before.policy;
    const policy = toLogPolicy({ ...fixed, rule, members });
    known.set(members, { rule, policy });
    return policy;
  };
}
