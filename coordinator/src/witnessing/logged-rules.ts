// Who must have cosigned a checkpoint, as the log itself says it: the rule of its charter and amendments, and the rosters that it has.
// The configuration of the operator counts once it is in there.
import type { Digest } from '@blindsum/proto';
import {
  encodeVkey,
  isSameRule,
  toAmendmentName,
  toRosterName,
  type CosigningRule,
  type Predicate,
} from '@blindsum/proto/tlog';
import type { WitnessesConfig } from '../config-witnesses.ts';
import type { Admitted } from '../log/log-state.ts';
import type { Log } from '../log/sequencer.ts';

/** What a tree of the log says. */
export interface LoggedTerms {
  /** Undefined in an older log, before its first amendment. */
  readonly rule: CosigningRule | undefined;
  /** Of the latest roster, in its order; none before the first. */
  readonly members: Predicate<'roster'>['members'];
}

interface Placed<T> {
  readonly admitted: Admitted;
  readonly value: T;
}

/** Reads on as the log grows; what was read never changes. */
export class LoggedRules {
  readonly #log: Pick<Log, 'find' | 'read'>;
  /** The charter's, and that of each amendment. */
  readonly #rules: Placed<CosigningRule | undefined>[] = [];
  readonly #rosters: Placed<LoggedTerms['members']>[] = [];

  constructor(log: Pick<Log, 'find' | 'read'>) {
    this.#log = log;
  }

  /** What the tree of the first `size` entries says; the whole log unless given. */
  async at(size = Infinity): Promise<LoggedTerms> {
    await this.#readOn();
    const isThere = ({ admitted }: Placed<unknown>) => admitted.index < size;
    return {
      rule: this.#rules.findLast(isThere)?.value,
      members: this.#rosters.findLast(isThere)?.value ?? [],
    };
  }

  /** The rule in force, how often it was amended, and the record that says it. */
  async latest(): Promise<{ rule: CosigningRule | undefined; amendments: number; record: Digest }> {
    await this.#readOn();
    const last = this.#rules.at(-1);
    if (!last) throw new Error('the log has no charter');
    return { rule: last.value, amendments: this.#rules.length - 1, record: last.admitted.record };
  }

  async #readOn(): Promise<void> {
    await this.#readInto(this.#rules, (i) => (i === 0 ? 'charter' : toAmendmentName({ number: i })), toRule);
    await this.#readInto(this.#rosters, (i) => toRosterName({ version: i + 1 }), toMembers);
  }

  async #readInto<T>(
    known: Placed<T>[],
    nameOf: (i: number) => string,
    toValue: (record: Awaited<ReturnType<Log['read']>>) => T,
  ): Promise<void> {
    for (let i = known.length; ; i++) {
      const admitted = this.#log.find(nameOf(i));
      if (!admitted) return;
      known[i] ??= { admitted, value: toValue(await this.#log.read(admitted.record)) };
    }
  }
}

/** The rule that the configuration asks for. */
export function toCosigningRule({
  standAlone,
  quorum,
}: Pick<WitnessesConfig, 'standAlone' | 'quorum'>): CosigningRule {
  return {
    members: quorum.members ?? 'roster-quorum',
    standAlone: standAlone
      .map(({ name, vkey }) => ({ name, vkey: encodeVkey(vkey) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    standAloneQuorum: quorum.standAlone,
  };
}

/**
 * Logs `rule` if it is not the one in force, which it is from then on; returns the number of the amendment. The same again changes
 * nothing. Any rule is logged, also one that asks for less: what protects is that everybody sees it.
 */
export async function amendRule(
  log: Pick<Log, 'append' | 'find' | 'read'>,
  federation: string,
  rule: CosigningRule,
): Promise<number | undefined> {
  const before = await new LoggedRules(log).latest();
  if (before.rule && isSameRule(before.rule, rule)) return undefined;
  const number = before.amendments + 1;
  const predicate = { federation, number, previousRecord: before.record, cosigning: rule };
  await log.append({ kind: 'charter-amendment', predicate });
  return number;
}

function toRule({ kind, predicate }: Awaited<ReturnType<Log['read']>>): CosigningRule | undefined {
  return kind === 'charter' || kind === 'charter-amendment' ? predicate.cosigning : undefined;
}

function toMembers({ kind, predicate }: Awaited<ReturnType<Log['read']>>): LoggedTerms['members'] {
  return kind === 'roster' ? predicate.members : [];
}
