// What all pages share: who is signed in, what is known of the federation, and whether it still comes in.
import { batch, signal, type ReadonlySignal } from '@preact/signals';
import { answerOf, api, Problem } from '../api/api.ts';
import { followEvents, type Connection } from '../api/event-stream.ts';
import type { Scope, SessionDocument, SignInOptions } from '../model/documents.ts';
import { applyEvent, toLiveState, type LiveEvent, type LiveState } from '../model/live-state.ts';

/** `unknown` until the coordinator has said. */
export type SignedIn = SessionDocument | 'unknown' | 'nobody';
type Hears = (event: LiveEvent) => void;

const SCOPES: readonly Scope[] = ['operator', 'auditor', 'read'];
const TICK_MS = 1000;

export class ConsoleStore {
  readonly #session = signal<SignedIn>('unknown');
  readonly #live = signal<LiveState | undefined>(undefined);
  readonly #connection = signal<Connection>('connecting');
  readonly #nowMs = signal(Date.now());
  readonly #options = signal<SignInOptions | undefined>(undefined);
  readonly #problem = signal<Problem | undefined>(undefined);
  readonly #hearers = new Set<Hears>();
  /** Ends the following of events. */
  #following: AbortController | undefined;
  /** Events that came while everything was read anew. */
  #waiting: LiveEvent[] | undefined;
  /** The coordinator's clock less this one. */
  #aheadMs = 0;

  constructor() {
    setInterval(() => (this.#nowMs.value = Date.now() + this.#aheadMs), TICK_MS);
  }

  get session(): ReadonlySignal<SignedIn> {
    return this.#session;
  }

  /** How one may sign in; undefined until the coordinator has said. */
  get options(): ReadonlySignal<SignInOptions | undefined> {
    return this.#options;
  }

  /** Undefined until it was read. */
  get live(): ReadonlySignal<LiveState | undefined> {
    return this.#live;
  }

  get connection(): ReadonlySignal<Connection> {
    return this.#connection;
  }

  /** By the coordinator's clock, every second. */
  get nowMs(): ReadonlySignal<number> {
    return this.#nowMs;
  }

  /** Why the federation cannot be shown; undefined as long as it can. */
  get problem(): ReadonlySignal<Problem | undefined> {
    return this.#problem;
  }

  /** True if whoever is signed in may do what needs `scope`. */
  may(scope: Scope): boolean {
    const session = this.#session.value;
    return typeof session === 'object' && SCOPES.indexOf(session.scope) <= SCOPES.indexOf(scope);
  }

  /** Finds out who is signed in, and begins to listen. */
  async start(): Promise<void> {
    try {
      const options = await answerOf(api.GET('/v1/sign-in/options'));
      this.#options.value = options;
      if (!options.bringsSession) return this.#leave();
      this.#session.value = await answerOf(api.GET('/v1/session'));
      void this.#follow();
      await this.read();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Trades an API key for a session; throws a Problem for a wrong one. */
  async signIn(key: string): Promise<void> {
    await api.POST('/v1/session', { headers: { authorization: `Bearer ${key}` } });
    await this.start();
  }

  async signOut(): Promise<void> {
    await api.DELETE('/v1/session').catch((error: unknown) => this.#fail(error));
    this.#leave();
  }

  /** Calls `hears` with every event until the function that it returns is called. */
  listen(hears: Hears): () => void {
    this.#hearers.add(hears);
    return () => this.#hearers.delete(hears);
  }

  /** Reads everything anew; events that come meanwhile are applied to it. */
  async read(): Promise<void> {
    this.#waiting = [];
    try {
      const overview = await answerOf(api.GET('/v1/status'));
      const events = this.#waiting;
      batch(() => {
        this.#live.value = events.reduce(applyEvent, toLiveState(overview));
        this.#problem.value = undefined;
      });
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#waiting = undefined;
    }
  }

  async #follow(): Promise<void> {
    this.#following?.abort();
    const { signal } = (this.#following = new AbortController());
    try {
      await followEvents(signal, {
        onEvent: (event) => this.#hear(event),
        onConnection: (connection) => this.#connected(connection),
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  #connected(connection: Connection): void {
    const wasLost = this.#connection.value === 'lost';
    this.#connection.value = connection;
    // The stream may have begun anew, without what happened in between.
    if (connection === 'live' && wasLost) this.#hear({ id: '', type: 'reset', data: { atMs: 0 } });
  }

  #hear(event: LiveEvent): void {
    const { atMs } = event.data;
    if (atMs > 0) this.#aheadMs = atMs - Date.now();
    if (event.type === 'reset') void this.read();
    else if (this.#waiting) this.#waiting.push(event);
    else if (this.#live.value) this.#live.value = applyEvent(this.#live.value, event);
    for (const hears of this.#hearers) hears(event);
  }

  #fail(error: unknown): void {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 401) this.#leave();
    else this.#problem.value = error;
  }

  #leave(): void {
    this.#following?.abort();
    batch(() => {
      this.#session.value = 'nobody';
      this.#live.value = undefined;
      this.#problem.value = undefined;
      this.#connection.value = 'connecting';
    });
  }
}
