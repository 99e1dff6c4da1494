// PKCS#10 certificate requests (RFC 2986). A request proves that its sender holds the key; it has no say in anything else.
import { x509 } from './x509.ts';
import { Refusal, refuseUnless } from '@blindsum/proto';

/** The public key of a request (PEM); refuses MALFORMED, or BAD_SIGNATURE if the sender does not hold the key. */
export async function openCertificateRequest(pem: string): Promise<x509.PublicKey> {
  const { request, isProven } = await parseRequest(pem);
  refuseUnless(isProven, 'BAD_SIGNATURE', 'certificate request: not signed with its own key');
  const { name, namedCurve } = request.publicKey.algorithm as { name: string; namedCurve?: string };
  refuseUnless(
    name === 'ECDSA' && namedCurve === 'P-256',
    'MALFORMED',
    'certificate request: the key is not on P-256',
  );
  return request.publicKey;
}

async function parseRequest(
  pem: string,
): Promise<{ request: x509.Pkcs10CertificateRequest; isProven: boolean }> {
  try {
    const request = new x509.Pkcs10CertificateRequest(pem);
    return { request, isProven: await request.verify() };
  } catch (cause) {
    throw new Refusal('MALFORMED', 'certificate request: not a PKCS#10 request', { cause });
  }
}
