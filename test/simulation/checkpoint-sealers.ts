// Sites that seal the model of a published round for those that were away: here, the words about a checkpoint without its bytes.
import assert from 'node:assert/strict';
import { Refusal, refuseUnless, type SiteId } from '@blindsum/proto';
import type { JobView } from '../../coordinator/src/job-watch.ts';
import type { StoredCheckpoint } from '../../coordinator/src/ports.ts';
import { offerFor, withOffer, type CheckpointOffer } from '../../coordinator/src/round/checkpoint-request.ts';
import { hashOf } from './one-hot-sums.ts';
import type { SimulatedWorld } from './simulated-world.ts';

export interface CheckpointLetter {
  readonly kind: 'checkpoint';
  readonly request: StoredCheckpoint['request'];
  readonly offer: CheckpointOffer;
}

export class CheckpointSealers {
  readonly #world: SimulatedWorld;
  /** The request that was seen last, and the offers that were taken since it is about that round and that roster. */
  #latest: StoredCheckpoint['request'] | undefined;
  #taken: readonly CheckpointOffer[] = [];

  constructor(world: SimulatedWorld) {
    this.#world = world;
  }

  /** What a site that is asked sends. */
  owed(site: SiteId, { checkpoint, round }: JobView): CheckpointLetter | undefined {
    if (checkpoint === undefined) return undefined;
    const { request } = checkpoint;
    this.#check(request);
    const isNeeded = !request.attesters.includes(site);
    if (isNeeded && offerFor(request, site)) this.#noteGiven(request, round?.round.rules.sites ?? []);
    if (request.asked?.site !== site) return undefined;
    const root = hashOf(['checkpoint', site, request.context, request.sealedFor]);
    const offer = { sealer: site, root, digest: hashOf([root]), payload: '', signature: '' };
    return { kind: 'checkpoint', request, offer };
  }

  async deliver({ request, offer }: CheckpointLetter): Promise<void> {
    const { job, drivers, reached } = this.#world;
    const { round, attempt, sealedFor } = request;
    const outcome = await this.#world.asks(async () => {
      const stored = await drivers.checkpoints.change({ job, round, attempt }, (current) => {
        refuseUnless(current.sealedFor === sealedFor, 'WRONG_CONTEXT', 'sealed to another roster');
        return withOffer(current, offer);
      });
      if (!stored) throw new Refusal('WRONG_PHASE', 'no checkpoint of that round is wanted');
    });
    reached.add(`checkpoint ${outcome}`);
    if (outcome === 'accepted' && isSame(request, this.#latest)) this.#taken = [...this.#taken, offer];
  }

  /** 8: the request goes forwards only, and what was taken stays as long as it is about the same. */
  #check(request: StoredCheckpoint['request']): void {
    const before = this.#latest;
    if (before) assert.ok(request.round >= before.round, 'checkpoints of an earlier round are asked for');
    if (!isSame(request, before)) this.#taken = [];
    this.#latest = request;
    for (const { digest } of this.#taken)
      assert.ok(
        request.offers.some((offer) => offer.digest === digest),
        'invariant 8: a checkpoint was lost',
      );
  }

  #noteGiven(request: StoredCheckpoint['request'], sites: readonly SiteId[]): void {
    this.#world.reached.add('checkpoint for a site in need');
    if (sites.some((site) => !this.#world.sites.includes(site)) && request.rosterHash !== request.sealedFor)
      this.#world.reached.add('checkpoint sealed to a later roster');
  }
}

function isSame(a: StoredCheckpoint['request'], b: StoredCheckpoint['request'] | undefined): boolean {
  return a.round === b?.round && a.attempt === b.attempt && a.sealedFor === b.sealedFor;
}
