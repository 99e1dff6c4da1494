// Who is calling: the site named in the client certificate, if that very certificate was issued to a member. Asked anew on
// every call, because TLS looks at certificates once per connection, and connections live for days.
import { X509Certificate } from 'node:crypto';
import type { ServerSurfaceCall } from '@grpc/grpc-js/build/src/server-call.js';
import { parseSiteUri, Refusal, refuseUnless, type SiteId } from '@blindsum/proto';
import { certificateFingerprint } from '../identity/certificate-life.ts';
import type { MemberStore } from '../member-store.ts';
import type { Clock } from '../ports.ts';

export type Authenticate = (call: Pick<ServerSurfaceCall, 'getAuthContext'>) => Promise<SiteId>;

export interface CallerWorld {
  readonly federation: string;
  readonly members: Pick<MemberStore, 'byCertificate'>;
  readonly clock: Clock;
}

/** Refuses UNAUTHENTICATED unless the call comes from a member of `federation`. */
export function createAuthenticator({ federation, members, clock }: CallerWorld): Authenticate {
  return async (call) => {
    // Absent or empty when TLS did not accept the certificate.
    const der = call.getAuthContext().sslPeerCertificate?.raw;
    if (!der) throw new Refusal('UNAUTHENTICATED', 'no client certificate');
    const certificate = new X509Certificate(der);
    const nowMs = clock.nowMs();
    refuseUnless(
      certificate.validFromDate.getTime() <= nowMs && nowMs < certificate.validToDate.getTime(),
      'UNAUTHENTICATED',
      'the certificate is out of date',
    );
    const site = parseSiteUri(soleUri(certificate), federation);
    const member = await members.byCertificate(certificateFingerprint(certificate));
    refuseUnless(
      member?.site === site,
      'UNAUTHENTICATED',
      `this certificate of ${site} was not issued to a member, or was revoked`,
    );
    return site;
  };
}

function soleUri(certificate: X509Certificate): string {
  const match = /^URI:([^,"]+)$/.exec(certificate.subjectAltName ?? '');
  if (!match) throw new Refusal('UNAUTHENTICATED', 'the certificate names no site');
  return match[1]!;
}
