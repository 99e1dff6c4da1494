// The certificates of sites over their life: admitted, renewed, revoked. What changes is stored first, with the record that the
// log is owed; nobody is answered before the log has it. Settling what is owed is one function, for normal work and recovery.
import { createHash, X509Certificate } from 'node:crypto';
import type { Logger } from 'pino';
import { parseHex, Refusal, refuseUnless, toHex, type SiteId, type SiteRequest } from '@blindsum/proto';
import type { RevocationReason } from '@blindsum/proto/tlog';
import type { CertificateRecordStore } from '../certificate-record-store.ts';
import { isDiskFull } from '../disk/full-disk.ts';
import type { Authority, SiteCertificateRequest } from '../identity/authority.ts';
import { renewalMs, toMemberCertificate } from '../identity/certificate-life.ts';
import { publicKeyOfRequest } from '../identity/certificate-request.ts';
import { KeyedQueue } from '../keyed-queue.ts';
import type { Admission, Member, MemberCertificate, MemberStore } from '../member-store.ts';
import type { Clock, RecordLog } from '../ports.ts';
import type { Revocations } from '../revocations.ts';

export interface CertificateWorld {
  readonly authority: Authority;
  readonly members: MemberStore;
  readonly records: CertificateRecordStore;
  readonly recordLog: RecordLog;
  readonly clock: Clock;
  readonly log: Logger;
}

const SIGNING_KEY_BYTES = 32;
const SHARING_KEY_BYTES = 1216;
/** A site may have so many certificates at the same time, whatever goes wrong with it. */
const RENEWALS_PER_LIFETIME = 24;

export class SiteCertificates implements Revocations {
  readonly #world: CertificateWorld;
  /** What is done about one site is done in turn. */
  readonly #sites = new KeyedQueue();

  constructor(world: CertificateWorld) {
    this.#world = world;
  }

  /**
   * Admits a site and issues its certificate; the same keys again are a retry and get the same one, unless that is due for
   * renewal. Refuses NOT_A_MEMBER for a request to another federation, and for a site that was revoked, MALFORMED or
   * BAD_SIGNATURE for its certificate request, and CONFLICTING_SUBMISSION for other keys of an admitted site; unless it
   * `replaces` what was there.
   */
  admit(request: SiteRequest, { replaces }: { readonly replaces: boolean }): Promise<MemberCertificate> {
    return this.#sites.run(request.site, () => this.#admit(request, replaces));
  }

  /** Another certificate for a site that has one. Refuses as `admit`, and QUOTA_EXCEEDED a site that renews without end. */
  renew(site: SiteId, request: SiteCertificateRequest): Promise<MemberCertificate> {
    return this.#sites.run(site, async () => {
      const member = await this.#world.members.load(site);
      if (!member || member.revoked) throw new Refusal('NOT_A_MEMBER', `${site} may not renew`);
      const issued = await this.#issuedBefore(member, request);
      if (issued) return issued;
      const { notBeforeMs, notAfterMs } = member.certificate;
      const restMs = (notAfterMs - notBeforeMs) / RENEWALS_PER_LIFETIME;
      refuseUnless(
        this.#world.clock.nowMs() >= notBeforeMs + restMs,
        'QUOTA_EXCEEDED',
        'the certificate was renewed a short while ago',
      );
      return this.#issue(member, request);
    });
  }

  /** Takes effect with the next call of the site. Refuses NOT_FOUND. */
  revoke(site: SiteId, reason: RevocationReason): Promise<Member> {
    return this.#sites.run(site, async () => {
      const { members, clock, log } = this.#world;
      const member = await members.revoke(site, { reason, atMs: clock.nowMs() });
      await this.settle();
      log.warn({ event: 'certificate.revoked', site, reason });
      return member;
    });
  }

  async revoked(): Promise<readonly SiteId[]> {
    const members = await this.#world.members.list();
    // What was stored and is not logged yet, because a crash or a full disk came between, is about them too.
    await this.settle();
    return members.filter(({ revoked }) => revoked !== undefined).map(({ site }) => site);
  }

  /** Brings the log up to what is stored. Idempotent. */
  async settle(): Promise<void> {
    const { records, recordLog } = this.#world;
    for (const { sequence, predicate } of await records.owed()) {
      try {
        await recordLog.append({ kind: 'certificate', predicate });
      } catch (cause) {
        if (!(cause instanceof Refusal) || isDiskFull(cause)) throw cause;
        throw new Error('the log refused a certificate record', { cause });
      }
      await records.logged(sequence);
    }
  }

  async #admit(request: SiteRequest, replaces: boolean): Promise<MemberCertificate> {
    const { authority } = this.#world;
    refuseUnless(
      request.federation === authority.federation,
      'NOT_A_MEMBER',
      `the request is for ${request.federation}, this is ${authority.federation}`,
    );
    const keys = {
      site: request.site,
      signingKey: parseHex(request.signingKey, SIGNING_KEY_BYTES, 'signing key'),
      sharingKey: parseHex(request.sharingKey, SHARING_KEY_BYTES, 'sharing key'),
    };
    const member = await this.#world.members.load(request.site);
    const issued = member && isSameSite(member, keys) && (await this.#issuedBefore(member, request));
    return issued || this.#issue({ ...keys, replaces }, request);
  }

  async #issue(
    keys: Pick<Admission, 'site' | 'signingKey' | 'sharingKey' | 'replaces'>,
    request: SiteCertificateRequest,
  ): Promise<MemberCertificate> {
    const { authority, members, clock, log } = this.#world;
    const { site, signingKey, sharingKey, replaces = false } = keys;
    const nowMs = clock.nowMs();
    const certificate = toMemberCertificate(await authority.issueSiteCertificate(site, request, nowMs));
    await members.admit({ site, signingKey, sharingKey, replaces, certificate, admittedMs: nowMs });
    await this.settle();
    const { fingerprint, notAfterMs } = certificate;
    log.info({ event: 'certificate.issued', site, fingerprint, notAfterMs });
    return certificate;
  }

  /** The member's latest certificate, if it is for the key of the request and not due for renewal: what was lost is told again. */
  async #issuedBefore(
    member: Member,
    { csr, certificate }: SiteCertificateRequest,
  ): Promise<MemberCertificate | undefined> {
    const latest = member.certificate;
    const isFit =
      certificate === undefined &&
      latest.pem !== '' &&
      this.#world.clock.nowMs() < renewalMs(latest) &&
      keyDigest(new X509Certificate(latest.pem)) === publicKeyOfRequest(csr);
    if (!isFit) return undefined;
    await this.settle();
    return latest;
  }
}

function isSameSite(member: Member, keys: Pick<Member, 'signingKey' | 'sharingKey'>): boolean {
  return (
    member.revoked === undefined &&
    toHex(member.signingKey) === toHex(keys.signingKey) &&
    toHex(member.sharingKey) === toHex(keys.sharingKey)
  );
}

function keyDigest({ publicKey }: X509Certificate): string {
  return createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('hex');
}
