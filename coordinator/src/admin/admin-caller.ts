// Who is at the other end of the admin socket. The file's mode lets in its owner (and root) alone, and says no more than that; which
// user gave the command is what the command says. The kernel knows the process at the other end (SO_PEERCRED), but Node has no call
// for that, and native code would be one more thing to trust.
import { userInfo } from 'node:os';
import type { FastifyRequest } from 'fastify';
import { toTrailText } from '@blindsum/proto';
import type { Caller } from '../audit-trail.ts';

export const USER_HEADER = 'x-blindsum-user';
const MAX_USER = 100;

/** The caller of a request over the socket. */
export function toAdminCaller({ headers }: Pick<FastifyRequest, 'headers'>): Caller {
  const [named] = [headers[USER_HEADER]].flat();
  const user = toTrailText(decodeName(named ?? ''), MAX_USER) || processUser();
  return { actor: { kind: 'local', user, claimed: true }, from: 'admin.sock' };
}

/** Who gives a command: the user, and who that was before sudo. */
export function commandUser(environment: NodeJS.ProcessEnv = process.env): string {
  const { SUDO_USER: before } = environment;
  const user = processUser();
  return before === undefined || before === user ? user : `${before} as ${user}`;
}

/** As a header may hold it. */
export function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** A container may run as a user that has no name. */
function processUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
