// What the operator asks of sites: admit one by its request, invite one, revoke one.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { parseInvitationId, parseSiteId, parseSiteRequest, siteIdSchema } from '@blindsum/proto';
import { REVOCATION_REASONS } from '@blindsum/proto/tlog';
import { addAction, type ActionShell } from '../administration/actions.ts';
import { createGrant, type GrantTerms } from '../enrolment/grant.ts';
import type { Invitations } from '../enrolment/invitations.ts';
import type { SiteCertificates } from '../enrolment/site-certificates.ts';
import type { InvitationStore, StoredInvitation } from '../invitation-store.ts';
import type { Clock } from '../ports.ts';
import { parseBody, textIn } from './json-body.ts';

export interface EnrolmentShell {
  readonly certificates: Pick<SiteCertificates, 'admit' | 'revoke'>;
  readonly invitations: Pick<Invitations, 'invite' | 'list' | 'revoke'>;
  /** Where a revoked site's invitations end with it. */
  readonly invitationStore: Pick<InvitationStore, 'revokeFor'>;
  readonly grant: GrantTerms;
  readonly clock: Clock;
}

const HOUR_MS = 3600 * 1000;
const MAX_LIFETIME_MS = 90 * 24 * HOUR_MS;

const invitationFormat = z.strictObject({
  site: siteIdSchema,
  lifetimeMs: z.int().min(1000).max(MAX_LIFETIME_MS),
  replaces: z.boolean(),
});
const revocationFormat = z.strictObject({ reason: z.enum(REVOCATION_REASONS) });
const nothingFormat = z.strictObject({});

type SiteParams = { Params: { site: string }; Body: Buffer };
type InvitationParams = { Params: { invitation: string }; Body: Buffer };

export interface EnrolmentRequestShell extends ActionShell {
  readonly enrolment: EnrolmentShell;
  readonly log: Logger;
}

/** Adds the routes. */
export function addEnrolmentRequests(app: FastifyInstance, shell: EnrolmentRequestShell): void {
  addSiteRequests(app, shell);
  addInvitationRequests(app, shell);
}

function addSiteRequests(app: FastifyInstance, shell: EnrolmentRequestShell): void {
  const { certificates, invitationStore, grant, clock } = shell.enrolment;
  addAction<{ Body: Buffer }>(app, shell, {
    ...{ method: 'POST', path: '/sites', action: 'site.admit' },
    subject: ({ body }) => textIn(body, 'site'),
    async act({ body }) {
      const request = parseSiteRequest(body);
      const certificate = await certificates.admit(request, { replaces: false });
      shell.log.info({ event: 'site.admitted', site: request.site });
      return createGrant(grant, request.site, certificate.pem);
    },
  });
  addAction<SiteParams>(app, shell, {
    ...{ method: 'POST', path: '/sites/:site/revoke', action: 'site.revoke' },
    subject: ({ params }) => params.site,
    detail: ({ body }) => textIn(body, 'reason'),
    async act({ params, body }) {
      const [site, { reason }] = [parseSiteId(params.site), parseBody(revocationFormat, body)];
      // First: a token that was used once would otherwise let the site in again.
      await invitationStore.revokeFor(site, clock.nowMs());
      const { revoked } = await certificates.revoke(site, reason);
      return { site, ...revoked };
    },
  });
}

function addInvitationRequests(app: FastifyInstance, shell: EnrolmentRequestShell): void {
  const { invitations, clock } = shell.enrolment;
  app.get('/invitations', async () => ({
    invitations: (await invitations.list()).map((invitation) => describe(invitation, clock.nowMs())),
  }));
  addAction<{ Body: Buffer }>(app, shell, {
    ...{ method: 'POST', path: '/invitations', action: 'site.invite' },
    subject: ({ body }) => textIn(body, 'site'),
    act: ({ body }) => invitations.invite(parseBody(invitationFormat, body)),
  });
  addAction<InvitationParams>(app, shell, {
    ...{ method: 'POST', path: '/invitations/:invitation/revoke', action: 'invitation.revoke' },
    subject: ({ params }) => params.invitation,
    async act({ params, body }) {
      parseBody(nothingFormat, body);
      return describe(await invitations.revoke(parseInvitationId(params.invitation)), clock.nowMs());
    },
  });
}

/** Without the digest of its secret, which helps nobody. */
function describe(invitation: StoredInvitation, nowMs: number) {
  const { id, site, createdMs, expiresMs, replaces, usedMs } = invitation;
  return {
    id,
    site,
    createdMs,
    expiresMs,
    replaces,
    usedMs: usedMs ?? null,
    state: stateOf(invitation, nowMs),
  };
}

function stateOf({ revokedMs, usedMs, expiresMs }: StoredInvitation, nowMs: number) {
  if (revokedMs !== undefined) return 'revoked';
  if (usedMs !== undefined) return 'used';
  return expiresMs > nowMs ? 'open' : 'expired';
}
