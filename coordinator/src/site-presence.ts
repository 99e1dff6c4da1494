// Notices sites that fall silent and sites that come back, so that an operator need not compare statuses to see it.
import type { SiteId } from '@blindsum/proto';
import type { Member, MemberStore } from './member-store.ts';
import type { Clock } from './ports.ts';

/** A site that is silent for longer is shown as offline. Sites report every 10 seconds. */
const ONLINE_MS = 30_000;

/** Whether a site has been heard of lately. */
export function isOnline({ lastSeenMs }: Pick<Member, 'lastSeenMs'>, nowMs: number): boolean {
  return lastSeenMs !== undefined && nowMs - lastSeenMs < ONLINE_MS;
}

export interface PresenceReport {
  /** `silentMs` since its last heartbeat. */
  lost(site: SiteId, silentMs: number): void;
  back(site: SiteId): void;
}

export interface PresenceSource {
  readonly members: Pick<MemberStore, 'list'>;
  readonly clock: Clock;
  readonly report: PresenceReport;
}

/** Tells of each change once. A coordinator that was away itself first gives the sites the time to report. */
export class SitePresence {
  readonly #source: PresenceSource;
  readonly #startedMs: number;
  readonly #lost = new Set<SiteId>();

  constructor(source: PresenceSource) {
    this.#source = source;
    this.#startedMs = source.clock.nowMs();
  }

  async look(): Promise<void> {
    const nowMs = this.#source.clock.nowMs();
    for (const { site, lastSeenMs } of await this.#source.members.list()) {
      // A site that was never heard of has not fallen silent.
      if (lastSeenMs === undefined) continue;
      this.#notice(site, nowMs - lastSeenMs, nowMs - Math.max(lastSeenMs, this.#startedMs) >= ONLINE_MS);
    }
  }

  #notice(site: SiteId, silentMs: number, isSilent: boolean): void {
    const { report } = this.#source;
    if (isSilent && !this.#lost.has(site)) {
      this.#lost.add(site);
      report.lost(site, silentMs);
    } else if (silentMs < ONLINE_MS && this.#lost.delete(site)) {
      report.back(site);
    }
  }
}
