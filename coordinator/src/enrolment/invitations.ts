// Enrolment by a one-time token: the operator invites a name, and whoever brings the token first is admitted under it.
import { createHash, randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import {
  encodeInvitation,
  Invitation,
  invitationDigest,
  INVITATION_SECRET_BYTES,
  Refusal,
  refuseUnless,
  toHex,
  type Bytes,
  type Digest,
  type SiteGrant,
  type SiteId,
  type SiteRequest,
} from '@blindsum/proto';
import { publicKeyOfRequest } from '../identity/certificate-request.ts';
import type { InvitationStore, StoredInvitation } from '../invitation-store.ts';
import type { MemberStore } from '../member-store.ts';
import type { Clock } from '../ports.ts';
import type { GrantTerms } from './grant.ts';
import { createGrant } from './grant.ts';
import type { SiteCertificates } from './site-certificates.ts';

export interface InvitationWorld {
  readonly invitations: InvitationStore;
  readonly members: Pick<MemberStore, 'load'>;
  readonly certificates: Pick<SiteCertificates, 'admit'>;
  readonly grant: GrantTerms;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface InvitationWish {
  readonly site: SiteId;
  readonly lifetimeMs: number;
  /** Whether the site may take the place of an admitted one. */
  readonly replaces: boolean;
}

/** What a site sends, once it knows whom it talks to. */
export interface EnrolmentRequest {
  readonly invitation: string;
  readonly secret: Bytes;
  readonly request: SiteRequest;
}

const ID_BYTES = 16;
const MAX_KEPT = 10_000;

export class Invitations {
  readonly #world: InvitationWorld;

  constructor(world: InvitationWorld) {
    this.#world = world;
  }

  /**
   * Makes an invitation; its token is told here and never again. Refuses CONFLICTING_SUBMISSION for the name of an admitted
   * site that it may not replace, and QUOTA_EXCEEDED beyond 10,000 invitations.
   */
  async invite({
    site,
    lifetimeMs,
    replaces,
  }: InvitationWish): Promise<{ token: string; id: string; expiresMs: number }> {
    const { invitations, members, clock, grant, log } = this.#world;
    const isAdmitted = (await members.load(site)) !== undefined;
    refuseUnless(
      replaces || !isAdmitted,
      'CONFLICTING_SUBMISSION',
      `${site} was admitted before; invite it with --replace if another machine or other keys are to take its place`,
    );
    const kept = await invitations.list();
    refuseUnless(kept.length < MAX_KEPT, 'QUOTA_EXCEEDED', `there are ${kept.length} invitations`);
    const [id, secret] = [randomBytes(ID_BYTES).toString('hex'), randomBytes(INVITATION_SECRET_BYTES)];
    const createdMs = clock.nowMs();
    const expiresMs = createdMs + lifetimeMs;
    await invitations.create({
      id,
      site,
      secretDigest: invitationDigest(secret),
      createdMs,
      expiresMs,
      replaces,
    });
    log.info({ event: 'invitation.created', site, invitation: id, expiresMs, replaces });
    const terms = {
      coordinator: grant.advertise(),
      authority: grant.authority.fingerprint.replaceAll(':', '').toLowerCase() as Digest,
      federation: grant.authority.federation,
      site,
      invitation: id,
    };
    return { token: encodeInvitation(new Invitation(terms, secret)), id, expiresMs };
  }

  list(): Promise<readonly StoredInvitation[]> {
    return this.#world.invitations.list();
  }

  /** It admits nobody any more. Refuses NOT_FOUND. */
  async revoke(id: string): Promise<StoredInvitation> {
    const revoked = await this.#world.invitations.revoke(id, this.#world.clock.nowMs());
    this.#world.log.info({ event: 'invitation.revoked', site: revoked.site, invitation: id });
    return revoked;
  }

  /**
   * Admits the site of an invitation. Refuses UNAUTHENTICATED whatever is wrong with the invitation, so that a stranger learns
   * nothing, and as SiteCertificates.admit what is wrong with the request.
   */
  async enrol({ invitation: id, secret, request }: EnrolmentRequest): Promise<SiteGrant> {
    const { invitations, certificates, clock, grant, log } = this.#world;
    // Before it is used up: what can be refused for its form costs nobody an invitation.
    const keys = keysDigest(request);
    const invitation = await invitations.redeem({
      ...{ id, keys, secretDigest: invitationDigest(secret) },
      nowMs: clock.nowMs(),
    });
    // The name is the invitation's; a request under another one is no request of whom the operator invited.
    if (invitation?.site !== request.site || request.federation !== grant.authority.federation) {
      log.warn({ event: 'invitation.refused', invitation: id });
      throw new Refusal(
        'UNAUTHENTICATED',
        'the invitation is unknown, was used or revoked, has expired, or is for another site: ask the operator for another',
      );
    }
    const certificate = await certificates.admit(request, invitation);
    log.info({ event: 'site.admitted', site: request.site, invitation: id });
    return createGrant(grant, request.site, certificate.pem);
  }
}

/** SHA-256 of the three public keys. */
function keysDigest({ signingKey, sharingKey, csr }: SiteRequest): Digest {
  const hash = createHash('sha256').update(`${signingKey}\n${sharingKey}\n${publicKeyOfRequest(csr)}`);
  return toHex(new Uint8Array(hash.digest())) as Digest;
}
