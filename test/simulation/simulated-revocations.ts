// Sites that the operator of the simulation revokes and admits again: each has one certificate at a time, and the log says so.
import { memberPseudonym, sha256, toHex, utf8, type Digest, type Member, type SiteId } from '@blindsum/proto';
import type { RecordLog } from '../../coordinator/src/ports.ts';
import type { Revocations } from '../../coordinator/src/revocations.ts';

const NOT_AFTER = 1_800_000_000_000;

export class SimulatedRevocations implements Revocations {
  readonly #log: RecordLog;
  readonly #revoked = new Set<SiteId>();
  /** How many certificates a site has had. */
  readonly #issued = new Map<SiteId, number>();

  constructor(log: RecordLog) {
    this.#log = log;
  }

  async revoked(): Promise<readonly SiteId[]> {
    return [...this.#revoked];
  }

  async revoke(member: Member): Promise<void> {
    if (!this.#issued.has(member.site)) await this.admit(member);
    this.#revoked.add(member.site);
    const predicate = { event: 'revoked', ...this.#certificateOf(member), reason: 'key-compromise' } as const;
    await this.#log.append({ kind: 'certificate', predicate });
  }

  async admit(member: Member): Promise<void> {
    this.#issued.set(member.site, (this.#issued.get(member.site) ?? 0) + 1);
    this.#revoked.delete(member.site);
    await this.#log.append({
      kind: 'certificate',
      predicate: { event: 'issued', ...this.#certificateOf(member) },
    });
  }

  #certificateOf(member: Member) {
    const certificate = toHex(sha256(utf8(`${member.site} ${this.#issued.get(member.site)}`))) as Digest;
    return { member: memberPseudonym(member), certificate, notAfter: NOT_AFTER };
  }
}
