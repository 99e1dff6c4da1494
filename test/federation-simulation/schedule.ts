// Plays a job in a simulated federation: a disturbance in which anything may happen, then a calm in which the job must come to
// its end.
import assert from 'node:assert/strict';
import { isEnded } from '../../coordinator/src/job-status.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { FederationInvariants } from './federation-invariants.ts';
import type { FederationPlan } from './federation-plan.ts';
import { SimulatedFederation } from './simulated-federation.ts';
import { FATES } from './simulated-network.ts';
import { areAllOver, areReceiptsThere, checkSiteEnds } from './site-ends.ts';

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
    /** That the operator pauses or resumes the job, and now and then cancels it. */
    readonly operate: number;
  };
}

/** Steps of calm within which a job must have ended. */
const CALM_STEPS = 6000;
/** The longest that the calm lets pass at once: coordinators look at their deadlines more often. */
const LONGEST_WAIT_MS = 1000;
/** What an operator asks for, as often as it is listed. */
const REQUESTS = ['pause', 'pause', 'pause', 'resume', 'resume', 'cancel'] as const;
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

/** The same with a log that lies: for some time, and then until everybody has seen the honest one. */
export async function playLie(plan: FederationPlan): Promise<SimulatedFederation> {
  const federation = new SimulatedFederation(plan);
  try {
    const schedule = new Schedule(federation);
    await federation.start();
    await schedule.lie();
    return federation;
  } finally {
    federation.close();
  }
}

/** How long a lie lasts, and how long the truth is shown after that: every site asks for the log twice in that time. */
const LIE_MS = 60_000;
const TRUTH_MS = 15_000;

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
      if (random.chance(chances.operate)) await this.#federation.operate(random.pick(REQUESTS));
      const { count } = agenda;
      if (count === 0 || random.chance(chances.wait)) await this.#federation.wait(this.#someTime(random));
      else await this.#federation.run(random.chance(chances.reorder) ? random.below(count) : 0);
      await this.#checkIfWritten();
    }
    network.decide = () => 'answered';
    this.#federation.bringBack();
  }

  /** Everyone does what it owes and everything arrives, until the job has ended. */
  async calm(): Promise<void> {
    const { agenda } = this.#federation;
    for (let step = 0; step < CALM_STEPS; step++) {
      if (agenda.count > 0) await this.#federation.run();
      else if (await this.#hasEnded()) return this.#end();
      else if (await this.#isPaused()) await this.#federation.operate('resume');
      else
        await this.#federation.wait(Math.max(1, Math.min(agenda.nextMs ?? LONGEST_WAIT_MS, LONGEST_WAIT_MS)));
      await this.#checkIfWritten();
    }
    assert.fail(`the job did not end: ${JSON.stringify(await this.#federation.status())}`);
  }

  async lie(): Promise<void> {
    await this.#pass(LIE_MS);
    this.#federation.coordinator.lie(undefined);
    await this.#pass(TRUTH_MS);
    this.#invariants.checkShownOne();
  }

  async #pass(milliseconds: number): Promise<void> {
    const { agenda } = this.#federation;
    const endMs = agenda.nowMs + milliseconds;
    while (agenda.nowMs < endMs || agenda.count > 0) {
      if (agenda.count > 0) await this.#federation.run();
      else
        await this.#federation.wait(Math.max(1, Math.min(agenda.nextMs ?? LONGEST_WAIT_MS, LONGEST_WAIT_MS)));
      await this.#checkIfWritten();
    }
  }

  #someTime(random: SeededRandom): number {
    if (random.chance(0.5)) return Math.max(1, Math.min(this.#federation.agenda.nextMs ?? 200, 3000));
    return 1 + random.below(random.chance(0.1) ? 60_000 : 2500);
  }

  async #hasEnded(): Promise<boolean> {
    const status = await this.#federation.status();
    const isOver = status !== undefined && isEnded(status) && (await areAllOver(this.#federation));
    return isOver && areReceiptsThere(this.#federation);
  }

  async #isPaused(): Promise<boolean> {
    return (await this.#federation.status())?.state === 'paused';
  }

  async #checkIfWritten(): Promise<void> {
    const { writes } = this.#federation.crashes;
    if (writes.length === this.#checked) return;
    const since = writes.slice(this.#checked);
    this.#checked = writes.length;
    await this.#invariants.checkSince(since);
  }

  async #end(): Promise<void> {
    const status = await this.#federation.status();
    await this.#invariants.checkEnd();
    this.#federation.reached.add(`job ${status!.state}`);
    await checkSiteEnds(this.#federation);
  }
}
