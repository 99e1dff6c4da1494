// A job driven by hand, step by step, for tests of the drivers.
import { memberOf, type JobId, type SiteId } from '@blindsum/proto';
import { JobChanges } from '../../coordinator/src/job-changes.ts';
import { createJobReader } from '../../coordinator/src/job-document.ts';
import type { JobView } from '../../coordinator/src/job-watch.ts';
import type { RoundId, StoredMessage } from '../../coordinator/src/ports.ts';
import type { World } from '../../coordinator/src/world.ts';
import { consentOf, owedMessage, withdrawalOf, type Misbehaviour } from './model-site.ts';
import { NO_UPLOADS, SimulatedWorld, type Outcome, type WorldPlan } from './simulated-world.ts';

export class SmallJob {
  readonly world: SimulatedWorld;
  readonly job: JobId;
  readonly #misbehaviours: readonly Misbehaviour[];

  constructor(
    plan: WorldPlan = { sites: 3 },
    misbehaviours: readonly Misbehaviour[] = [],
    { world, job }: { readonly world?: SimulatedWorld; readonly job?: JobId } = {},
  ) {
    this.world = world ?? new SimulatedWorld(plan);
    this.job = job ?? this.world.job;
    this.#misbehaviours = misbehaviours;
  }

  /** Another job at the same coordinator. */
  beside(name: string): SmallJob {
    return new SmallJob(undefined, this.#misbehaviours, { world: this.world, job: name as JobId });
  }

  get sites(): readonly SiteId[] {
    return this.world.sites;
  }

  site(index: number): SiteId {
    return this.sites[index] as SiteId;
  }

  /** What another coordinator process over the same stores works with. */
  newProcess(): World {
    const { world } = this;
    return {
      rounds: world.rounds,
      jobs: world.jobs,
      checkpoints: world.checkpoints,
      rosters: world.rosters,
      rosterReader: world.rosterReader,
      uploads: NO_UPLOADS,
      reader: createJobReader(world.jobs, world.rosterReader),
      log: world.log,
      revocations: world.revocations,
      aggregator: world.pending,
      clock: { nowMs: () => world.nowMs },
      limits: { maxRunningJobs: 4, maxOpenJobs: 100 },
      changes: new JobChanges(),
      coordinatorVersion: 'simulation',
      archiveNames: { write: () => Promise.resolve() },
      observe: () => {},
      crash: (error) => {
        throw error;
      },
    };
  }

  /** Submits the job; the sites consent. */
  async start(sites: readonly SiteId[] = this.sites): Promise<void> {
    await this.world.submitJob(this.job);
    for (const site of sites) await this.consent(site);
  }

  async consent(site: SiteId): Promise<Outcome> {
    return this.world.consent(site, consentOf(site, await this.world.document(this.job)), this.job);
  }

  async withdraw(site: SiteId, fromRound: number): Promise<Outcome> {
    const message = withdrawalOf(site, await this.world.document(this.job), fromRound);
    return this.world.asks(() => this.world.drivers.jobs.withdraw(this.job, site, message));
  }

  /** The operator revokes a member. */
  async revoke(site: SiteId): Promise<void> {
    await this.world.revocations.revoke(memberOf((await this.world.document(this.job)).roster, site));
  }

  async view(): Promise<JobView> {
    return this.world.drivers.watch.view(this.job);
  }

  async id(): Promise<RoundId> {
    const { round } = await this.view();
    if (!round) throw new Error('the job does not run');
    return round.id;
  }

  async phase(): Promise<string | undefined> {
    return (await this.view()).round?.round.phase;
  }

  /** What `site` owes now. */
  async owed(site: SiteId): Promise<StoredMessage> {
    const document = await this.world.document(this.job);
    const { sums } = this.world;
    const view = await this.view();
    const message = owedMessage(site, { view, document, sums, misbehaviours: this.#misbehaviours });
    if (!message) throw new Error(`${site} owes nothing`);
    return message;
  }

  /** The sites send what they owe. */
  async act(sites: readonly SiteId[] = this.sites): Promise<void> {
    for (const site of sites) await this.world.deliver(await this.owed(site), await this.id());
  }

  async finishSum(index = 0): Promise<void> {
    await this.world.asks(async () => this.world.pending.finish(index));
  }

  /** Plays the current round to its end. */
  async publish(sites: readonly SiteId[] = this.sites): Promise<void> {
    await this.act(sites);
    await this.finishSum();
    for (let step = 0; step < 4; step++) await this.act(sites);
  }

  async wait(milliseconds: number): Promise<void> {
    this.world.nowMs += milliseconds;
    await this.world.tick();
  }
}
