// `enroll`: from a one-time token to a certificate. Every step may be repeated after a crash: the keys are made once, the same
// request is a retry to the coordinator, and the grant is written in one step.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import {
  memberFingerprint,
  memberOfRequest,
  parseInvitation,
  parseInvitationText,
  Refusal,
  refuseUnless,
  type Invitation,
} from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import { openActivity } from '../activity/open-activity.ts';
import type { Config } from '../config.ts';
import { verifyGrant, writeGrant } from '../identity/grant-file.ts';
import { createSiteKeys, createSiteRequest, hasSiteKeys, loadSiteKeys } from '../identity/site-keys.ts';
import { openNetwork } from '../network/open-network.ts';
import { openChannels } from '../rpc/channels.ts';
import { enrol } from '../rpc/grpc-enrolment.ts';
import { fetchPinnedAuthority } from '../rpc/pinned-authority.ts';
import { recorded } from './connect.ts';
import type { Print } from './print.ts';
import { readCertificate } from './enrol.ts';

export interface EnrollOptions {
  readonly token?: string | undefined;
  /** A file that holds the token; `-` for the standard input. */
  readonly tokenFile?: string | undefined;
  /** The certificate that an authority elsewhere issued for this site's key. */
  readonly certificate?: string | undefined;
}

/**
 * Refuses CONFIG_INVALID a token for another site, UNAUTHENTICATED a coordinator whom the authority in the token does not vouch
 * for, before anything secret is sent, and otherwise as the coordinator does.
 */
export async function enroll(config: Config, options: EnrollOptions, print: Print): Promise<void> {
  const { terms, secret } = await readInvitation(options);
  refuseUnless(
    terms.site === config.site && terms.federation === config.federation,
    'CONFIG_INVALID',
    `the token is for ${terms.site} of ${terms.federation}, this is ${config.site} of ${config.federation}`,
  );
  const certificate = await readCertificate(options.certificate);
  const { stateDirectory, keys: storage } = config;
  const isReady = storage.from !== undefined || hasSiteKeys(stateDirectory);
  const keys = await (isReady ? loadSiteKeys : createSiteKeys)(stateDirectory, storage);
  const request = await createSiteRequest(keys, config, certificate);
  const coordinator = config.coordinator ?? terms.coordinator;
  const network = await openNetwork(config.network, process.env, coordinator);
  const { authority, invitation } = terms;
  const caCertificate = await fetchPinnedAuthority({ coordinator, authority, proxy: network.proxy });
  const activity = openActivity(stateDirectory);
  const channels = recorded(openChannels(coordinator, { caCertificate }, network), activity);
  try {
    const grant = await enrol(channels.control, { invitation, secret, request });
    verifyGrant(grant, { name: config, keys });
    refuseUnless(
      isSameCertificate(grant.caCertificate, caCertificate),
      'UNAUTHENTICATED',
      'the grant names another authority than the token',
    );
    writeGrant(stateDirectory, grant);
  } finally {
    channels.close();
    activity.close();
  }
  const fingerprint = memberFingerprint(memberOfRequest(request));
  print(
    { site: config.site, federation: config.federation, coordinator, fingerprint },
    `${config.site} may connect to ${config.federation} at ${coordinator}.
Read this fingerprint to every other site, by telephone or face to face, for their trust.members:
${config.site}: ${fingerprint}`,
  );
}

function isSameCertificate(a: string, b: string): boolean {
  return new X509Certificate(a).fingerprint256 === new X509Certificate(b).fingerprint256;
}

async function readInvitation({ token, tokenFile }: EnrollOptions): Promise<Invitation> {
  if (token !== undefined && tokenFile === undefined) return parseInvitation(token);
  if (token !== undefined || tokenFile === undefined)
    throw new Refusal('CONFIG_INVALID', 'give a token, or a file that holds one with --token-file');
  return parseInvitationText(tokenFile === '-' ? await buffer(process.stdin) : await readToken(tokenFile));
}

async function readToken(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be read (${toSystemFault(cause)})`, { cause });
  }
}
