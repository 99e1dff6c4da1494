// Who waits for news: when all sites do, nothing more happens until the coordinator moves.
import { Refusal, type SiteId } from '@blindsum/proto';

interface Sleeper {
  readonly wake: () => void;
  readonly interrupt: (reason: Refusal) => void;
}

export class Waiting {
  readonly #present = new Set<SiteId>();
  readonly #sleepers = new Map<SiteId, Sleeper>();
  #quiet = Promise.withResolvers<void>();

  arrive(site: SiteId): void {
    this.#present.add(site);
  }

  leave(site: SiteId): void {
    this.#present.delete(site);
    this.#notice();
  }

  /** Resolves with the next news; rejects with UNAVAILABLE when the site is stopped. */
  async sleep(site: SiteId): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#sleepers.set(site, { wake: resolve, interrupt: reject });
    this.#notice();
    return promise;
  }

  wake(): void {
    const sleepers = [...this.#sleepers.values()];
    this.#sleepers.clear();
    for (const { wake } of sleepers) wake();
  }

  interrupt(site: SiteId): void {
    this.#sleepers.get(site)?.interrupt(new Refusal('UNAVAILABLE', 'the site is stopped'));
    this.#sleepers.delete(site);
  }

  /** Resolves once every site that is present sleeps. */
  async untilQuiet(): Promise<void> {
    this.#quiet = Promise.withResolvers();
    this.#notice();
    return this.#quiet.promise;
  }

  #notice(): void {
    if (this.#sleepers.size === this.#present.size) this.#quiet.resolve();
  }
}
