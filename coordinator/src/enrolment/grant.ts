// What a site gets when it is admitted.
import type { SiteGrant, SiteId } from '@blindsum/proto';
import type { Authority } from '../identity/authority.ts';

export interface GrantTerms {
  readonly authority: Pick<Authority, 'federation' | 'certificate' | 'fingerprint'>;
  /** host:port that sites dial. */
  readonly advertise: () => string;
  readonly logVerifierKey: string;
}

/** The grant of a site with this certificate (PEM). */
export function createGrant(
  { authority, advertise, logVerifierKey }: GrantTerms,
  site: SiteId,
  certificate: string,
): SiteGrant {
  return {
    format: 'blindsum-site-grant/v1',
    federation: authority.federation,
    site,
    coordinator: advertise(),
    caCertificate: authority.certificate,
    certificate,
    logVerifierKey,
  };
}
