// EnrolmentService as a site calls it.
import {
  encodeSiteRequest,
  parseSiteGrant,
  utf8,
  type Bytes,
  type SiteGrant,
  type SiteRequest,
} from '@blindsum/proto';
import { EnrolmentService } from '@blindsum/proto/rpc';
import type { ControlChannel } from './channels.ts';
import { createUnaryCaller } from './unary-call.ts';

export interface Enrolling {
  readonly invitation: string;
  readonly secret: Bytes;
  readonly request: SiteRequest;
}

/** Sends the secret and the request; refuses as the coordinator does. */
export async function enrol(
  channel: ControlChannel,
  { invitation, secret, request }: Enrolling,
): Promise<SiteGrant> {
  const call = createUnaryCaller(channel, EnrolmentService);
  const { grant } = await call('enrol', { invitation, secret, request: utf8(encodeSiteRequest(request)) });
  return parseSiteGrant(grant);
}

/** The next certificate (PEM), for the key of a certificate request (PEM); refuses as the coordinator does. */
export async function renewCertificate(channel: ControlChannel, csr: string): Promise<string> {
  const { certificate } = await createUnaryCaller(channel, EnrolmentService)('renew', { csr });
  return certificate;
}
