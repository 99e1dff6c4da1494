// Signing in with an OpenID provider, in a browser: there, and back.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '@blindsum/proto';
import type { OpenIdSignIn, Person } from '../access/open-id-sign-in.ts';
import { SIGN_IN_MS } from '../access/pending-sign-ins.ts';
import { SESSION_MS, type Sessions } from '../access/sessions.ts';
import type { Administration } from '../administration/administration.ts';
import { signInOptionsDocument } from '../api/documents/upkeep.ts';
import { addRead } from '../api/read.ts';
import type { Caller } from '../audit-trail.ts';
import type { Clock } from '../ports.ts';
import { RefusalBudget } from './refusal-budget.ts';
import {
  clearSignInCookie,
  readSessionCookie,
  readSignInCookie,
  setSessionCookie,
  setSignInCookie,
} from './session-cookie.ts';

export interface SignInShell {
  /** Its name, for whoever is about to sign in. */
  readonly federation: string;
  /** Undefined: no provider is configured. */
  readonly openId: Pick<OpenIdSignIn, 'begin' | 'complete'> | undefined;
  readonly sessions: Pick<Sessions, 'create' | 'end'>;
  readonly administration: Pick<Administration, 'perform' | 'refused'>;
  readonly clock: Clock;
}

/** Where a browser goes once it is signed in. */
const SIGNED_IN = '/';
/** Of one address, in a minute. */
const LIMIT = { rateLimit: { max: 10, timeWindow: 60_000 } };

export function addSignIn(app: FastifyInstance, shell: SignInShell): void {
  const budget = new RefusalBudget(shell.clock);
  addSignInOptions(app, shell);
  app.get('/v1/sign-in', { config: LIMIT }, (request, reply) =>
    orTold({ request, reply }, async () => {
      const { location, secret } = await providerOf(shell).begin();
      setSignInCookie(reply, secret, SIGN_IN_MS);
      return reply.redirect(location, 303);
    }),
  );
  app.get('/v1/sign-in/callback', { config: LIMIT }, (request, reply) =>
    orTold({ request, reply }, async () => {
      clearSignInCookie(reply);
      const person = await recognise(shell, budget, request);
      await open(shell, { actor: person, from: request.ip }, reply);
      return reply.redirect(SIGNED_IN, 303);
    }),
  );
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/**
 * A person in front of a browser cannot do much with a problem document: the console says in words what a refusal means. It is told
 * the code alone, so that a link to it can put no words into its mouth.
 */
async function orTold(
  { request, reply }: Exchange,
  answer: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  try {
    return await answer();
  } catch (error) {
    const isPage = request.headers.accept?.includes('text/html') ?? false;
    if (!isPage || !(error instanceof Refusal)) throw error;
    return reply.redirect(`${SIGNED_IN}#/sign-in/${error.code}`, 303);
  }
}

/** For everybody: what a page that somebody signs in on must know. */
export function addSignInOptions(
  app: FastifyInstance,
  { federation, openId }: Pick<SignInShell, 'federation' | 'openId'>,
): void {
  addRead(app, {
    ...{ name: 'getSignInOptions', topic: 'administration', path: '/v1/sign-in/options' },
    summary: 'How one may sign in, and whether the browser already brings a session',
    answer: signInOptionsDocument,
    read: ({ request }) => ({
      ...{ federation, openId: openId !== undefined },
      bringsSession: readSessionCookie(request) !== undefined,
    }),
  });
}

function providerOf({ openId }: SignInShell) {
  if (!openId) throw new Refusal('NOT_FOUND', 'no OpenID provider is configured: use an API key');
  return openId;
}

async function recognise(
  shell: SignInShell,
  budget: RefusalBudget,
  request: FastifyRequest,
): Promise<Person> {
  const [, query = ''] = request.url.split('?', 2);
  try {
    return await providerOf(shell).complete(query, readSignInCookie(request));
  } catch (error) {
    const skipped = error instanceof Refusal && error.code !== 'NOT_FOUND' ? budget.take() : undefined;
    if (skipped !== undefined) {
      const detail = skipped === 0 ? '' : `${skipped} more were refused before, and not written down`;
      const stranger: Caller = { actor: { kind: 'stranger' }, from: request.ip };
      await shell.administration.refused(stranger, { action: 'session.sign-in', detail }, error as Refusal);
    }
    throw error;
  }
}

async function open(
  { administration, sessions }: SignInShell,
  caller: Caller & { readonly actor: Person },
  reply: FastifyReply,
): Promise<void> {
  const secret = await administration.perform(caller, { action: 'session.sign-in' }, () =>
    sessions.create(caller.actor),
  );
  setSessionCookie(reply, secret, SESSION_MS);
}
