// The operator's answer to a site's request: its certificate, the authority that the coordinator is recognised by, and the
// address to dial. Kept as `grant.json` in the state directory; it holds no secret.
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  parseSiteGrant,
  Refusal,
  refuseUnless,
  siteUri,
  utf8,
  encodeSiteGrant,
  type SiteGrant,
} from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import { writeDurably } from '../write-durably.ts';
import type { SiteKeys, SiteName } from './site-keys.ts';

/** Reads and checks a grant that somebody handed over, and keeps it; an earlier grant is replaced. Refuses as verifyGrant does. */
export async function installGrant(
  path: string,
  stateDirectory: string,
  owner: { readonly name: SiteName; readonly keys: SiteKeys },
): Promise<SiteGrant> {
  const grant = parseSiteGrant(await readGrantFile(path, 'check the path'));
  verifyGrant(grant, owner);
  writeGrant(stateDirectory, grant);
  return grant;
}

/** The installed grant, checked again as of `nowMs`; refuses CONFIG_INVALID when there is none. */
export async function loadGrant(
  stateDirectory: string,
  owner: { readonly name: SiteName; readonly keys: SiteKeys },
  nowMs = Date.now(),
): Promise<SiteGrant> {
  const hint = 'run `blindsum-site enroll` with a token, or `install` with the file that the operator sent';
  const grant = parseSiteGrant(await readGrantFile(grantPath(stateDirectory), hint));
  verifyGrant(grant, owner, nowMs);
  return grant;
}

/**
 * Refuses CONFIG_INVALID a grant for another site or federation, and UNAUTHENTICATED one whose certificate is not for this
 * site's TLS key, does not name the site, is out of date, or was not signed by the authority in the grant.
 */
export function verifyGrant(
  grant: SiteGrant,
  { name, keys }: { readonly name: SiteName; readonly keys: SiteKeys },
  nowMs = Date.now(),
): void {
  refuseUnless(
    grant.site === name.site && grant.federation === name.federation,
    'CONFIG_INVALID',
    `the grant is for ${grant.site} of ${grant.federation}, this is ${name.site} of ${name.federation}`,
  );
  const chain = parseChain(grant.certificate);
  const [certificate] = chain as [X509Certificate];
  const authority = parseCertificate(grant.caCertificate, 'CA certificate');
  const problems: [boolean, string][] = [
    [keys.tlsKeyOf(certificate) !== undefined, 'is not for the TLS key of this site'],
    [certificate.subjectAltName === `URI:${siteUri(name.federation, name.site)}`, 'does not name this site'],
    [isChain([...chain, authority]), 'was not signed by the CA in the grant'],
    [certificate.validToDate.getTime() > nowMs, 'has expired; ask the operator for another'],
  ];
  for (const [isGood, problem] of problems)
    refuseUnless(isGood, 'UNAUTHENTICATED', `the certificate in the grant ${problem}`);
}

/** Whether each was signed by the next one, which may sign. */
function isChain(certificates: readonly X509Certificate[]): boolean {
  return certificates.every((certificate, i) => {
    const issuer = certificates[i + 1];
    return issuer === undefined || (issuer.ca && certificate.verify(issuer.publicKey));
  });
}

function parseChain(pem: string): X509Certificate[] {
  return pem
    .split(/(?<=-----END CERTIFICATE-----\n?)(?=-----BEGIN)/)
    .map((block) => parseCertificate(block, 'certificate'));
}

/** Keeps a grant in the place of the one before, in one step. */
export function writeGrant(stateDirectory: string, grant: SiteGrant): void {
  writeDurably(grantPath(stateDirectory), utf8(encodeSiteGrant(grant)));
}

function parseCertificate(pem: string, what: string): X509Certificate {
  try {
    const certificate = new X509Certificate(pem);
    // OpenSSL takes a certificate whose key it cannot decode, and throws when the key is first looked at: here, where it is refused.
    void certificate.publicKey;
    return certificate;
  } catch (cause) {
    throw new Refusal('MALFORMED', `site grant: the ${what} cannot be read`, { cause });
  }
}

function grantPath(stateDirectory: string): string {
  return join(stateDirectory, 'grant.json');
}

async function readGrantFile(path: string, hint: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be read (${toSystemFault(cause)}); ${hint}`, {
      cause,
    });
  }
}
