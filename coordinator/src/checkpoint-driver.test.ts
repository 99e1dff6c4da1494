import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest, SiteId } from '@blindsum/proto';
import { SmallJob } from '../../test/simulation/small-job.ts';
import { createDrivers, type Drivers } from './drivers.ts';
import type { RoundId } from './ports.ts';
import { withOffer, type CheckpointRequest } from './round/checkpoint-request.ts';
import type { UploadTarget } from './uploads/upload-target.ts';

/** Four sites of which the last is away while round 0 is published, and what was uploaded. */
class PartialJob {
  readonly job = new SmallJob({ sites: 4 });
  readonly uploaded = new Map<string, number>();
  readonly discarded: string[] = [];
  drivers: Drivers = this.#createDrivers();

  async start(): Promise<this> {
    await this.job.start();
    await this.publishWithout(this.job.site(3));
    return this;
  }

  /** Plays the round; the time for whoever is away runs out in each phase. */
  async publishWithout(...away: readonly SiteId[]): Promise<void> {
    const { round } = await this.job.id();
    for (let step = 0; step < 40 && (await this.job.view()).round?.id.round === round; step++) {
      const view = await this.job.view();
      if (view.job.status.state !== 'running') return;
      for (const site of this.job.sites.filter((one) => !away.includes(one))) await this.#act(site);
      if (this.job.world.pending.count > 0) await this.job.finishSum();
      await this.job.wait(5_000);
    }
  }

  async request(): Promise<CheckpointRequest | undefined> {
    return (await this.drivers.watch.view(this.job.world.job)).checkpoint?.request;
  }

  async offer(sealer: SiteId): Promise<void> {
    const request = (await this.request())!;
    const { round, attempt, modelHash: root } = request;
    const id = { job: this.job.world.job, round, attempt };
    const offer = { sealer, root, digest: root, payload: 'e30=', signature: 'ab' };
    await this.drivers.checkpoints.change(id, (before) => withOffer(before, offer));
  }

  /** A new process over the same stores. */
  restart(): void {
    this.drivers = this.#createDrivers();
  }

  async #act(site: SiteId): Promise<void> {
    const message = await this.job.owed(site).catch(() => undefined);
    if (message) await this.job.world.deliver(message, await this.job.id());
  }

  #createDrivers(): Drivers {
    const keyOf = ({ id, owner }: UploadTarget) => `${id.round}/${owner}`;
    return createDrivers({
      ...this.job.newProcess(),
      uploads: {
        status: async (target) => this.uploaded.get(keyOf(target)) ?? 0,
        discard: async (target) => void this.discarded.push(keyOf(target)),
      },
    });
  }
}

test('a checkpoint is wanted once a site has missed a round, and sites are told who is asked', async () => {
  const partial = await new PartialJob().start();
  const before = await partial.job.world.drivers.watch.view(partial.job.world.job);
  assert.equal(before.round?.id.round, 1);
  const request = await partial.request();
  assert.deepEqual(request?.attesters, partial.job.sites.slice(0, 3));
  assert.equal(request.asked?.site, partial.job.site(0));
  assert.equal(request.modelHash, before.round.round.rules.baseModelHash);
});

test('nothing is wanted of a round that all sites attested', async () => {
  const partial = new PartialJob();
  await partial.job.start();
  await partial.publishWithout();
  assert.equal((await partial.job.id()).round, 1);
  assert.equal(await partial.request(), undefined);
});

test('whoever waits is told when another site is asked, by a tick alone', async () => {
  const partial = await new PartialJob().start();
  const { job, drivers } = { ...partial, job: partial.job.world.job };
  const { version } = await drivers.watch.view(job);
  partial.job.world.nowMs += 30_000;
  await drivers.ticker.tick();
  const after = await drivers.watch.view(job);
  assert.ok(after.version > version);
  assert.equal(after.checkpoint?.request.asked?.site, partial.job.site(1));
});

test('a site whose upload makes progress keeps its turn', async () => {
  const partial = await new PartialJob().start();
  await partial.request();
  partial.uploaded.set(`0/${partial.job.site(0)}`, 1 << 20);
  partial.job.world.nowMs += 30_000;
  assert.equal((await partial.request())?.asked?.site, partial.job.site(0));
});

test('a restart keeps the request, its offers and its version', async () => {
  const partial = await new PartialJob().start();
  await partial.request();
  await partial.offer(partial.job.site(0));
  const before = await partial.drivers.watch.view(partial.job.world.job);
  assert.equal(before.checkpoint?.request.offers.length, 1);
  partial.restart();
  assert.deepEqual(await partial.drivers.watch.view(partial.job.world.job), before);
});

test('the checkpoint of an earlier round is removed once a later one is published, also after a crash', async () => {
  const partial = await new PartialJob().start();
  await partial.request();
  await partial.offer(partial.job.site(0));
  await partial.publishWithout(partial.job.site(3));
  assert.equal((await partial.job.id()).round, 2);
  const { checkpoints } = partial.job.world;
  const stale = await checkpoints.load(partial.job.world.job);
  // The process ends after the write and before the removal.
  const retired = {
    round: 0,
    attempt: 1,
    sealers: stale!.request.attesters,
    sealedFor: stale!.request.sealedFor,
  };
  await checkpoints.replace(partial.job.world.job, stale, { request: stale!.request, retired });
  partial.discarded.length = 0;
  partial.restart();
  const request = await partial.request();
  assert.equal(request?.round, 1);
  const removed = partial.job.sites.slice(0, 3).map((site) => `0/${site}`);
  assert.deepEqual(partial.discarded.toSorted(), removed);
  assert.equal((await checkpoints.load(partial.job.world.job))?.retired, undefined);
});

test('whoever looked at the job before its round was published does not take back what is asked since', async () => {
  const partial = await new PartialJob().start();
  const old = await partial.drivers.watch.view(partial.job.world.job);
  await partial.publishWithout(partial.job.site(3));
  const request = await partial.request();
  assert.equal(request?.round, 1);
  const now = await partial.drivers.checkpoints.progress(old.job, old.round);
  assert.deepEqual(now?.request, request);
});

test('what is said about another round than the latest changes nothing', async () => {
  const partial = await new PartialJob().start();
  await partial.request();
  const id: RoundId = { job: partial.job.world.job, round: 1, attempt: 1 };
  const offer = { sealer: partial.job.site(0), root: 'ab' as Digest, digest: 'ab' as Digest };
  const message = { payload: '', signature: '' };
  assert.equal(
    await partial.drivers.checkpoints.change(id, (request) => withOffer(request, { ...offer, ...message })),
    undefined,
  );
  assert.equal(await partial.drivers.checkpoints.about(id), undefined);
});

test('after the end of a job its last model is asked for', async () => {
  const partial = await new PartialJob().start();
  for (let round = 1; round <= 2; round++) await partial.publishWithout(partial.job.site(3));
  const view = await partial.drivers.watch.view(partial.job.world.job);
  assert.equal(view.job.status.state, 'finished');
  assert.equal(view.checkpoint?.request.round, 2);
  assert.equal(view.checkpoint.request.asked?.site, partial.job.site(2));
});
