// Sessions of browsers: an opaque secret in a cookie, its hash here, and two ends: some time after the last use, and some time after
// signing in whatever happens. Who signed in with an API key is signed out when the key ends.
import { Refusal, type TrailActor } from '@blindsum/proto';
import type { Clock } from '../ports.ts';
import type { ApiKeys } from './api-keys.ts';
import { noteUse } from './note-use.ts';
import { createSecret, hashSecret } from './secret-hash.ts';
import type { Session, SessionStore } from './session-store.ts';

export const SESSION_MS = 12 * 3_600_000;
export const IDLE_MS = 30 * 60_000;
const USE_MS = 60_000;
const SECRET = /^[0-9a-f]{64}$/;

export interface SessionRules {
  readonly store: SessionStore;
  readonly keys: Pick<ApiKeys, 'load' | 'verifyGood'>;
  readonly clock: Clock;
  /** The OpenID provider that is believed now; undefined for none. */
  readonly issuer: string | undefined;
}

export class Sessions {
  readonly #rules: SessionRules;

  constructor(rules: SessionRules) {
    this.#rules = rules;
  }

  /** Returns the secret for the cookie. */
  async create(actor: Session['actor']): Promise<string> {
    const { store, clock } = this.#rules;
    const nowMs = clock.nowMs();
    await store.removeBefore({ endsMs: nowMs, lastUsedMs: nowMs - IDLE_MS });
    const secret = createSecret();
    const times = { createdMs: nowMs, endsMs: nowMs + SESSION_MS, lastUsedMs: nowMs };
    await store.create({ hash: hashSecret(secret), actor, ...times });
    return secret;
  }

  /** Refuses UNAUTHENTICATED for what is no session, or one that has ended. */
  async open(secret: string): Promise<Session> {
    const { store, clock } = this.#rules;
    const session = SECRET.test(secret) ? await store.load(hashSecret(secret)) : undefined;
    const nowMs = clock.nowMs();
    if (!session || nowMs >= session.endsMs || nowMs >= session.lastUsedMs + IDLE_MS) throw ended();
    await this.#verifyActor(session.actor);
    if (nowMs - session.lastUsedMs >= USE_MS) await noteUse(() => store.used(session.hash, nowMs));
    return session;
  }

  /** Ends it at once. */
  async end({ hash }: Session): Promise<void> {
    await this.#rules.store.remove(hash);
  }

  async #verifyActor(actor: Session['actor']): Promise<void> {
    const { keys, issuer } = this.#rules;
    if (actor.kind === 'key') keys.verifyGood(await keys.load(actor.key));
    else if (actor.issuer !== issuer) throw ended();
  }
}

/** Of an actor who has one. */
export function scopeOfActor(actor: TrailActor) {
  return actor.kind === 'key' || actor.kind === 'person' ? actor.scope : undefined;
}

function ended(): Refusal {
  return new Refusal('UNAUTHENTICATED', 'the session has ended: sign in again');
}
