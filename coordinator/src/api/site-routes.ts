// Sites: who they are, what they do, what they contributed; to admit one by its request, and to revoke one.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { parseSiteRequest, utf8 } from '@blindsum/proto';
import { addAction, type ActionShell } from '../administration/actions.ts';
import { createGrant, type GrantTerms } from '../enrolment/grant.ts';
import type { Invitations } from '../enrolment/invitations.ts';
import type { SiteCertificates } from '../enrolment/site-certificates.ts';
import type { InvitationStore } from '../invitation-store.ts';
import type { Clock } from '../ports.ts';
import { contributionsOfSite, siteDetail } from '../site-history.ts';
import { listSites, type StatusSource } from '../status.ts';
import { pageQuery } from './documents/pages.ts';
import * as documents from './documents/site.ts';
import { siteParams } from './documents/values.ts';
import { textIn } from './json-body.ts';
import { toPage, toSortKey } from './page.ts';
import { addRead } from './read.ts';

export interface EnrolmentShell {
  readonly certificates: Pick<SiteCertificates, 'admit' | 'revoke'>;
  readonly invitations: Pick<Invitations, 'invite' | 'list' | 'revoke'>;
  /** Where a revoked site's invitations end with it. */
  readonly invitationStore: Pick<InvitationStore, 'revokeFor'>;
  readonly grant: GrantTerms;
  readonly clock: Clock;
}

export interface SiteShell extends ActionShell {
  readonly status: StatusSource;
  readonly enrolment: EnrolmentShell;
  readonly log: Logger;
}

export function addSiteRoutes(app: FastifyInstance, shell: SiteShell): void {
  addSiteReads(app, shell);
  addAction(app, shell, {
    ...{ name: 'admitSite', topic: 'sites', method: 'POST', path: '/v1/sites', action: 'site.admit' },
    summary: 'Admit a site by its request',
    ...{ body: documents.siteRequestBody, answer: documents.grantDocument },
    subject: ({ body }) => textIn(body, 'site'),
    async act({ body }) {
      const { certificates, grant } = shell.enrolment;
      const request = parseSiteRequest(utf8(JSON.stringify(body)));
      const certificate = await certificates.admit(request, { replaces: false });
      shell.log.info({ event: 'site.admitted', site: request.site });
      return createGrant(grant, request.site, certificate.pem);
    },
  });
  addAction(app, shell, {
    ...{ name: 'revokeSite', topic: 'sites', method: 'POST', action: 'site.revoke' },
    path: '/v1/sites/:site/revoke',
    summary: 'Revoke a site, with its certificates and invitations, from its next call on',
    ...{ params: siteParams, body: documents.revokeSiteBody, answer: documents.revokedSiteDocument },
    subject: ({ params }) => params['site'] ?? '',
    detail: ({ body }) => textIn(body, 'reason'),
    async act({ params: { site }, body: { reason } }) {
      const { certificates, invitationStore, clock } = shell.enrolment;
      // First: a token that was used once would otherwise let the site in again.
      await invitationStore.revokeFor(site, clock.nowMs());
      const { revoked } = await certificates.revoke(site, reason);
      if (!revoked) throw new Error(`${site} was revoked, and is not`);
      return { site, ...revoked };
    },
  });
}

function addSiteReads(app: FastifyInstance, { status }: Pick<SiteShell, 'status'>): void {
  addRead(app, {
    ...{ name: 'listSites', topic: 'sites', path: '/v1/sites', summary: 'Sites by name' },
    ...{ query: documents.sitesQuery, answer: documents.sitesDocument },
    async read({ query }) {
      const wanted = query.state?.split(',');
      const all = (await listSites(status)).filter((site) => wanted?.includes(stateOf(site)) ?? true);
      const { items: sites, next } = toPage(all, { keyOf: ({ site }) => site }, query);
      return { sites, next };
    },
  });
  addRead(app, {
    ...{ name: 'getSite', topic: 'sites', path: '/v1/sites/:site', summary: 'A site and its jobs' },
    ...{ params: siteParams, answer: documents.siteDetailDocument },
    read: ({ params }) => siteDetail(status, params.site),
  });
  addRead(app, {
    ...{ name: 'listContributions', topic: 'sites', path: '/v1/sites/:site/contributions' },
    summary: 'What a site contributed to rounds, and where it was left out; the latest first',
    ...{ params: siteParams, query: pageQuery, answer: documents.contributionsDocument },
    async read({ params, query }) {
      const { items: contributions, next } = toPage(
        await contributionsOfSite(status, params.site),
        {
          keyOf: ({ atMs, job, round, attempt }) => `${toSortKey(atMs)} ${job} ${toSortKey(round, attempt)}`,
          isNewestFirst: true,
        },
        query,
      );
      return { contributions, next };
    },
  });
}

function stateOf({ online, revoked }: Awaited<ReturnType<typeof listSites>>[number]) {
  if (revoked !== null) return 'revoked';
  return online ? 'online' : 'offline';
}
