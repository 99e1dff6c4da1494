// Who must have cosigned which tree of a log, as its charter, the amendments of that, and its rosters say it (PROTOCOL.md section 3).
import { refuseUnless, type Digest } from '@blindsum/proto';
import {
  describeRule,
  toLogPolicy,
  type CosigningRule,
  type NoteKey,
  type Predicate,
  type TlogPolicy,
} from '@blindsum/proto/tlog';

/** The policy that a tree asks for, and where the log says it. */
export interface LoggedPolicy {
  readonly policy: TlogPolicy;
  /** In words that begin a sentence: which record asks for whom. */
  readonly asked: string;
}

interface LoggedRule {
  readonly entry: number;
  readonly digest: Digest;
  /** 0 for the charter. */
  readonly number: number;
  readonly rule: CosigningRule | undefined;
}

interface LoggedMembers {
  readonly entry: number;
  readonly version: number;
  readonly members: Predicate<'roster'>['members'];
}

/** Takes what the records of a log say of it, in their order. */
export class CosigningHistory {
  readonly #rules: LoggedRule[] = [];
  readonly #rosters: LoggedMembers[] = [];

  admitCharter(entry: number, digest: Digest, { cosigning }: Predicate<'charter'>): void {
    if (this.#rules.length === 0) this.#rules.push({ entry, digest, number: 0, rule: cosigning });
  }

  admitRoster(entry: number, { version, members }: Predicate<'roster'>): void {
    this.#rosters.push({ entry, version, members });
  }

  /** Refuses BAD_RECORD one that does not follow what the log has said; it changes nothing then. */
  admitAmendment(
    entry: number,
    digest: Digest,
    { number, previousRecord, cosigning }: Predicate<'charter-amendment'>,
  ): void {
    const before = this.#rules.at(-1);
    const due = (before?.number ?? 0) + 1;
    refuseUnless(number === due, 'BAD_RECORD', `it is amendment ${number} where amendment ${due} is due`);
    refuseUnless(
      previousRecord === before?.digest,
      'BAD_RECORD',
      'it does not name the charter, or the amendment, that it amends',
    );
    this.#rules.push({ entry, digest, number, rule: cosigning });
  }

  /** The rule that the tree of the first `size` entries has; undefined where the log does not say it. */
  ruleAt(size: number): CosigningRule | undefined {
    return this.#rules.findLast(({ entry }) => entry < size)?.rule;
  }

  /** What the tree of the first `size` entries asks for; undefined where the log does not say it. */
  at(size: number, logKey: NoteKey): LoggedPolicy | undefined {
    const rule = this.#rules.findLast(({ entry }) => entry < size);
    const roster = this.#rosters.findLast(({ entry }) => entry < size);
    if (!rule?.rule) return undefined;
    const policy = toLogPolicy({ logKey, rule: rule.rule, members: roster?.members ?? [] });
    const said = rule.number === 0 ? 'the charter' : `charter amendment ${rule.number}`;
    const under = roster ? `under roster version ${roster.version}` : 'there is no roster yet';
    const asked = `${said} (entry ${rule.entry}) asks for ${describeRule(rule.rule)}; ${under}`;
    return { policy, asked };
  }

  /** What was asked for while the log grew from `from` entries to `to`. Empty where the log does not say it at some of these times. */
  between(from: number, to: number, logKey: NoteKey): LoggedPolicy[] {
    const changes = [...this.#rules, ...this.#rosters].map(({ entry }) => entry + 1);
    const sizes = [from, ...changes.filter((size) => size > from && size <= to)];
    const policies = sizes.map((size) => this.at(size, logKey));
    return policies.every((policy) => policy !== undefined) ? policies : [];
  }
}
