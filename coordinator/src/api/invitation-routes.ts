// Invitations: one-time tokens by which a site is admitted.
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { addAction } from '../administration/actions.ts';
import type { StoredInvitation } from '../invitation-store.ts';
import { pageQuery } from './documents/pages.ts';
import * as documents from './documents/site.ts';
import { invitationParams } from './documents/values.ts';
import { textIn } from './json-body.ts';
import { toPage, toSortKey } from './page.ts';
import { addRead } from './read.ts';
import type { SiteShell } from './site-routes.ts';

export function addInvitationRoutes(app: FastifyInstance, shell: SiteShell): void {
  addRead(app, {
    ...{ name: 'listInvitations', topic: 'sites', path: '/v1/invitations' },
    summary: 'Invitations, the oldest first',
    ...{ query: pageQuery, answer: documents.invitationsDocument },
    async read({ query }) {
      const { invitations, clock } = shell.enrolment;
      const keyOf = ({ createdMs, id }: StoredInvitation) => toSortKey(createdMs, id);
      const { items, next } = toPage(await invitations.list(), { keyOf }, query);
      return { invitations: items.map((invitation) => describe(invitation, clock.nowMs())), next };
    },
  });
  addAction(app, shell, {
    ...{ name: 'inviteSite', topic: 'sites', method: 'POST', path: '/v1/invitations', action: 'site.invite' },
    summary: 'Invite a site: the answer holds the only copy of its token',
    ...{ body: documents.inviteBody, answer: documents.invitedDocument, answersSecret: true },
    subject: ({ body }) => textIn(body, 'site'),
    act: async ({ body }) => ({ site: body.site, ...(await shell.enrolment.invitations.invite(body)) }),
  });
  addAction(app, shell, {
    ...{ name: 'revokeInvitation', topic: 'sites', method: 'POST', action: 'invitation.revoke' },
    path: '/v1/invitations/:invitation/revoke',
    summary: 'End an invitation, used or not',
    ...{ params: invitationParams, answer: documents.invitationDocument },
    subject: ({ params }) => params['invitation'] ?? '',
    async act({ params }) {
      const { invitations, clock } = shell.enrolment;
      return describe(await invitations.revoke(params.invitation), clock.nowMs());
    },
  });
}

/** Without the digest of its secret, which helps nobody. */
function describe(invitation: StoredInvitation, nowMs: number) {
  const { id, site, createdMs, expiresMs, replaces, usedMs = null } = invitation;
  return { id, site, createdMs, expiresMs, replaces, usedMs, state: stateOf(invitation, nowMs) };
}

type State = z.output<typeof documents.invitationDocument>['state'];

function stateOf({ revokedMs, usedMs, expiresMs }: StoredInvitation, nowMs: number): State {
  if (revokedMs !== undefined) return 'revoked';
  if (usedMs !== undefined) return 'used';
  return expiresMs <= nowMs ? 'expired' : 'open';
}
