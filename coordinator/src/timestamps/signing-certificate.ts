// The certificate of who signs timestamps: what it is for (RFC 3161 section 2.3), and that the signature names it (RFC 5816).
import { createHash, type X509Certificate } from 'node:crypto';
import { AsnConvert, AsnProp, AsnPropTypes, AsnType, AsnTypeTypes, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  Certificate,
  ExtendedKeyUsage,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  KeyUsage,
  KeyUsageFlags,
} from '@peculiar/asn1-x509';
import { isEqualBytes, Refusal, refuseUnless } from '@blindsum/proto';

const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const SIGNING_KEY_USAGE = KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation;

/** Digests under which a signature may name its certificate. */
const DIGESTS: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** ESSCertID of RFC 2634 section 5.4.1, which has no algorithm, or ESSCertIDv2 of RFC 5035 section 4. */
class NamedCertificate {
  hashAlgorithm?: AlgorithmIdentifier;
  certHash = new OctetString();
  issuerSerial?: ArrayBuffer;
}
AsnProp({ type: AlgorithmIdentifier, optional: true })(NamedCertificate.prototype, 'hashAlgorithm');
AsnProp({ type: OctetString })(NamedCertificate.prototype, 'certHash');
AsnProp({ type: AsnPropTypes.Any, optional: true })(NamedCertificate.prototype, 'issuerSerial');
AsnType({ type: AsnTypeTypes.Sequence })(NamedCertificate);

/** SigningCertificate of RFC 2634 section 5.4, and SigningCertificateV2 of RFC 5035 section 3: the signer's is the first. */
class SigningCertificate {
  certs: NamedCertificate[] = [];
  policies?: ArrayBuffer;
}
AsnProp({ type: NamedCertificate, repeated: 'sequence' })(SigningCertificate.prototype, 'certs');
AsnProp({ type: AsnPropTypes.Any, optional: true })(SigningCertificate.prototype, 'policies');
AsnType({ type: AsnTypeTypes.Sequence })(SigningCertificate);

/** The attributes of a signature that name its certificate, each with the digest it has where it says none. */
export const NAMING_ATTRIBUTES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.9.16.2.12': 'sha1',
  '1.2.840.113549.1.9.16.2.47': 'sha256',
};

/**
 * Refuses UNAUTHENTICATED unless the certificate is of a signer, for timestamps alone, and says so in an extension that is critical.
 * Of what cannot be read, throws what the libraries throw.
 */
export function verifyPurpose(certificate: X509Certificate): void {
  const { extensions = [] } = AsnConvert.parse(certificate.raw, Certificate).tbsCertificate;
  const find = (id: string) => extensions.find(({ extnID }) => extnID === id);
  const extended = find(id_ce_extKeyUsage);
  const purposes = extended ? [...AsnConvert.parse(extended.extnValue, ExtendedKeyUsage)] : [];
  const isForTime = purposes.length === 1 && purposes[0] === TIME_STAMPING && extended?.critical === true;
  refuseUnless(isForTime, 'UNAUTHENTICATED', 'the signer’s certificate is not for timestamps alone');
  const usage = find(id_ce_keyUsage);
  const flags = usage ? AsnConvert.parse(usage.extnValue, KeyUsage).toNumber() : SIGNING_KEY_USAGE;
  const isOfSigner =
    !certificate.ca && (flags & SIGNING_KEY_USAGE) !== 0 && (flags & ~SIGNING_KEY_USAGE) === 0;
  refuseUnless(isOfSigner, 'UNAUTHENTICATED', 'the signer’s certificate is not for signatures alone');
}

/**
 * Refuses BAD_SIGNATURE unless the signature names this certificate, by the value of a naming attribute: otherwise another
 * certificate of the same key would do. Of what cannot be read, throws what the libraries throw.
 */
export function verifyNamed(certificate: X509Certificate, attribute: string, value: ArrayBuffer): void {
  const [named] = AsnConvert.parse(value, SigningCertificate).certs;
  const algorithm = named?.hashAlgorithm?.algorithm;
  const hash = algorithm === undefined ? NAMING_ATTRIBUTES[attribute] : DIGESTS[algorithm];
  if (!named || hash === undefined)
    throw new Refusal('MALFORMED', 'timestamp: its signature names no certificate that can be found');
  const digest = createHash(hash).update(certificate.raw).digest();
  const isNamed = isEqualBytes(new Uint8Array(named.certHash.buffer), digest);
  refuseUnless(isNamed, 'BAD_SIGNATURE', 'the signature of the timestamp is under another certificate');
}
