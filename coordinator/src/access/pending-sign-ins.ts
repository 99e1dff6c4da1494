// Sign-ins under way, each of one browser: what the provider's answer must fit. They live as long as the process, and not for long.
import type { Digest } from '@blindsum/proto';
import type { Clock } from '../ports.ts';
import { createSecret, hashSecret } from './secret-hash.ts';

export const SIGN_IN_MS = 10 * 60_000;
const MAX_PENDING = 1000;

/** As openid-client checks them. */
export interface Expected {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export class PendingSignIns {
  readonly #pending = new Map<Digest, Expected & { readonly endsMs: number }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns the secret for the browser's cookie. The oldest gives way when there are too many. */
  add(expected: Expected): string {
    const secret = createSecret();
    const [oldest] = this.#pending.keys();
    if (this.#pending.size >= MAX_PENDING && oldest !== undefined) this.#pending.delete(oldest);
    this.#pending.set(hashSecret(secret), { ...expected, endsMs: this.#clock.nowMs() + SIGN_IN_MS });
    return secret;
  }

  /** What the browser with that secret expects, once; undefined for none, or one that took too long. */
  take(secret: string): Expected | undefined {
    const hash = hashSecret(secret);
    const found = this.#pending.get(hash);
    this.#pending.delete(hash);
    return found && this.#clock.nowMs() < found.endsMs ? found : undefined;
  }
}
