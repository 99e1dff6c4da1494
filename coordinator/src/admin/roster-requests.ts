// What the operator asks about the roster: to show it, and to propose the admitted sites as its next version.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { describeIssues, Refusal, toHex, type Member as RosterMember } from '@blindsum/proto';
import type { Member, MemberStore } from '../member-store.ts';
import type { RosterDriver } from '../roster-driver.ts';
import { rosterStatus } from '../roster-status.ts';
import { parseJson } from './json-body.ts';

export interface RosterRequestShell {
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
export function addRosterRequests(app: FastifyInstance, { log, proposing }: RosterRequestShell): void {
  const { federation, members, rosters } = proposing;
  app.get('/roster', async () => rosterStatus(await rosters.chain()));
  app.post<{ Body: Buffer }>('/roster', async ({ body }) => {
    const parsed = proposeFormat.safeParse(parseJson(body));
    if (!parsed.success) throw new Refusal('MALFORMED', describeIssues(parsed.error));
    const admitted = (await members.list()).map(toRosterMember);
    if (admitted.length < LEAST_MEMBERS)
      throw new Refusal('CONFIG_INVALID', 'admit at least two sites before a roster is proposed');
    const proposed = await rosters.propose(federation, admitted, { replaces: parsed.data.replace });
    const { version, hash } = proposed ?? {};
    log.info({ event: 'roster.proposed', version, hash, sites: admitted.length });
    return rosterStatus(await rosters.chain());
  });
}

function toRosterMember({ site, signingKey, sharingKey }: Member): RosterMember {
  return { site, signingKey: toHex(signingKey), sharingKey: toHex(sharingKey) };
}
