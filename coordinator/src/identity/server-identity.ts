// The coordinator's own certificate and key, which change while it runs: connections that are open keep what they began with.
import type { Logger } from 'pino';
import { Refusal } from '@blindsum/proto';
import type { Clock } from '../ports.ts';
import type { Authority, KeyAndCertificate } from './authority.ts';
import { toValidity, type Validity } from './certificate-life.ts';

export interface ServerIdentityWorld {
  readonly authority: Authority;
  /** Names and addresses that sites dial. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
}

export class ServerIdentity {
  readonly #world: ServerIdentityWorld;
  readonly #listeners: ((identity: KeyAndCertificate) => void)[] = [];
  #current: KeyAndCertificate;
  #lastFailure = '';

  private constructor(world: ServerIdentityWorld, current: KeyAndCertificate) {
    this.#world = world;
    this.#current = current;
  }

  /** Refuses CONFIG_INVALID if there is none. */
  static async open(world: ServerIdentityWorld): Promise<ServerIdentity> {
    const { authority, hosts, clock } = world;
    return new ServerIdentity(world, await authority.createServerIdentity(hosts, clock.nowMs()));
  }

  get current(): KeyAndCertificate {
    return this.#current;
  }

  get validity(): Validity {
    return toValidity(this.#current.certificate);
  }

  /** `listener` is told of each identity that takes the place of the current one. */
  onChange(listener: (identity: KeyAndCertificate) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes over another identity if it is time. One that cannot be used, a file half copied for example, changes nothing. */
  async look(): Promise<void> {
    const { authority, hosts, clock, log } = this.#world;
    try {
      const nowMs = clock.nowMs();
      if (!(await authority.isServerIdentityDue(this.#current, nowMs))) return;
      this.#current = await authority.createServerIdentity(hosts, nowMs);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#report(error.detail);
      return;
    }
    this.#lastFailure = '';
    for (const listener of this.#listeners) listener(this.#current);
    log.info({ event: 'certificate.reloaded', notAfterMs: this.validity.notAfterMs });
  }

  /** Once for each reason. */
  #report(detail: string): void {
    if (detail !== this.#lastFailure) this.#world.log.warn({ event: 'certificate.reload-failed', detail });
    this.#lastFailure = detail;
  }
}
