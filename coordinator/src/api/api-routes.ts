// The admin API: the same routes over HTTPS and over the admin socket.
import type { FastifyInstance } from 'fastify';
import { addEventRoute, type EventShell } from './event-routes.ts';
import { addFederationRoutes, type FederationShell } from './federation-routes.ts';
import { addInvitationRoutes } from './invitation-routes.ts';
import { addJobRoutes, type JobShell } from './job-routes.ts';
import { addKeyRoutes, type KeyShell } from './key-routes.ts';
import { addReleaseRoutes, type ReleaseShell } from './release-routes.ts';
import { addRosterRoutes, type RosterShell } from './roster-routes.ts';
import { addRoundRoutes, type RoundShell } from './round-routes.ts';
import { addSiteRoutes, type SiteShell } from './site-routes.ts';
import { addTrailRoutes, type TrailShell } from './trail-routes.ts';
import { addUpkeepRoutes, type UpkeepShell } from './upkeep-routes.ts';
import { addValidationRoute, type ValidationShell } from './validation-routes.ts';

/** What the routes do their work with; who calls is the server's to say. */
export type ApiShell = FederationShell &
  SiteShell &
  RosterShell &
  JobShell &
  ValidationShell &
  RoundShell &
  ReleaseShell &
  KeyShell &
  TrailShell &
  UpkeepShell &
  EventShell;

/** `app` uses strict formats (strict-formats.ts). */
export function addApiRoutes(app: FastifyInstance, shell: ApiShell): void {
  addFederationRoutes(app, shell);
  addSiteRoutes(app, shell);
  addInvitationRoutes(app, shell);
  addRosterRoutes(app, shell);
  addJobRoutes(app, shell);
  addValidationRoute(app, shell);
  addRoundRoutes(app, shell);
  addReleaseRoutes(app, shell);
  addKeyRoutes(app, shell);
  addTrailRoutes(app, shell);
  addUpkeepRoutes(app, shell);
  addEventRoute(app, shell);
}
