// What the records about certificates must say together: each is issued to one member, a member's first one is issued and the
// next ones renew it, and what is revoked was issued before.
import { refuseUnless, type Digest } from '@blindsum/proto';
import type { Predicate } from '@blindsum/proto/tlog';

interface Issued {
  readonly member: Digest;
  readonly notAfter: number;
  readonly isRevoked: boolean;
}

/** Takes the records about certificates in their order. */
export class CertificateHistory {
  readonly #certificates = new Map<Digest, Issued>();
  /** How many certificates of a member were not revoked. */
  readonly #valid = new Map<Digest, number>();
  /** Members a certificate of which was revoked, be they admitted again or not: a set is sealed some time after its attempt began. */
  readonly #revoked = new Set<Digest>();

  /** Refuses BAD_RECORD a member that is named revoked, and no revocation of which is in the log before. */
  verifyNamed(excluded: Predicate<'round-sealed'>['excluded']): void {
    for (const { member, reason } of excluded)
      refuseUnless(
        reason !== 'revoked' || this.#revoked.has(member),
        'BAD_RECORD',
        `${member} is named revoked, and no revocation of it is in the log before`,
      );
  }

  /** Refuses BAD_RECORD what contradicts the records before it; it counts as said in any case. */
  admit(predicate: Predicate<'certificate'>): void {
    if (predicate.event === 'revoked') this.#revoke(predicate);
    else this.#issue(predicate);
  }

  #issue({ event, member, certificate, notAfter }: Predicate<'certificate'>): void {
    const valid = this.#valid.get(member) ?? 0;
    this.#certificates.set(certificate, { member, notAfter, isRevoked: false });
    this.#valid.set(member, valid + 1);
    refuseUnless(
      (event === 'renewed') === valid > 0,
      'BAD_RECORD',
      valid > 0 ? 'the member has one already, which it renews' : 'the member has none that it could renew',
    );
  }

  #revoke({ member, certificate, notAfter }: Predicate<'certificate'>): void {
    const issued = this.#certificates.get(certificate);
    this.#revoked.add(member);
    if (issued !== undefined && !issued.isRevoked) {
      this.#certificates.set(certificate, { ...issued, isRevoked: true });
      this.#valid.set(issued.member, (this.#valid.get(issued.member) ?? 1) - 1);
    }
    refuseUnless(issued !== undefined, 'BAD_RECORD', 'it was not issued before');
    refuseUnless(
      issued.member === member && issued.notAfter === notAfter,
      'BAD_RECORD',
      'it was issued to another member, or for another time',
    );
  }
}
