// Plays a job: sites that look and send, a network that loses, repeats and reorders, time, crashes; then a calm in which the
// job must come to its end.
import assert from 'node:assert/strict';
import type { SiteId } from '@blindsum/proto';
import { isEnded as isEndedStatus } from '../../coordinator/src/job-status.ts';
import type { JobView } from '../../coordinator/src/job-watch.ts';
import type { StoredMessage, StoredRound } from '../../coordinator/src/ports.ts';
import { ChangingMembers, type MemberChanges, type MemberLetter } from './changing-members.ts';
import { checkInvariants, checkPrivacy, checkView } from './invariants.ts';
import { CheckpointSealers, type CheckpointLetter } from './checkpoint-sealers.ts';
import { owedMessage, type Misbehaviour } from './model-site.ts';
import type { SeededRandom } from './seeded-random.ts';
import { settleMicrotasks, SimulatedWorld, type WorldPlan } from './simulated-world.ts';

export interface Plan extends WorldPlan, MemberChanges {
  readonly misbehaviours?: readonly Misbehaviour[];
  /** Sites that never consent. */
  readonly absent?: readonly number[];
  /** Which messages, counted from 1, never arrive. */
  readonly lost?: ReadonlySet<number>;
  /** Whether every message that was accepted is sent again at once. */
  readonly resends?: boolean;
  /** What the operator does before each step of calm, counted from 0. */
  readonly operate?: (world: SimulatedWorld, step: number) => Promise<void>;
}

/** How a disturbed run goes. */
export interface Disturbance {
  readonly steps: number;
  readonly random: SeededRandom;
  /** Chances of a message on its way, and of a crash in each step. */
  readonly chances: { readonly loss: number; readonly repeat: number; readonly crash: number };
}

type Letter =
  | MemberLetter
  | CheckpointLetter
  | {
      readonly kind: 'round';
      readonly round: number;
      readonly attempt: number;
      readonly message: StoredMessage;
    };

/** Steps of calm within which a job must have ended. */
const CALM_STEPS = 400;
/** Steps after which the operator gives up a job for which too few consent. */
const JOINING_STEPS = 100;

