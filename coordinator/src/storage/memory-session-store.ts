// Sessions in memory, for tests.
import type { Digest } from '@blindsum/proto';
import type { Session, SessionStore } from '../access/session-store.ts';

/** SessionStore without durability. */
export class MemorySessionStore implements SessionStore {
  readonly #sessions = new Map<Digest, Session>();

  async create(session: Session): Promise<void> {
    this.#sessions.set(session.hash, structuredClone(session));
  }

  async load(hash: Digest): Promise<Session | undefined> {
    return this.#sessions.get(hash);
  }

  async used(hash: Digest, atMs: number): Promise<void> {
    const session = this.#sessions.get(hash);
    if (session) this.#sessions.set(hash, { ...session, lastUsedMs: Math.max(session.lastUsedMs, atMs) });
  }

  async remove(hash: Digest): Promise<boolean> {
    return this.#sessions.delete(hash);
  }

  async removeBefore(limits: { endsMs: number; lastUsedMs: number }): Promise<void> {
    for (const { hash, endsMs, lastUsedMs } of this.#sessions.values())
      if (endsMs <= limits.endsMs || lastUsedMs <= limits.lastUsedMs) this.#sessions.delete(hash);
  }
}
