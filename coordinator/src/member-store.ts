// The port through which enrolment and the gRPC shell know the members of the federation.
import type { Bytes, SiteId } from '@blindsum/proto';

/** A site that enrolled, with the keys it made itself. */
export interface Admission {
  readonly site: SiteId;
  /** Ed25519 public key, 32 bytes. */
  readonly signingKey: Bytes;
  /** X-Wing public key, 1216 bytes. */
  readonly sharingKey: Bytes;
  /** SHA-256 of the TLS certificate's DER form, in lower-case hexadecimal. */
  readonly certificateFingerprint: string;
  readonly admittedMs: number;
}

/** What a site says about itself; shown to operators, never trusted. */
export interface Heartbeat {
  readonly version: string;
  readonly backend: string;
  readonly activity: string;
  /** 0..1000. */
  readonly permille: number;
}

export interface Member extends Admission, Heartbeat {
  /** Absent before the first heartbeat. */
  readonly lastSeenMs: number | undefined;
}

/** Members, by site and by certificate. A write is durable once it returns; calls are serialisable, also across processes. */
export interface MemberStore {
  /**
   * Admits a site; the caller has checked that it holds the private keys. The same keys again are a retry or a renewal: the
   * certificate becomes the member's, and the ones before it stay valid until they expire, so that a lost reply locks nobody
   * out. Refuses CONFLICTING_SUBMISSION for other keys under an admitted name, and for a certificate of another site.
   */
  admit(admission: Admission): Promise<Member>;
  /** Every member, by name. */
  list(): Promise<readonly Member[]>;
  /** The member that the certificate was issued to, be it the latest or an earlier one; undefined if nobody's. */
  byCertificate(fingerprint: string): Promise<Member | undefined>;
  /** Records a heartbeat; refuses NOT_A_MEMBER for an unknown site. */
  seen(site: SiteId, heartbeat: Heartbeat, nowMs: number): Promise<void>;
}
