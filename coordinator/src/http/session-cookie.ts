// The cookies of a browser. `__Host-` makes the browser itself hold them to this host, to TLS and to the whole of it (RFC 6265bis).
import type { FastifyReply, FastifyRequest } from 'fastify';

const SESSION = '__Host-blindsum';
const SIGN_IN = '__Host-blindsum-sign-in';

// Lax: whoever comes back from the provider brings the cookie along. Requests that change something are checked for their origin.
const ATTRIBUTES = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const;

export function readSessionCookie({ cookies }: FastifyRequest): string | undefined {
  return cookies[SESSION];
}

export function setSessionCookie(reply: FastifyReply, secret: string, lifetimeMs: number): void {
  reply.setCookie(SESSION, secret, { ...ATTRIBUTES, maxAge: Math.floor(lifetimeMs / 1000) });
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.clearCookie(SESSION, ATTRIBUTES);
}

/** What ties a sign-in to the browser in which it began. */
export function readSignInCookie({ cookies }: FastifyRequest): string | undefined {
  return cookies[SIGN_IN];
}

export function setSignInCookie(reply: FastifyReply, secret: string, lifetimeMs: number): void {
  reply.setCookie(SIGN_IN, secret, { ...ATTRIBUTES, maxAge: Math.floor(lifetimeMs / 1000) });
}

export function clearSignInCookie(reply: FastifyReply): void {
  reply.clearCookie(SIGN_IN, ATTRIBUTES);
}
