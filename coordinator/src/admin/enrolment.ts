// Admitting a site: from its request to its grant.
import { parseHex, refuseUnless, type SiteGrant, type SiteRequest } from '@blindsum/proto';
import { certificateFingerprint, type Authority } from '../identity/authority.ts';
import type { MemberStore } from '../member-store.ts';
import type { Clock } from '../ports.ts';

export interface Enrolment {
  readonly authority: Authority;
  readonly members: MemberStore;
  readonly clock: Clock;
  /** host:port that sites dial. */
  readonly advertise: string;
  readonly logVerifierKey: string;
}

const SIGNING_KEY_BYTES = 32;
const SHARING_KEY_BYTES = 1216;

/**
 * Admits the site and issues its certificate; the same keys again are a renewal. Refuses NOT_A_MEMBER for a request to another
 * federation, MALFORMED or BAD_SIGNATURE for its certificate request, and CONFLICTING_SUBMISSION for other keys of an admitted
 * site.
 */
export async function admitSite(enrolment: Enrolment, request: SiteRequest): Promise<SiteGrant> {
  const { authority, members, clock, advertise, logVerifierKey } = enrolment;
  const { federation, site } = request;
  refuseUnless(
    federation === authority.federation,
    'NOT_A_MEMBER',
    `the request is for ${federation}, this is ${authority.federation}`,
  );
  const nowMs = clock.nowMs();
  const certificate = await authority.issueSiteCertificate(site, request.csr, nowMs);
  await members.admit({
    site,
    signingKey: parseHex(request.signingKey, SIGNING_KEY_BYTES, 'signing key'),
    sharingKey: parseHex(request.sharingKey, SHARING_KEY_BYTES, 'sharing key'),
    certificateFingerprint: certificateFingerprint(certificate),
    admittedMs: nowMs,
  });
  return {
    format: 'blindsum-site-grant/v1',
    federation,
    site,
    coordinator: advertise,
    caCertificate: authority.certificate,
    certificate,
    logVerifierKey,
  };
}
