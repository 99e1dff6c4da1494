// Who signed a timestamp: one signer, with a certificate for timestamps alone, that leads to an authority that is trusted.
import { createHash, verify, X509Certificate } from 'node:crypto';
import type { SignerInfo } from '@peculiar/asn1-cms';
import { Attribute, type SignedData } from '@peculiar/asn1-cms';
import { AsnArray, AsnConvert, AsnType, AsnTypeTypes, OctetString } from '@peculiar/asn1-schema';
import { id_ct_tstInfo } from '@peculiar/asn1-tsp';
import { isEqualBytes, Refusal, refuseUnless, type Bytes } from '@blindsum/proto';
import { NAMING_ATTRIBUTES, verifyNamed, verifyPurpose } from './signing-certificate.ts';

const DIGESTS: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const MAX_CHAIN = 5;

/** As RFC 5652 section 5.4 signs them: a SET, though they are sent under another tag. */
class SignedAttributes extends AsnArray<Attribute> {}
AsnType({ type: AsnTypeTypes.Set, itemType: Attribute })(SignedAttributes);

export interface SignedTimestamp {
  readonly signed: SignedData;
  /** The bytes that the signature is about. */
  readonly content: Bytes;
  readonly authorities: readonly X509Certificate[];
  /** When the certificates must have been valid. */
  readonly timeMs: number;
}

/** Refuses MALFORMED, UNAUTHENTICATED or BAD_SIGNATURE; of what cannot be read, throws what the libraries throw. */
export function verifySigner({ signed, content, authorities, timeMs }: SignedTimestamp): void {
  const [signer, ...others] = signed.signerInfos;
  if (!signer || others.length > 0) throw new Refusal('MALFORMED', 'timestamp: not of one signer');
  const held = certificatesIn(signed);
  const certificate = findSigner(signer, held, authorities);
  verifyPurpose(certificate);
  verifyChain(certificate, { held, authorities, timeMs });
  const hash = DIGESTS[signer.digestAlgorithm.algorithm];
  if (hash === undefined) throw new Refusal('MALFORMED', 'timestamp: a digest that is not taken');
  verifyAttributes(signer, createHash(hash).update(content).digest());
  verifyCertificateNamed(signer, certificate);
  const attributes = new SignedAttributes(signer.signedAttrs);
  const message = new Uint8Array(AsnConvert.serialize(attributes));
  const isValid = isSignedBy(certificate, {
    hash,
    message,
    signature: new Uint8Array(signer.signature.buffer),
  });
  refuseUnless(isValid, 'BAD_SIGNATURE', 'the signature of the timestamp does not verify');
}

function verifyAttributes({ signedAttrs = [] }: SignerInfo, digest: Bytes): void {
  const only = (type: string): ArrayBuffer | undefined => {
    const values = signedAttrs
      .filter(({ attrType }) => attrType === type)
      .flatMap(({ attrValues }) => attrValues);
    return values.length === 1 ? values[0] : undefined;
  };
  const [type, hash] = [only(CONTENT_TYPE), only(MESSAGE_DIGEST)];
  if (!type || !hash)
    throw new Refusal('MALFORMED', 'timestamp: the signature does not say what it is about');
  const isTimestamp = isEqualBytes(new Uint8Array(type), encodeOid(id_ct_tstInfo));
  refuseUnless(isTimestamp, 'BAD_SIGNATURE', 'the signature is not about a timestamp');
  const signedDigest = new Uint8Array(AsnConvert.parse(hash, OctetString).buffer);
  refuseUnless(
    isEqualBytes(signedDigest, digest),
    'BAD_SIGNATURE',
    'the signature is about another timestamp',
  );
}

/** Every attribute that names the signer's certificate names this one, and there is one. */
function verifyCertificateNamed({ signedAttrs = [] }: SignerInfo, certificate: X509Certificate): void {
  const naming = signedAttrs.filter(({ attrType }) => NAMING_ATTRIBUTES[attrType] !== undefined);
  refuseUnless(naming.length > 0, 'MALFORMED', 'timestamp: its signature names no certificate');
  for (const { attrType, attrValues } of naming)
    for (const value of attrValues) verifyNamed(certificate, attrType, value);
}

/** DER of an object identifier, short form. */
function encodeOid(oid: string): Bytes {
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number);
  const octets = [40 * first + second, ...rest].flatMap(toBase128);
  return Uint8Array.of(0x06, octets.length, ...octets);
}

function toBase128(value: number): number[] {
  const octets = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) octets.unshift((left & 0x7f) | 0x80);
  return octets;
}

function certificatesIn({ certificates }: SignedData): X509Certificate[] {
  return [...(certificates ?? [])].flatMap(({ certificate }) =>
    certificate ? [new X509Certificate(new Uint8Array(AsnConvert.serialize(certificate)))] : [],
  );
}

function findSigner(
  { sid }: SignerInfo,
  held: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): X509Certificate {
  const serial = sid.issuerAndSerialNumber?.serialNumber;
  const number = serial && BigInt(`0x${Buffer.from(serial).toString('hex')}`);
  const found = [...held, ...authorities].find(({ serialNumber }) => BigInt(`0x${serialNumber}`) === number);
  if (!found) throw new Refusal('UNAUTHENTICATED', 'the timestamp does not bring its signer’s certificate');
  return found;
}

interface Chain {
  readonly held: readonly X509Certificate[];
  readonly authorities: readonly X509Certificate[];
  readonly timeMs: number;
}

/** Refuses UNAUTHENTICATED unless the certificate is one of the authorities, or leads to one. */
function verifyChain(certificate: X509Certificate, { held, authorities, timeMs }: Chain): void {
  let current = certificate;
  for (let length = 0; length < MAX_CHAIN; length++) {
    const isValid = timeMs >= current.validFromDate.getTime() && timeMs <= current.validToDate.getTime();
    refuseUnless(isValid, 'UNAUTHENTICATED', 'a certificate of the timestamp was not valid at its time');
    if (authorities.some(({ fingerprint256 }) => fingerprint256 === current.fingerprint256)) return;
    const issuer = [...authorities, ...held].find((candidate) => isIssuer(candidate, current));
    if (!issuer) break;
    current = issuer;
  }
  throw new Refusal('UNAUTHENTICATED', 'the signer of the timestamp leads to no authority that is trusted');
}

function isIssuer(candidate: X509Certificate, certificate: X509Certificate): boolean {
  return candidate.ca && certificate.checkIssued(candidate) && certificate.verify(candidate.publicKey);
}

interface Signature {
  readonly hash: string;
  readonly message: Bytes;
  readonly signature: Bytes;
}

/** ECDSA, or RSA with PKCS #1 v1.5 padding. */
function isSignedBy({ publicKey }: X509Certificate, { hash, message, signature }: Signature): boolean {
  const type = publicKey.asymmetricKeyType;
  return (type === 'rsa' || type === 'ec') && verify(hash, message, publicKey, signature);
}
