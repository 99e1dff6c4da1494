// Looks at certificates now and then: settles what the log is owed, renews the coordinator's own, and tells of each that comes
// near its end, once for each change.
import type { Logger } from 'pino';
import { certificateState, daysLeft, type Validity } from '../identity/certificate-life.ts';
import type { ServerIdentity } from '../identity/server-identity.ts';
import type { MemberStore } from '../member-store.ts';
import type { Clock } from '../ports.ts';
import type { SiteCertificates } from './site-certificates.ts';

export interface WatchWorld {
  readonly certificates: Pick<SiteCertificates, 'settle'>;
  readonly identity: Pick<ServerIdentity, 'look' | 'validity'>;
  readonly members: Pick<MemberStore, 'list'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** In the place of a site's name; a site cannot be called so. */
const COORDINATOR = '';

export class CertificateWatch {
  readonly #world: WatchWorld;
  readonly #told = new Map<string, string>();

  constructor(world: WatchWorld) {
    this.#world = world;
  }

  async look(): Promise<void> {
    const { certificates, identity, members } = this.#world;
    await certificates.settle();
    await identity.look();
    this.#notice(COORDINATOR, identity.validity);
    for (const { site, certificate, revoked } of await members.list()) {
      if (revoked) this.#told.delete(site);
      else this.#notice(site, certificate);
    }
  }

  #notice(site: string, validity: Validity): void {
    const { clock, log } = this.#world;
    const nowMs = clock.nowMs();
    const state = certificateState(validity, nowMs);
    if (this.#told.get(site) === state) return;
    this.#told.set(site, state);
    if (state === 'valid') return;
    const days = Math.floor(daysLeft(validity, nowMs) * 10) / 10;
    const whose = site === COORDINATOR ? { owner: 'coordinator' } : { owner: 'site', site };
    const line = { ...whose, daysLeft: days, notAfterMs: validity.notAfterMs };
    if (state === 'expired') log.error({ event: 'certificate.expired', ...line });
    else log.warn({ event: 'certificate.expiring', ...line });
  }
}
