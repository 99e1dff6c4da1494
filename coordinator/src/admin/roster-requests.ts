// What the operator asks about the roster: to show it, and to propose the admitted sites as its next version.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { Refusal, toHex, type Member as RosterMember } from '@blindsum/proto';
import type { Member, MemberStore } from '../member-store.ts';
import type { RosterDriver } from '../roster-driver.ts';
import { rosterStatus } from '../roster-status.ts';
import { addAction, type ActionShell } from '../administration/actions.ts';
import { parseBody } from './json-body.ts';

export interface RosterRequestShell extends ActionShell {
  readonly log: Logger;
  readonly proposing: {
    readonly federation: string;
    readonly members: Pick<MemberStore, 'list'>;
    readonly rosters: Pick<RosterDriver, 'chain' | 'propose'>;
  };
}

const proposeFormat = z.strictObject({ replace: z.boolean().default(false) });
/** Alone, nobody can be added up with anybody. */
const LEAST_MEMBERS = 2;

/** Adds the routes; each answers with the roster as it has become. */
export function addRosterRequests(app: FastifyInstance, shell: RosterRequestShell): void {
  app.get('/roster', async () => rosterStatus(await shell.proposing.rosters.chain()));
  addAction<{ Body: Buffer }>(app, shell, {
    ...{ method: 'POST', path: '/roster', action: 'roster.propose' },
    subject: () => '',
    act: ({ body }) => propose(shell, body),
  });
}

async function propose({ log, proposing }: RosterRequestShell, body: Buffer) {
  const { federation, members, rosters } = proposing;
  const { replace } = parseBody(proposeFormat, body);
  const admitted = (await members.list()).filter(({ revoked }) => revoked === undefined).map(toRosterMember);
  if (admitted.length < LEAST_MEMBERS)
    throw new Refusal('CONFIG_INVALID', 'admit at least two sites before a roster is proposed');
  const proposed = await rosters.propose(federation, admitted, { replaces: replace });
  const { version, hash } = proposed ?? {};
  log.info({ event: 'roster.proposed', version, hash, sites: admitted.length });
  return rosterStatus(await rosters.chain());
}

function toRosterMember({ site, signingKey, sharingKey }: Member): RosterMember {
  return { site, signingKey: toHex(signingKey), sharingKey: toHex(sharingKey) };
}
