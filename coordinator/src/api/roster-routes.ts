// The roster: to show it, and to propose the admitted sites as its next version.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Refusal, toHex, type Member as RosterMember } from '@blindsum/proto';
import { addAction, type ActionShell } from '../administration/actions.ts';
import type { Member, MemberStore } from '../member-store.ts';
import type { RosterDriver } from '../roster-driver.ts';
import { rosterStatus } from '../roster-status.ts';
import { nextRosterDocument, proposeBody, rosterDocument } from './documents/roster.ts';
import { addRead } from './read.ts';
import { currentRoster, type Submission } from './submission.ts';

export interface RosterShell extends ActionShell {
  readonly log: Logger;
  readonly proposing: {
    readonly federation: string;
    readonly members: Pick<MemberStore, 'list'>;
    readonly rosters: Pick<RosterDriver, 'chain' | 'propose'>;
  };
  readonly submission: Pick<Submission, 'rosters'>;
}

/** Alone, nobody can be added up with anybody. */
const LEAST_MEMBERS = 2;

export function addRosterRoutes(app: FastifyInstance, shell: RosterShell): void {
  addRead(app, {
    ...{ name: 'getRoster', topic: 'sites', path: '/v1/roster', answer: rosterDocument },
    summary: 'The latest roster, and what the proposed one changes and waits for',
    read: async () => rosterStatus(await shell.proposing.rosters.chain()),
  });
  addRead(app, {
    ...{ name: 'getNextRoster', topic: 'sites', path: '/v1/roster/next', answer: nextRosterDocument },
    summary: 'The roster of the next job, with the keys of its members',
    read: () => currentRoster(shell.submission),
  });
  addAction(app, shell, {
    ...{
      name: 'proposeRoster',
      topic: 'sites',
      method: 'POST',
      path: '/v1/roster',
      action: 'roster.propose',
    },
    summary: 'Propose the sites that are admitted as the next version',
    ...{ body: proposeBody, answer: rosterDocument },
    act: ({ body }) => propose(shell, body.replace),
  });
}

async function propose({ log, proposing }: RosterShell, replaces: boolean) {
  const { federation, members, rosters } = proposing;
  const admitted = (await members.list()).filter(({ revoked }) => revoked === undefined).map(toRosterMember);
  if (admitted.length < LEAST_MEMBERS)
    throw new Refusal('CONFIG_INVALID', 'admit at least two sites before a roster is proposed');
  const proposed = await rosters.propose(federation, admitted, { replaces });
  const { version, hash } = proposed ?? {};
  log.info({ event: 'roster.proposed', version, hash, sites: admitted.length });
  return rosterStatus(await rosters.chain());
}

function toRosterMember({ site, signingKey, sharingKey }: Member): RosterMember {
  return { site, signingKey: toHex(signingKey), sharingKey: toHex(sharingKey) };
}
