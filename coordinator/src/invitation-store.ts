// The port through which enrolment keeps the invitations of an operator. Of a secret it knows the digest only.
import type { Digest, SiteId } from '@blindsum/proto';

export interface Invitation {
  /** 16 bytes in lower-case hexadecimal. */
  readonly id: string;
  readonly site: SiteId;
  readonly secretDigest: Digest;
  readonly createdMs: number;
  /** From then on it admits nobody. */
  readonly expiresMs: number;
  /** Whether whoever enrols may take the place of an admitted site. */
  readonly replaces: boolean;
}

export interface StoredInvitation extends Invitation {
  /** Digest of the keys that it admitted. */
  readonly usedBy: Digest | undefined;
  readonly usedMs: number | undefined;
  readonly revokedMs: number | undefined;
}

export interface Redemption {
  readonly id: string;
  readonly secretDigest: Digest;
  /** Digest of the keys that are to be admitted: the same again is a retry. */
  readonly keys: Digest;
  readonly nowMs: number;
}

/** Invitations by name. A write is durable once it returns; calls are serialisable, also across processes. */
export interface InvitationStore {
  /** Keeps an invitation; the same again is a retry. */
  create(invitation: Invitation): Promise<void>;
  /** Every invitation, the oldest first. */
  list(): Promise<readonly StoredInvitation[]>;
  /**
   * The invitation, used by these keys from now on; undefined, and nothing changed, if it is unknown, has another secret, was
   * revoked, was used by other keys, or has expired. Of two callers with different keys one gets it.
   */
  redeem(redemption: Redemption): Promise<StoredInvitation | undefined>;
  /** Revokes an invitation, used or not; refuses NOT_FOUND for an unknown one. */
  revoke(id: string, nowMs: number): Promise<StoredInvitation>;
  /** Revokes all those of a site. */
  revokeFor(site: SiteId, nowMs: number): Promise<void>;
}
