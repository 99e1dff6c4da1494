// The invariants of the log over all sites that follow it (PROTOCOL.md section 8, invariant 10).
import assert from 'node:assert/strict';
import type { KeptLog } from './kept-log.ts';
import type { SimulatedFederation } from './simulated-federation.ts';

export class LogInvariants {
  readonly #federation: SimulatedFederation;

  constructor(federation: SimulatedFederation) {
    this.#federation = federation;
  }

  /** What holds at any instant. */
  check(): void {
    for (const kept of this.#followers()) {
      kept.check();
      assert.ok(!kept.isStopped, `${kept.site} found something wrong with an honest log`);
    }
    for (const [a, b] of this.#inconsistent())
      assert.fail(`${a.site} and ${b.site} keep different trees of an honest log`);
  }

  /** Sites that keep trees of which none begins with the other. */
  #inconsistent(): (readonly [KeptLog, KeptLog])[] {
    const { trees } = this.#federation.coordinator;
    const followers = this.#followers();
    return followers.flatMap((a, i) =>
      followers
        .slice(i + 1)
        .filter((b) => a.head && b.head && !trees.areConsistent(a.head, b.head))
        .map((b) => [a, b] as const),
    );
  }

  #followers(): KeptLog[] {
    return this.#federation.sites.flatMap(({ kept }) => kept ?? []);
  }
}
