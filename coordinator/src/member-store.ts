// The port through which enrolment and the gRPC shell know the members of the federation.
import type { Bytes, SiteId } from '@blindsum/proto';
import type { RevocationReason } from '@blindsum/proto/tlog';

/** A TLS certificate of a site. */
export interface MemberCertificate {
  /** SHA-256 of the DER form, in lower-case hexadecimal. */
  readonly fingerprint: string;
  /** Empty for one that was issued before certificates were kept. */
  readonly pem: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

interface MemberKeys {
  readonly site: SiteId;
  /** Ed25519 public key, 32 bytes. */
  readonly signingKey: Bytes;
  /** X-Wing public key, 1216 bytes. */
  readonly sharingKey: Bytes;
  readonly certificate: MemberCertificate;
  readonly admittedMs: number;
}

/** A site that enrolled, with the keys it made itself. */
export interface Admission extends MemberKeys {
  /** Whether it may take the place of a site of that name, revoked or not: the operator said so. */
  readonly replaces?: boolean;
}

/** What a site says about itself; shown to operators, never trusted. */
export interface Heartbeat {
  readonly version: string;
  readonly backend: string;
  readonly activity: string;
  /** 0..1000. */
  readonly permille: number;
}

export interface Revocation {
  readonly reason: RevocationReason;
  readonly atMs: number;
}

export interface Member extends MemberKeys, Heartbeat {
  /** Absent before the first heartbeat. */
  readonly lastSeenMs: number | undefined;
  /** Present once it may not connect any more. */
  readonly revoked: Revocation | undefined;
}

/**
 * Members, by site and by certificate. A write is durable once it returns; calls are serialisable, also across processes. With
 * each change of a certificate goes the record that the log is owed (certificate-record-store.ts).
 */
export interface MemberStore {
  /**
   * Admits a site; the caller has checked that it holds the private keys. The same keys again are a retry or a renewal: the
   * certificate becomes the member's, and the ones before it stay valid until they expire, so that a lost reply locks nobody
   * out. Unless it replaces, refuses CONFLICTING_SUBMISSION for other keys under an admitted name, and NOT_A_MEMBER for a site
   * that was revoked; in any case CONFLICTING_SUBMISSION for a certificate of another site or one that was revoked.
   */
  admit(admission: Admission): Promise<Member>;
  /** Undefined for a site that was never admitted. */
  load(site: SiteId): Promise<Member | undefined>;
  /** Every member, by name, those that were revoked included. */
  list(): Promise<readonly Member[]>;
  /** The member that the certificate was issued to, be it the latest or an earlier one; undefined if nobody's, or revoked. */
  byCertificate(fingerprint: string): Promise<Member | undefined>;
  /** Records a heartbeat; refuses NOT_A_MEMBER for an unknown site. */
  seen(site: SiteId, heartbeat: Heartbeat, nowMs: number): Promise<void>;
  /** Revokes a site with all its certificates; the first revocation stays. Refuses NOT_FOUND for an unknown site. */
  revoke(site: SiteId, revocation: Revocation): Promise<Member>;
}
