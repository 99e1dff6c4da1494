// EnrolmentService: how a site comes to its certificate by a one-time token, and to the next one.
import { encodeSiteGrant, parseInvitationId, parseSiteRequest, refuseUnless, utf8 } from '@blindsum/proto';
import { INVITATION_SECRET_BYTES } from '@blindsum/proto';
import type { EnrolmentService } from '@blindsum/proto/rpc';
import type { Invitations } from '../enrolment/invitations.ts';
import type { SiteCertificates } from '../enrolment/site-certificates.ts';
import type { ServiceHandlers } from './service-handlers.ts';

export interface EnrolmentRpcShell {
  readonly invitations: Pick<Invitations, 'enrol'>;
  readonly certificates: Pick<SiteCertificates, 'renew'>;
}

export function createEnrolmentService({
  invitations,
  certificates,
}: EnrolmentRpcShell): ServiceHandlers<typeof EnrolmentService, 'enrol'> {
  return {
    async enrol(_visitor, { invitation, secret, request }) {
      parseInvitationId(invitation);
      refuseUnless(secret.length === INVITATION_SECRET_BYTES, 'MALFORMED', 'secret: expected 32 bytes');
      const grant = await invitations.enrol({ invitation, secret, request: parseSiteRequest(request) });
      return { grant: utf8(encodeSiteGrant(grant)) };
    },
    async renew({ site }, { csr, certificate }) {
      const brought = certificate === '' ? undefined : certificate;
      const { pem } = await certificates.renew(site, { csr, certificate: brought });
      return { certificate: pem };
    },
  };
}
