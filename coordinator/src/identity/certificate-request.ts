// PKCS#10 certificate requests (RFC 2986). A request proves that its sender holds the key; it has no say in anything else.
import { createHash } from 'node:crypto';
import { x509 } from './x509.ts';
import { Refusal, refuseUnless } from '@blindsum/proto';

/** The public key of a request (PEM); refuses MALFORMED, or BAD_SIGNATURE if the sender does not hold the key. */
export async function openCertificateRequest(pem: string): Promise<x509.PublicKey> {
  const request = parseRequest(pem);
  refuseUnless(
    await isSelfSigned(request),
    'BAD_SIGNATURE',
    'certificate request: not signed with its own key',
  );
  const { name, namedCurve } = request.publicKey.algorithm as { name: string; namedCurve?: string };
  refuseUnless(
    name === 'ECDSA' && namedCurve === 'P-256',
    'MALFORMED',
    'certificate request: the key is not on P-256',
  );
  return request.publicKey;
}

/** SHA-256 of the SubjectPublicKeyInfo in a request, in hexadecimal, whether or not its sender holds the key. Refuses MALFORMED. */
export function publicKeyOfRequest(pem: string): string {
  return createHash('sha256')
    .update(Buffer.from(parseRequest(pem).publicKey.rawData))
    .digest('hex');
}

async function isSelfSigned(request: x509.Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify();
  } catch (cause) {
    throw malformed(cause);
  }
}

function parseRequest(pem: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(pem);
  } catch (cause) {
    throw malformed(cause);
  }
}

function malformed(cause: unknown): Refusal {
  return new Refusal('MALFORMED', 'certificate request: not a PKCS#10 request', { cause });
}
