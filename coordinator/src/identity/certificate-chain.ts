// Chains of certificates that somebody else issued.
import { X509Certificate } from 'node:crypto';
import { Refusal, refuseUnless } from '@blindsum/proto';

const BLOCK = /-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/=]{1,76}\r?\n){1,400}-----END CERTIFICATE-----/g;
const MAX_LENGTH = 8;

/** The certificates of a PEM text, in its order; refuses MALFORMED unless there are 1 to 8 that can be read. */
export function parseCertificates(pem: string, what: string): X509Certificate[] {
  const blocks = pem.match(BLOCK) ?? [];
  refuseUnless(
    blocks.length >= 1 && blocks.length <= MAX_LENGTH,
    'MALFORMED',
    `${what}: expected 1 to ${MAX_LENGTH} certificates in PEM form`,
  );
  try {
    return blocks.map(parseCertificate);
  } catch (cause) {
    throw new Refusal('MALFORMED', `${what}: a certificate cannot be read`, { cause });
  }
}

function parseCertificate(pem: string): X509Certificate {
  const certificate = new X509Certificate(pem);
  // OpenSSL takes a certificate whose key it cannot decode, and throws when the key is first looked at: here, where it is refused.
  void certificate.publicKey;
  return certificate;
}

/**
 * The root that vouches for the first certificate of a chain. Refuses UNAUTHENTICATED unless each certificate was issued by the
 * next one, the last by one of the roots (or is one), all of them are in date, and all but the first are authorities.
 */
export function verifyChain(
  chain: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  nowMs: number,
): X509Certificate {
  const isRoot = (certificate: X509Certificate) =>
    roots.some(({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256);
  const links = chain.filter((certificate, i) => i === 0 || !isRoot(certificate));
  const root = roots.find((candidate) => isIssuedBy(links.at(-1)!, candidate));
  refuseUnless(
    root !== undefined,
    'UNAUTHENTICATED',
    'the certificate leads to no authority that is trusted',
  );
  const path = [...links, root];
  path.forEach((certificate, i) => {
    const next = path[i + 1];
    refuseUnless(
      next === undefined || isIssuedBy(certificate, next),
      'UNAUTHENTICATED',
      'the certificates are no chain',
    );
    refuseUnless(
      certificate.validFromDate.getTime() <= nowMs && nowMs < certificate.validToDate.getTime(),
      'UNAUTHENTICATED',
      `the certificate of ${i === 0 ? 'the holder' : 'an authority'} is out of date`,
    );
  });
  return root;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