export class Schedule {
  readonly world: SimulatedWorld;
  readonly #plan: Plan;
  readonly #members: ChangingMembers;
  readonly #sealers: CheckpointSealers;
  #letters: Letter[] = [];
  #sent = 0;
  #lastVersion = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.world = new SimulatedWorld(plan);
    this.#members = new ChangingMembers(this.world, plan);
    this.#sealers = new CheckpointSealers(this.world);
  }

  /** Messages sent so far. */
  get sent(): number {
    return this.#sent;
  }

  async begin(): Promise<void> {
    await this.world.submitJob();
  }

  /** Everyone does what it owes and everything arrives, until the job has ended. */
  async calm(): Promise<JobView> {
    for (let step = 0; step < CALM_STEPS; step++) {
      const writes = this.world.faults.writes;
      await this.#plan.operate?.(this.world, step);
      await this.#members.propose();
      for (const site of this.world.everyone) await this.#look(site);
      while (this.#letters.length > 0) await this.#deliver(this.#letters.shift());
      while (this.world.pending.count > 0) await this.#finishSum(0);
      await this.world.tick();
      const view = await this.#view();
      if (view && isEnded(view)) return this.#end(view);
      if (view?.job.status.state === 'joining' && step > JOINING_STEPS) await this.#giveUp();
      // Nobody has anything to do but wait.
      if (view && this.world.faults.writes === writes) this.world.nowMs += 5000;
    }
    assert.fail(`the job did not end: ${JSON.stringify((await this.#view())?.round?.round)}`);
  }

  async #giveUp(): Promise<void> {
    const { control } = this.world.drivers;
    await this.world.asks(() => control.cancel(this.world.job, 'too few consent'));
  }

  async disturb({ steps, random, chances }: Disturbance): Promise<void> {
    for (let step = 0; step < steps; step++) {
      if (random.chance(chances.crash)) await this.world.restart();
      const writes = this.world.faults.writes;
      await this.#act(random, chances);
      if (this.world.faults.writes > writes) await checkInvariants(this.world);
    }
  }

  async #act(random: SeededRandom, chances: Disturbance['chances']): Promise<void> {
    const choice = random.below(100);
    await this.#members.propose();
    if (choice < 40) await this.#look(random.pick(this.world.everyone));
    else if (choice < 80) await this.#deliverAny(random, chances);
    else if (choice < 88) await this.#finishSum(random.below(this.world.pending.count || 1));
    else if (choice < 92) await this.#forge(random);
    else await this.#wait(random.below(random.chance(0.1) ? 60_000 : 4000));
  }

  /** A site looks at the job and sends what it owes. */
  async #look(site: SiteId): Promise<void> {
    const view = await this.#view();
    if (!view) return;
    const isAbsent = this.#plan.absent?.includes(this.world.everyone.indexOf(site));
    if (isAbsent) return;
    for (const letter of await this.#members.owed(site, view)) this.#send(letter);
    if (view.round) await this.#takePart(site, view, view.round);
  }

  /** What a site is shown of a round only as long as it counts there. */
  async #takePart(site: SiteId, view: JobView, { id, round }: StoredRound): Promise<void> {
    const { rules } = round;
    if (!rules.sites.includes(site)) return;
    const checkpoint = this.#sealers.owed(site, view);
    if (checkpoint) this.#send(checkpoint);
    const document = await this.world.documentUnder(rules.rosterHash);
    const misbehaviours = this.#plan.misbehaviours ?? [];
    const message = owedMessage(site, { view, document, sums: this.world.sums, misbehaviours });
    if (!message || (message.type === 'commitment' && !this.#members.signsFor(site, id.round))) return;
    this.#send({ kind: 'round', round: id.round, attempt: id.attempt, message });
  }

  #send(letter: Letter): void {
    this.#sent++;
    if (!this.#plan.lost?.has(this.#sent)) this.#letters.push(letter);
  }

  async #deliverAny(random: SeededRandom, chances: Disturbance['chances']): Promise<void> {
    if (this.#letters.length === 0) return;
    const index = random.below(this.#letters.length);
    const letter = this.#letters[index];
    if (!random.chance(chances.repeat)) this.#letters.splice(index, 1);
    if (!random.chance(chances.loss)) await this.#deliver(letter);
  }

  async #deliver(letter: Letter | undefined): Promise<void> {
    if (!letter) return;
    if (letter.kind === 'checkpoint') return this.#sealers.deliver(letter);
    if (letter.kind !== 'round') return this.#members.deliver(letter);
    const before = await this.world.rounds.list(this.world.job);
    const outcome = await this.world.deliver(letter.message, letter);
    await this.#noteDelivery(letter.message, outcome);
    // Invariant 8: what is refused changes nothing.
    if (outcome === 'refused') assert.deepEqual(await this.world.rounds.list(this.world.job), before);
    // An accepted message again is a retry, in whatever phase it arrives.
    if (outcome === 'accepted' && this.#plan.resends)
      assert.notEqual(await this.world.deliver(letter.message, letter), 'refused');
  }

  /** Somebody without the key, or with a bit flipped on the way. */
  async #forge(random: SeededRandom): Promise<void> {
    const letter = this.#letters[random.below(this.#letters.length || 1)];
    if (letter?.kind !== 'round') return;
    const { payload, signature } = letter.message.message;
    const forged = { payload: payload.slice(), signature: signature.slice() };
    const bytes = random.chance(0.5) ? forged.payload : forged.signature;
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    const outcome = await this.world.deliver({ ...letter.message, message: forged }, letter);
    assert.equal(outcome, 'refused', 'invariants 7 and 8: a forged message was taken');
    this.world.reached.add('forged message refused');
  }

  async #finishSum(index: number): Promise<void> {
    if (this.world.pending.count === 0) return;
    const round = (await this.world.view())?.round?.round;
    if (round?.phase !== 'sealed') this.world.reached.add('sum that nobody awaits');
    await this.world.asks(async () => this.world.pending.finish(index));
    await settleMicrotasks();
  }

  async #wait(milliseconds: number): Promise<void> {
    this.world.nowMs += milliseconds;
    await this.world.tick();
  }

  async #view(): Promise<JobView | undefined> {
    const view = await this.world.view();
    if (!view) return undefined;
    assert.ok(view.version >= this.#lastVersion, 'the version a site sees went back');
    this.#lastVersion = view.version;
    checkView(this.world, view);
    this.#noteRound(view);
    return view;
  }

  async #end(view: JobView): Promise<JobView> {
    await this.world.restart();
    await checkInvariants(this.world);
    checkPrivacy(this.world);
    await this.#members.notePlaces();
    for (const { owed } of await this.world.rounds.list(this.world.job)) assert.deepEqual(owed, []);
    this.world.reached.add(`job ${view.job.status.state}`);
    return view;
  }

  #noteRound({ round: stored }: JobView): void {
    if (!stored) return;
    const { id, round } = stored;
    if ('set' in round && round.set.setAttempt > 1) this.world.reached.add('smaller set sealed');
    if ('set' in round && round.set.excluded.some(({ reason }) => reason === 'late'))
      this.world.reached.add('late site');
    if (id.attempt > 1 && round.phase === 'published') this.world.reached.add('published at a later attempt');
  }

  async #noteDelivery({ type, site, subject }: StoredMessage, outcome: string): Promise<void> {
    if (outcome === 'accepted' && site !== subject) this.world.reached.add('checksum signed by a proxy');
    if (outcome === 'refused') this.world.reached.add(`refused ${type}`);
    const { job, jobs, reached } = this.world;
    if (type === 'opening' && outcome === 'accepted' && (await jobs.withdrawals(job)).has(site))
      reached.add('a site that has withdrawn opened');
  }
}

function isEnded({ job }: JobView): boolean {
  return isEndedStatus(job.status);
}
