// Who may look at the local page. Other users of the machine reach the same port, so that an address alone lets nobody in: the
// agent makes a secret at each start, in a file that the site's user alone can read, and everything below is derived from it.
//
//   ticket    in the address that `status --page` prints; for minutes, and for one use: what remains in a list of processes, a
//             terminal or a browser's history opens nothing
//   session   in the path of the pages that the ticket leads to; for hours. Not a cookie: browsers send those of 127.0.0.1 to
//             every port of it, and so to whoever else listens there
//   bearer    the secret itself, for programs of the same user
import { createHmac, timingSafeEqual } from 'node:crypto';

const TICKET_MS = 5 * 60_000;
const SESSION_MS = 12 * 3_600_000;
/** Base64url of 16 and 32 bytes. */
const PASS = /^([1-9][0-9]{0,15})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;
const MAX_USED = 1_000;

type Purpose = 'ticket' | 'session';

/** A pass for one purpose, as it stands in an address. `nonce` is 16 random bytes. */
function createPass(secret: string, purpose: Purpose, expiresMs: number, nonce: Uint8Array): string {
  const about = `${expiresMs}.${Buffer.from(nonce).toString('base64url')}`;
  return `${about}.${macOf(secret, purpose, about)}`;
}

export function createTicket(secret: string, nowMs: number, nonce: Uint8Array): string {
  return createPass(secret, 'ticket', nowMs + TICKET_MS, nonce);
}

/** Lets in who has a pass of the secret. */
export class PageAccess {
  readonly #secret: string;
  readonly #nowMs: () => number;
  /** Tickets that were used, until they expire. */
  readonly #used = new Map<string, number>();

  constructor(secret: string, nowMs: () => number) {
    this.#secret = secret;
    this.#nowMs = nowMs;
  }

  /** A session for a ticket that nobody has used; undefined for any other text. */
  redeem(ticket: string, nonce: Uint8Array): string | undefined {
    const expiresMs = this.#expiryOf('ticket', ticket);
    if (expiresMs === undefined || this.#used.has(ticket)) return undefined;
    this.#forgetExpired();
    if (this.#used.size >= MAX_USED) return undefined;
    this.#used.set(ticket, expiresMs);
    return createPass(this.#secret, 'session', this.#nowMs() + SESSION_MS, nonce);
  }

  isSession(text: string): boolean {
    return this.#expiryOf('session', text) !== undefined;
  }

  /** `authorization` is the header of that name. */
  isBearer(authorization: string | undefined): boolean {
    return authorization !== undefined && isSame(authorization, `Bearer ${this.#secret}`);
  }

  #expiryOf(purpose: Purpose, text: string): number | undefined {
    const [, expires, nonce, mac] = PASS.exec(text) ?? [];
    if (expires === undefined) return undefined;
    const isGenuine = isSame(mac!, macOf(this.#secret, purpose, `${expires}.${nonce}`));
    return isGenuine && Number(expires) > this.#nowMs() ? Number(expires) : undefined;
  }

  #forgetExpired(): void {
    for (const [ticket, expiresMs] of this.#used) if (expiresMs <= this.#nowMs()) this.#used.delete(ticket);
  }
}

function macOf(secret: string, purpose: Purpose, about: string): string {
  return createHmac('sha256', secret).update(`blindsum/local-page/${purpose} ${about}`).digest('base64url');
}

/** In a time that depends on the lengths only. */
function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
