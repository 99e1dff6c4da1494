// The site's certificate over its life: once two thirds of it are over, another one for another key, while rounds go on. The key is
// on the disk before the certificate is asked for, the grant is replaced in one step, and what is repeated is a retry.
import { X509Certificate, type KeyObject } from 'node:crypto';
import { Refusal, type SiteGrant } from '@blindsum/proto';
import type { Clock } from '../ports.ts';
import type { TlsIdentity } from '../rpc/channels.ts';
import { verifyGrant, writeGrant } from './grant-file.ts';
import type { KeyStorage } from './key-storage.ts';
import {
  addTlsKey,
  createCertificateRequest,
  removeTlsKeys,
  type SiteKeys,
  type SiteName,
} from './site-keys.ts';

export interface RenewalWorld {
  readonly stateDirectory: string;
  readonly storage: KeyStorage;
  readonly name: SiteName;
  readonly keys: SiteKeys;
  readonly clock: Clock;
  /** Asks for a certificate (PEM) with a certificate request (PEM); refuses as the coordinator does. */
  readonly ask: (csr: string) => Promise<string>;
  /** Told of each grant that takes the place of the one before. */
  readonly renewed: (grant: SiteGrant) => void;
  readonly report: (event: RenewalEvent) => void;
}

export type RenewalEvent =
  | { readonly event: 'certificate.renewed'; readonly expires: string }
  | {
      readonly event: 'certificate.renewal-failed' | 'certificate.expiring';
      readonly expires: string;
      readonly code: string;
      readonly detail: string;
    };

const LEAST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;

export class CertificateRenewal {
  readonly #world: RenewalWorld;
  #grant: SiteGrant;

  constructor(world: RenewalWorld, grant: SiteGrant) {
    this.#world = world;
    this.#grant = grant;
  }

  /** When the certificate in use ends, in milliseconds since 1970. */
  get endsMs(): number {
    return lifeOf(this.#grant.certificate)[1];
  }

  /** Looks until the signal fires. Rejects with what is no Refusal. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#world;
    while (!signal.aborted) {
      await this.look();
      const waitMs = renewalMs(this.#grant) - clock.nowMs();
      await clock.sleep(Math.min(LONGEST_WAIT_MS, Math.max(LEAST_WAIT_MS, waitMs)));
    }
  }

  /** Renews the certificate if it is time; a refusal is reported, and the next look tries again. */
  async look(): Promise<void> {
    if (this.#world.clock.nowMs() < renewalMs(this.#grant)) return;
    try {
      await this.#renew();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#reportFailure(error);
    }
  }

  async #renew(): Promise<void> {
    const { ask, name, keys, stateDirectory, renewed, report } = this.#world;
    const key = await this.#nextKey();
    const certificate = await ask(await createCertificateRequest(key, name));
    const grant = { ...this.#grant, certificate };
    verifyGrant(grant, { name, keys });
    writeGrant(stateDirectory, grant);
    this.#grant = grant;
    renewed(grant);
    report({ event: 'certificate.renewed', expires: expiryOf(grant) });
    if (this.#world.storage.from === undefined) await removeTlsKeys(stateDirectory, key);
  }

  /** The one that an earlier attempt made, or another; the platform's own as long as it provides that. */
  async #nextKey(): Promise<KeyObject> {
    const { keys, stateDirectory, storage } = this.#world;
    if (storage.from !== undefined) return keys.tlsKey;
    const inUse = keys.tlsKeyOf(new X509Certificate(this.#grant.certificate));
    const unused = keys.laterTlsKeys.find((key) => key !== inUse);
    if (unused) return unused;
    const key = await addTlsKey(stateDirectory, storage);
    keys.addTlsKey(key);
    return key;
  }

  #reportFailure({ code, detail }: Refusal): void {
    const isLate = isExpiring(this.#grant, this.#world.clock.nowMs());
    const event = isLate ? 'certificate.expiring' : 'certificate.renewal-failed';
    this.#world.report({ event, expires: expiryOf(this.#grant), code, detail });
  }
}

/** What a site shows the coordinator under a grant. `caCertificate` (PEM) takes the place of the grant's if given. */
export function toTlsIdentity(grant: SiteGrant, keys: SiteKeys, caCertificate?: string): TlsIdentity {
  const key = keys.tlsKeyOf(new X509Certificate(grant.certificate)) ?? keys.tlsKey;
  return {
    caCertificate: caCertificate ?? grant.caCertificate,
    certificate: grant.certificate,
    privateKey: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

/** When two thirds of the lifetime are over, in milliseconds since 1970. */
export function renewalMs({ certificate }: Pick<SiteGrant, 'certificate'>): number {
  const [fromMs, toMs] = lifeOf(certificate);
  return fromMs + ((toMs - fromMs) * 2) / 3;
}

/** With a fifth of its life left, the renewal is overdue: a person should look. */
export function isExpiring({ certificate }: Pick<SiteGrant, 'certificate'>, nowMs: number): boolean {
  const [fromMs, toMs] = lifeOf(certificate);
  return nowMs >= toMs - (toMs - fromMs) / 5;
}

function lifeOf(pem: string): [number, number] {
  const { validFromDate, validToDate } = new X509Certificate(pem);
  return [validFromDate.getTime(), validToDate.getTime()];
}

function expiryOf({ certificate }: SiteGrant): string {
  return new X509Certificate(certificate).validToDate.toISOString();
}
