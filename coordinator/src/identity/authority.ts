// The certificate authority of a federation: one P-256 key that signs the coordinator's certificate and those of its sites.
// It says who may connect. What sites rely on between themselves is the roster, which it cannot change.
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { x509 } from './x509.ts';
import { refuseUnless, siteUri, type SiteId } from '@blindsum/proto';
import { openCertificateRequest } from './certificate-request.ts';
import { renewalMs, toValidity } from './certificate-life.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const SERIAL_BYTES = 16;
const DAY_MS = 24 * 3600 * 1000;
const AUTHORITY_DAYS = 3650;
/** Clocks of sites may be behind ours. */
const CLOCK_SKEW_MS = 3600 * 1000;

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** PEM texts: a PKCS#8 key and its certificate. The key is secret. */
export interface KeyAndCertificate {
  readonly privateKey: string;
  readonly certificate: string;
}

/** What a site asks for: a PKCS#10 request (PEM) and, where an authority elsewhere issues certificates, the one it issued. */
export interface SiteCertificateRequest {
  readonly csr: string;
  /** PEM, with what leads to the authority after it. */
  readonly certificate?: string | undefined;
}

export interface Authority {
  readonly federation: string;
  /** PEM: who vouches for the coordinator. */
  readonly certificate: string;
  /** PEM, one or more: whose site certificates are accepted. */
  readonly trusted: string;
  /** SHA-256 of `certificate` in upper-case pairs with colons, as OpenSSL prints it: what a site compares out of band. */
  readonly fingerprint: string;
  /** A key and its certificate for these host names or IP addresses, with the chain that ends in `certificate`. */
  createServerIdentity(hosts: readonly string[], nowMs: number): Promise<KeyAndCertificate>;
  /** Whether another identity is to take the place of this one. */
  isServerIdentityDue(current: KeyAndCertificate, nowMs: number): Promise<boolean>;
  /**
   * A certificate (PEM) for `site` with the key of a certificate request. Name and rights come from the arguments, never from
   * the request; refuses MALFORMED or BAD_SIGNATURE for a request without proof of possession.
   */
  issueSiteCertificate(site: SiteId, request: SiteCertificateRequest, nowMs: number): Promise<string>;
}

/** Days for which certificates are valid. */
export interface CertificateDays {
  readonly site: number;
  readonly server: number;
}

const DEFAULT_DAYS: CertificateDays = { site: 90, server: 90 };

/** A new self-signed authority; the private key is a secret of the caller. */
export async function createAuthorityKey(federation: string, nowMs: number): Promise<KeyAndCertificate> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    keys,
    serialNumber: newSerial(),
    name: [{ CN: [`${federation} blindsum authority`] }],
    ...validity(nowMs, AUTHORITY_DAYS),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { privateKey: await exportKey(keys.privateKey), certificate: toPem(certificate) };
}

/** The authority of a stored key. Throws unless both are well-formed. */
export async function openAuthority(
  federation: string,
  stored: KeyAndCertificate,
  days: CertificateDays = DEFAULT_DAYS,
): Promise<Authority> {
  const issuer = new x509.X509Certificate(stored.certificate);
  const signingKey = await importKey(stored.privateKey);
  return {
    federation,
    certificate: stored.certificate,
    trusted: stored.certificate,
    fingerprint: new X509Certificate(stored.certificate).fingerprint256,
    async createServerIdentity(hosts, nowMs) {
      const keys = await generateKeys();
      const certificate = await issue(
        { issuer, signingKey },
        {
          publicKey: keys.publicKey,
          commonName: `${federation} coordinator`,
          alternativeNames: hosts.map(toGeneralName),
          usage: SERVER_AUTH,
          ...{ nowMs, days: days.server },
        },
      );
      // A site that knows the fingerprint of the authority learns its certificate from the chain.
      return {
        privateKey: await exportKey(keys.privateKey),
        certificate: `${certificate}${stored.certificate}`,
      };
    },
    async isServerIdentityDue({ certificate }, nowMs) {
      return nowMs >= renewalMs(toValidity(certificate));
    },
    async issueSiteCertificate(site, { csr, certificate }, nowMs) {
      refuseUnless(
        certificate === undefined,
        'MALFORMED',
        'the authority of this federation issues certificates itself: bring none',
      );
      const publicKey = await openCertificateRequest(csr);
      const alternativeNames = [{ type: 'url' as const, value: siteUri(federation, site) }];
      return issue(
        { issuer, signingKey },
        { publicKey, commonName: site, alternativeNames, usage: CLIENT_AUTH, nowMs, days: days.site },
      );
    },
  };
}

interface Issuer {
  readonly issuer: x509.X509Certificate;
  readonly signingKey: webcrypto.CryptoKey;
}

interface LeafTerms {
  readonly publicKey: x509.PublicKey | webcrypto.CryptoKey;
  readonly commonName: string;
  readonly alternativeNames: x509.JsonGeneralNames;
  readonly usage: string;
  readonly nowMs: number;
  readonly days: number;
}

async function issue({ issuer, signingKey }: Issuer, leaf: LeafTerms): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [leaf.commonName] }],
    issuer: issuer.subjectName,
    publicKey: leaf.publicKey,
    signingKey,
    ...validity(leaf.nowMs, leaf.days),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([leaf.usage]),
      new x509.SubjectAlternativeNameExtension(leaf.alternativeNames),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return toPem(certificate);
}

function validity(nowMs: number, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowMs - CLOCK_SKEW_MS), notAfter: new Date(nowMs + days * DAY_MS) };
}

/** Positive and without a leading zero byte, as DER wants it. */
function newSerial(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function toGeneralName(host: string): { type: 'ip' | 'dns'; value: string } {
  const bare = host.replace(/^\[|\]$/g, '');
  const isAddress = /^[0-9.]+$/.test(bare) || bare.includes(':');
  return { type: isAddress ? 'ip' : 'dns', value: bare };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign']);
}

function toPem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
