// An authority elsewhere, of a hospital's PKI for example: it issues the certificates, and the coordinator looks at them. Its
// own certificate and key are files that somebody else replaces in time.
import { createPrivateKey, createPublicKey, type X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Refusal, refuseUnless, siteUri, type SiteId } from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import type { IdentityConfig } from '../config.ts';
import type { Authority, KeyAndCertificate, SiteCertificateRequest } from './authority.ts';
import { parseCertificates, verifyChain } from './certificate-chain.ts';
import { openCertificateRequest } from './certificate-request.ts';

type Files = Extract<IdentityConfig, { authority: 'external' }>;

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** The authority that the files speak of; refuses CONFIG_INVALID if they cannot be read or do not belong together. */
export async function openExternalAuthority(
  federation: string,
  files: Files,
  nowMs: number,
): Promise<Authority> {
  const trusted = await readConfigured(files.trustFile);
  const roots = asConfigured(files.trustFile, () => parseCertificates(trusted, 'trusted authorities'));
  const { root } = await readServerIdentity(files, roots, nowMs);
  const certificate = `${root.toString().trimEnd()}\n`;
  return {
    federation,
    certificate,
    trusted,
    fingerprint: root.fingerprint256,
    async createServerIdentity(_hosts, atMs) {
      const found = await readServerIdentity(files, roots, atMs);
      // Sites pinned the fingerprint when they enrolled.
      refuseUnless(
        found.root.fingerprint256 === root.fingerprint256,
        'CONFIG_INVALID',
        `${files.certificateFile}: leads to another authority than before`,
      );
      return found.identity;
    },
    async isServerIdentityDue(current) {
      const [pem, key] = [await readConfigured(files.certificateFile), await readConfigured(files.keyFile)];
      return current.privateKey !== key || !current.certificate.startsWith(pem.trimEnd());
    },
    async issueSiteCertificate(site, request, atMs) {
      return verifySiteCertificate({ federation, site, roots }, request, atMs);
    },
  };
}

interface ServerFiles {
  readonly identity: KeyAndCertificate;
  readonly root: X509Certificate;
}

async function readServerIdentity(
  { certificateFile, keyFile }: Files,
  roots: readonly X509Certificate[],
  nowMs: number,
): Promise<ServerFiles> {
  const pem = await readConfigured(certificateFile);
  const privateKey = await readConfigured(keyFile);
  return asConfigured(certificateFile, () => {
    const chain = parseCertificates(pem, 'certificate of the coordinator');
    const root = verifyChain(chain, roots, nowMs);
    refuseUnless(isKeyOf(privateKey, chain[0]!), 'CONFIG_INVALID', `${keyFile} is not its key`);
    const isWhole = chain.at(-1)!.fingerprint256 === root.fingerprint256;
    const certificate = `${pem.trimEnd()}\n${isWhole ? '' : root.toString()}`;
    return { identity: { privateKey, certificate }, root };
  });
}

function isKeyOf(pem: string, certificate: X509Certificate): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(pem));
  } catch {
    // No cause: a parser's message may quote the key.
    return false;
  }
}

interface Expected {
  readonly federation: string;
  readonly site: SiteId;
  readonly roots: readonly X509Certificate[];
}

/** The certificate that the site brings, with its chain, once it is known to be its own. */
async function verifySiteCertificate(
  { federation, site, roots }: Expected,
  { csr, certificate: pem }: SiteCertificateRequest,
  nowMs: number,
): Promise<string> {
  const key = await openCertificateRequest(csr);
  refuseUnless(
    pem !== undefined,
    'MALFORMED',
    'an authority elsewhere issues the certificates of this federation: bring the one for this key',
  );
  const chain = parseCertificates(pem, 'certificate of the site');
  const [leaf] = chain as [X509Certificate];
  const problems: [boolean, string][] = [
    [leaf.publicKey.equals(toPublicKey(key.rawData)), 'is for another key'],
    [
      leaf.subjectAltName === `URI:${siteUri(federation, site)}`,
      `must name ${siteUri(federation, site)} alone`,
    ],
    // Node lists the extended usages of a certificate; none listed means any.
    [!leaf.ca && (leaf.keyUsage ?? [CLIENT_AUTH]).includes(CLIENT_AUTH), 'is not for TLS clients'],
  ];
  for (const [isGood, problem] of problems)
    refuseUnless(isGood, 'UNAUTHENTICATED', `the certificate of ${site} ${problem}`);
  verifyChain(chain, roots, nowMs);
  return chain.map((certificate) => certificate.toString()).join('');
}

function toPublicKey(spki: ArrayBuffer) {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
}

async function readConfigured(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be read (${toSystemFault(cause)})`, { cause });
  }
}

/** What is wrong with a file is a mistake of whoever configured it. */
function asConfigured<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal('CONFIG_INVALID', `${path}: ${error.detail}`, { cause: error });
  }
}
