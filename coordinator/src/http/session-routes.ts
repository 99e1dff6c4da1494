// A browser's session: signing in with an API key, who one is, signing out.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SESSION_MS, type Sessions } from '../access/sessions.ts';
import { addAction, type ActionShell } from '../administration/actions.ts';
import { sessionDocument, signedOutDocument } from '../api/documents/upkeep.ts';
import { addRead } from '../api/read.ts';
import type { Identity } from './guard.ts';
import { clearSessionCookie, setSessionCookie } from './session-cookie.ts';

export interface SessionShell extends ActionShell {
  readonly sessions: Pick<Sessions, 'create' | 'end'>;
}

export function addSessionRoutes(app: FastifyInstance, shell: SessionShell): void {
  const { sessions } = shell;
  const shared = { topic: 'administration', path: '/v1/session' } as const;
  addRead(app, {
    ...{ ...shared, name: 'getSession', summary: 'Who is signed in, and until when' },
    answer: sessionDocument,
    read: ({ request }) => toShown(identityOf(request)),
  });
  addAction(app, shell, {
    ...{ ...shared, name: 'signIn', method: 'POST', action: 'session.sign-in', answer: sessionDocument },
    // The cookie is.
    ...{ summary: 'Begin a session of a browser with an API key', answersSecret: true },
    async act({ request, reply }) {
      const identity = identityOf(request);
      // One that has a session keeps it: it cannot be prolonged from within.
      if (!identity.session)
        setSessionCookie(reply, await sessions.create(identity.caller.actor), SESSION_MS);
      return toShown(identity);
    },
  });
  addAction(app, shell, {
    ...{ ...shared, name: 'signOut', method: 'DELETE', action: 'session.sign-out' },
    ...{ summary: 'End the session', answer: signedOutDocument },
    async act({ request, reply }) {
      const { session } = identityOf(request);
      if (session) await sessions.end(session);
      clearSessionCookie(reply);
      return { signedOut: session !== undefined };
    },
  });
}

/** Of a request that the guard let through. */
export function identityOf({ identity }: Pick<FastifyRequest, 'identity'>): Identity {
  if (!identity) throw new Error('a public route does not know who calls it');
  return identity;
}

function toShown({ caller: { actor }, session }: Identity) {
  return { actor, scope: actor.scope, endsMs: session?.endsMs ?? null };
}
