// How long a certificate lives, when the next one is due, and when somebody has to be told.
import { X509Certificate } from 'node:crypto';
import type { MemberCertificate } from '../member-store.ts';

/** Milliseconds since 1970. */
export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** SHA-256 of a certificate's DER form, in lower-case hexadecimal. */
export function certificateFingerprint(certificate: X509Certificate | string): string {
  const parsed = typeof certificate === 'string' ? new X509Certificate(certificate) : certificate;
  return parsed.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** Of the first certificate of a PEM text. Throws for what is none. */
export function toValidity(pem: string): Validity {
  const { validFromDate, validToDate } = new X509Certificate(pem);
  return { notBeforeMs: validFromDate.getTime(), notAfterMs: validToDate.getTime() };
}

export function toMemberCertificate(pem: string): MemberCertificate {
  return { fingerprint: certificateFingerprint(pem), pem, ...toValidity(pem) };
}

/** When two thirds of the lifetime are over: there is time left for whatever keeps the renewal from succeeding. */
export function renewalMs({ notBeforeMs, notAfterMs }: Validity): number {
  return notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3;
}

export type CertificateState = 'valid' | 'expiring' | 'expired';

/** Expiring with a fifth of the lifetime left: the renewal is overdue, and a person should look. */
export function certificateState({ notBeforeMs, notAfterMs }: Validity, nowMs: number): CertificateState {
  if (nowMs >= notAfterMs) return 'expired';
  return nowMs >= notAfterMs - (notAfterMs - notBeforeMs) / 5 ? 'expiring' : 'valid';
}

const DAY_MS = 24 * 3600 * 1000;

/** Days until the end, negative after it. */
export function daysLeft({ notAfterMs }: Pick<Validity, 'notAfterMs'>, nowMs: number): number {
  return (notAfterMs - nowMs) / DAY_MS;
}
