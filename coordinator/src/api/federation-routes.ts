// The federation, and the overview of everything in it.
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import { latestRoster, type RosterChain } from '../roster-reader.ts';
import { about, overview, type StatusSource } from '../status.ts';
import { federationDocument, overviewDocument } from './documents/federation.ts';
import { addRead } from './read.ts';
import { shownLimits } from './shown-limits.ts';

export interface FederationShell {
  readonly status: StatusSource;
  readonly authorityFingerprint: string;
  readonly limits: Config['limits'];
  readonly rosters: { chain(): Promise<RosterChain> };
}

export function addFederationRoutes(app: FastifyInstance, shell: FederationShell): void {
  addRead(app, {
    ...{ name: 'getFederation', topic: 'federation', path: '/v1/federation', answer: federationDocument },
    summary: 'The federation: its coordinator, log, roster and limits',
    async read() {
      const adopted = latestRoster(await shell.rosters.chain())?.roster;
      return {
        ...(await about(shell.status)),
        authorityFingerprint: shell.authorityFingerprint,
        roster: adopted
          ? { version: adopted.version, members: adopted.members.map(({ site }) => site) }
          : null,
        limits: shownLimits(shell.limits),
      };
    },
  });
  addRead(app, {
    ...{ name: 'getStatus', topic: 'federation', path: '/v1/status', answer: overviewDocument },
    summary: 'Everything at a glance: log, disk, jobs, sites',
    read: () => overview(shell.status),
  });
}
