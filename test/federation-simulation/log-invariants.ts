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
    const { isLying, reached } = this.#federation;
    for (const kept of this.#followers()) {
      kept.check();
      assert.ok(isLying || !kept.isStopped, `${kept.site} found something wrong with an honest log`);
      if (kept.isStopped) reached.add('a site does not believe the log any more');
    }
    for (const [a, b] of this.#inconsistent()) {
      assert.ok(isLying, `${a.site} and ${b.site} keep different trees of an honest log`);
      reached.add('two sites keep different trees');
    }
  }

  /** Once all sites were shown one log: of two that keep different trees, one has refused. */
  checkShownOne(): void {
    for (const [a, b] of this.#inconsistent())
      assert.ok(a.isStopped || b.isStopped, `${a.site} and ${b.site} believe different trees`);
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
