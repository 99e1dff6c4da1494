// Plays a job in a simulated federation: a disturbance in which anything may happen, then a calm in which the job must come to
// its end.
import assert from 'node:assert/strict';
import { Refusal, type RefusalCode } from '@blindsum/proto';
import type { JobStatus } from '../../coordinator/src/ports.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { FederationInvariants } from './federation-invariants.ts';
import { SimulatedFederation, type FederationPlan } from './simulated-federation.ts';
import { FATES } from './simulated-network.ts';
import type { SimulatedSite } from './simulated-site.ts';

/** How a disturbed run goes. */
export interface Disturbance {
  readonly seed: number;
  readonly steps: number;
  /** Chances, each from 0 to 1: of a call, of a step, and of what is next. */
  readonly chances: {
    readonly loss: number;
    readonly siteCrash: number;
    readonly coordinatorCrash: number;
    readonly powerCut: number;
    readonly reorder: number;
    readonly wait: number;
  };
}

/** Steps of calm within which a job must have ended. */
const CALM_STEPS = 6000;
/** The longest that the calm lets pass at once: coordinators look at their deadlines more often. */
const LONGEST_WAIT_MS = 1000;
/** What becomes of a site that gets a sum wrong: its numbers make no sense, or the others have, or go on from, another model. */
const MISREADER_ENDS: ReadonlySet<RefusalCode> = new Set([
  'MALFORMED',
  'MODEL_DISAGREEMENT',
  'MODEL_MISMATCH',
]);

/** Plays the plan, checking the invariants whenever something was written. Returns the federation at its end, closed. */
export async function play(plan: FederationPlan, disturbance?: Disturbance): Promise<SimulatedFederation> {
  const federation = new SimulatedFederation(plan);
  try {
    const schedule = new Schedule(federation);
    await federation.start();
    if (disturbance) await schedule.disturb(disturbance);
    await schedule.calm();
    return federation;
  } catch (error) {
    if (error instanceof Error)
      error.message += `\nlast of the trace:\n${federation.agenda.trace.slice(-25).join('\n')}`;
    throw error;
  } finally {
    federation.close();
  }
}

class Schedule {
  readonly #federation: SimulatedFederation;
  readonly #invariants: FederationInvariants;
  #checked = 0;

  constructor(federation: SimulatedFederation) {
    this.#federation = federation;
    this.#invariants = new FederationInvariants(federation);
  }

  async disturb({ seed, steps, chances }: Disturbance): Promise<void> {
    const { network, coordinator, sites, agenda } = this.#federation;
    const random = new SeededRandom(seed);
    network.decide = () => (random.chance(chances.loss) ? random.pick(FATES) : 'answered');
    for (let step = 0; step < steps; step++) {
      if (random.chance(chances.siteCrash))
        random.pick(sites).crash({ when: 'before', power: random.chance(chances.powerCut) });
      if (coordinator.isUp && random.chance(chances.coordinatorCrash))
        await this.#federation.crashCoordinator();
      const { count } = agenda;
      if (count === 0 || random.chance(chances.wait)) await this.#federation.wait(this.#someTime(random));
      else await this.#federation.run(random.chance(chances.reorder) ? random.below(count) : 0);
      await this.#checkIfWritten();
    }
    network.decide = () => 'answered';
  }

  /** Everyone does what it owes and everything arrives, until the job has ended. */
  async calm(): Promise<void> {
    const { agenda } = this.#federation;
    this.#federation.bringBack();
    for (let step = 0; step < CALM_STEPS; step++) {
      if (agenda.count > 0) await this.#federation.run();
      else if (await this.#hasEnded()) return this.#end();
      else
        await this.#federation.wait(Math.max(1, Math.min(agenda.nextMs ?? LONGEST_WAIT_MS, LONGEST_WAIT_MS)));
      await this.#checkIfWritten();
    }
    assert.fail(`the job did not end: ${JSON.stringify(await this.#federation.status())}`);
  }

  #someTime(random: SeededRandom): number {
    if (random.chance(0.5)) return Math.max(1, Math.min(this.#federation.agenda.nextMs ?? 200, 3000));
    return 1 + random.below(random.chance(0.1) ? 60_000 : 2500);
  }

  async #hasEnded(): Promise<boolean> {
    const status = await this.#federation.status();
    const isOver = status?.state === 'finished' || status?.state === 'failed';
    return isOver && this.#federation.sites.every((site) => site.end !== undefined || site.isAway);
  }

  async #checkIfWritten(): Promise<void> {
    const { writes } = this.#federation.crashes;
    if (writes.length === this.#checked) return;
    const since = writes.slice(this.#checked);
    this.#checked = writes.length;
    await this.#invariants.checkSince(since);
  }

  async #end(): Promise<void> {
    const { reached, sites } = this.#federation;
    const status = await this.#federation.status();
    await this.#invariants.checkEnd();
    reached.add(`job ${status!.state}`);
    for (const site of sites) {
      const { end, isAway } = site;
      if (end instanceof Refusal) this.#checkRefusal(site, end);
      else if (end) this.#checkEndOf(end, status!);
      else assert.ok(isAway);
    }
  }

  /** Nobody has to give up a job but a site that gets its sums wrong. */
  #checkRefusal({ identity: { site, index } }: SimulatedSite, refusal: Refusal): void {
    const { mischief = [] } = this.#federation.plan;
    const isMisreader = mischief.some((one) => one.site === index && one.what === 'misreads the sum');
    assert.ok(isMisreader && MISREADER_ENDS.has(refusal.code), `${site} gave up: ${refusal.message}`);
    this.#federation.reached.add(`site refused: ${refusal.code}`);
  }

  /** 6: who finishes has the model of the job, or knows that it has not. */
  #checkEndOf(
    end: { readonly kind: string; readonly modelHash?: string | undefined },
    status: JobStatus,
  ): void {
    assert.equal(end.kind, status.state === 'finished' ? 'finished' : 'stopped');
    if (end.kind !== 'finished' || status.state !== 'finished') return;
    if (end.modelHash !== undefined)
      return assert.equal(end.modelHash, status.modelHash, 'invariant 6: a site holds another model');
    // Whoever was asked to seal it may never come back.
    const { absences = [] } = this.#federation.plan;
    assert.ok(
      absences.some(({ returns }) => !returns),
      'a site finished without the last model',
    );
    this.#federation.reached.add('site finished without the last model');
  }
}
