// A coordinator, its sites, the network between them and one clock: all of it in this process, and in the hands of a schedule.
import assert from 'node:assert/strict';
import { PART_BYTES, sha256, toHex, utf8, type Digest } from '@blindsum/proto';
import type { JobStatus, RoundId, StoredRound, SumTask } from '../../coordinator/src/ports.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { Agenda, settle } from './agenda.ts';
import { identitiesOf, type Identities, type SiteIdentity } from './identities.ts';
import { ChangingMembers } from './changing-members.ts';
import type { Absence, FederationPlan, Latecomer, Mischief } from './federation-plan.ts';
import { CrashPoints } from './incarnation.ts';
import type { PlainSum } from './plain-ciphertext.ts';
import type { Tampering } from './plain-sums.ts';
import { SimulatedCoordinator, type OperatorRequest } from './simulated-coordinator.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { SimulatedSite } from './simulated-site.ts';

export class SimulatedFederation {
  readonly plan: FederationPlan;
  readonly identities: Identities;
  /** Whether rosters follow the first one. */
  readonly hasCeremonies: boolean;
  readonly agenda = new Agenda();
  readonly crashes: CrashPoints;
  readonly coordinator: SimulatedCoordinator;
  readonly network: SimulatedNetwork;
  readonly sites: readonly SimulatedSite[];
  readonly members: ChangingMembers;
  /** Places the run has been at: a property that never gets anywhere proves nothing. */
  readonly reached = new Set<string>();
  /** Sums that sites opened. */
  readonly opened: { readonly sum: PlainSum; readonly contributors: number }[] = [];
  readonly #contexts = new Map<Digest, RoundId>();
  readonly #latest = new Map<Digest, StoredRound>();
  readonly #bugs: unknown[] = [];
  /** The operator has paused or cancelled the job. */
  #isHalted = false;
  /** The first round without some of the sites. */
  #incomplete = Infinity;
  readonly #random = new SeededRandom(1);
  /** Encryptions so far, by who made them for which attempt. */
  readonly #encryptions = new Map<string, number>();

  constructor(plan: FederationPlan) {
    assert.equal(PART_BYTES, 1024, 'the programs were imported before simulated-modules.ts');
    this.plan = plan;
    this.hasCeremonies = (plan.ceremonies ?? []).length > 0;
    this.identities = identitiesOf({
      sites: plan.sites,
      newcomers: this.hasCeremonies ? NEWCOMERS : 0,
      capacity: plan.hasRoom === false ? plan.sites + 1 : 16,
    });
    this.crashes = new CrashPoints(plan.crashes);
    this.crashes.onCrash = (what) => this.reached.add(withoutNames(what));
    manual = this.agenda;
    this.coordinator = new SimulatedCoordinator({
      identities: this.identities,
      agenda: this.agenda,
      crashes: this.crashes,
      isLogFollowed: plan.isLogFollowed === true,
      tamper: (task) => this.#tamper(task),
      observe: (stored) => this.#observe(stored),
      onEnd: () => this.#noteOwed(),
      onBug: (error) => this.#bugs.push(error),
    });
    this.network = new SimulatedNetwork(this.agenda, this.coordinator);
    this.network.decide = (nth) => plan.fates?.get(nth) ?? 'answered';
    this.sites = this.identities.sites.map((identity) => this.#createSite(identity));
    for (const { site } of plan.latecomers ?? []) this.#keepAway(site);
    this.members = new ChangingMembers(plan, {
      coordinator: this.coordinator,
      sites: () => this.sites,
      onPlace: (place) => this.reached.add(place),
      onBug: (error) => this.#bugs.push(error),
    });
  }

  async start(): Promise<void> {
    this.coordinator.start();
    for (const site of this.sites) site.start();
    await settle();
    this.throwBugs();
  }

  /** Lets one thing happen that may. */
  async run(index = 0): Promise<void> {
    await this.agenda.run(index);
    await this.members.propose();
    this.throwBugs();
  }

  /** Time passes, and the coordinator's timer fires. */
  async wait(milliseconds: number): Promise<void> {
    this.agenda.advance(milliseconds);
    this.coordinator.tick();
    await settle();
    this.throwBugs();
  }

  /** An operator asks something of the coordinator, in whatever state the job is. */
  async operate(request: OperatorRequest): Promise<void> {
    const state = (await this.status())?.state;
    if (this.coordinator.isUp) this.reached.add(`${request} while ${state}`);
    if (request === 'resume') this.#isHalted = false;
    this.coordinator.operate(request);
    await settle();
    this.throwBugs();
    const after = (await this.status())?.state ?? '';
    // A round that has begun goes on, also if nobody has said anything in it.
    for (const { id, round } of await this.coordinator.rounds.list(this.coordinator.job))
      this.#contexts.set(round.rules.context, id);
    this.#isHalted = request !== 'resume' && (this.#isHalted || HALTED.has(after));
  }

  async crashCoordinator(): Promise<void> {
    this.coordinator.crash();
    await settle();
  }

  /** Sites that were to come back do. */
  bringBack(): void {
    const { absences = [], latecomers = [] } = this.plan;
    for (const { site } of [...latecomers, ...absences.filter(({ returns }) => returns)]) this.#bring(site);
  }

  async status(): Promise<JobStatus | undefined> {
    return (await this.coordinator.jobs.load(this.coordinator.job))?.status;
  }

  close(): void {
    for (const site of this.sites) site.close();
  }

  /** The round and attempt with this context. */
  idOf(context: Digest): RoundId {
    const id = this.#contexts.get(context);
    if (!id) throw new Error('a context that no round has');
    return id;
  }

  /** Throws the first error that nothing but a mistake in the programs explains. */
  throwBugs(): void {
    if (this.#bugs.length > 0) throw this.#bugs[0];
  }

  #createSite(identity: SiteIdentity): SimulatedSite {
    const does = (what: Mischief['what']) => (context: Digest) => this.#isMischief(identity, what, context);
    const site: SimulatedSite = new SimulatedSite(identity, {
      manifest: this.identities.manifest,
      roster: this.identities.roster,
      hasCeremonies: this.hasCeremonies,
      agenda: this.agenda,
      network: this.network,
      crashes: this.crashes,
      log: this.coordinator.log,
      trees: this.plan.isLogFollowed === true ? this.coordinator.trees : undefined,
      random: () => this.#random.below(1 << 30) / (1 << 30),
      nextKey: (context) => this.#nextKey(identity, context),
      dealsBadShares: does('deals bad shares'),
      misreads: does('misreads the sum'),
      onOpened: (sum, contributors) => this.opened.push({ sum, contributors }),
      onEvent: (event) => this.reached.add(`site ${event.event}`),
      onPlace: (place) => this.reached.add(place),
      onCrash: (doing) => this.reached.add(`site crash while ${doing}`),
      onBug: (error) => this.#bugs.push(error),
    });
    return site;
  }

  #observe(stored: StoredRound): void {
    const { id, round } = stored;
    const isNew = !this.#contexts.has(round.rules.context);
    if (isNew && this.#isHalted)
      this.#bugs.push(new Error('a round began after the operator had halted the job'));
    this.#contexts.set(round.rules.context, id);
    this.#latest.set(round.rules.context, stored);
    this.reached.add(round.phase === 'failed' ? `failed: ${round.reason}` : round.phase);
    if ('set' in round && round.set.setAttempt > 1) this.reached.add('smaller set sealed');
    if ('set' in round && round.set.excluded.some(({ reason }) => reason === 'late'))
      this.reached.add('late site');
    if (id.attempt > 1 && round.phase === 'published') this.reached.add('published at a later attempt');
    this.#noteSites(stored);
    const phase = round.phase === 'opening' && round.complete ? 'attesting' : round.phase;
    this.members.pass(id.round, phase);
    const isHere = (one: Absence | Latecomer) => one.round === id.round && one.phase === phase;
    for (const absence of (this.plan.absences ?? []).filter(isHere)) this.#leave(absence);
    for (const { site } of (this.plan.latecomers ?? []).filter(isHere)) this.#bring(site);
  }

  #leave({ site: index }: Absence): void {
    if (this.sites[index - 1]?.isAway === false) this.#keepAway(index);
  }

  #keepAway(index: number): void {
    const site = this.sites[index - 1];
    if (!site) return;
    site.isAway = true;
    site.crash();
  }

  #bring(index: number): void {
    const site = this.sites[index - 1];
    if (!site) return;
    site.isAway = false;
    site.start();
  }

  /** 5: nobody is in a round without a consent, and who consents late is in a later one. */
  #noteSites({ id, round }: StoredRound): void {
    const { sites } = round.rules;
    if (sites.length < this.plan.sites) this.#incomplete = Math.min(this.#incomplete, id.round);
    else if (id.round > this.#incomplete) this.reached.add('site joined a running job');
  }

  /** The same in all runs, so that what was found out about a message is true of the same message in another run. */
  #nextKey({ site }: SiteIdentity, context: Digest): number {
    const place = `${site} ${context}`;
    const nth = (this.#encryptions.get(place) ?? 0) + 1;
    this.#encryptions.set(place, nth);
    return parseInt(toHex(sha256(utf8(`key ${nth} of ${place}`))).slice(0, 10), 16);
  }

  #isMischief({ index }: SiteIdentity, what: Mischief['what'], context: Digest): boolean {
    const { round, attempt } = this.idOf(context);
    return (this.plan.mischief ?? []).some(
      (one) =>
        one.site === index && one.what === what && one.round === round && (one.always || attempt === 1),
    );
  }

  #tamper({ id }: SumTask): Tampering | undefined {
    const { tampering } = this.plan;
    return tampering?.round === id.round && id.attempt === 1 ? tampering.how : undefined;
  }

  #noteOwed(): void {
    for (const { round, owed } of this.#latest.values())
      for (const { kind } of owed) this.reached.add(`crash owing ${kind} while ${round.phase}`);
  }
}

/** Without rounds and jobs, so that the same write is called the same in all of them. */
function withoutNames(what: string): string {
  return what.replace(/\S*\//g, '').replace(/\d+(-|\+)\d+/g, 'n');
}

/** Sites that may join, where rosters change. */
const NEWCOMERS = 2;

/** States of a job in which no round begins. */
const HALTED: ReadonlySet<string> = new Set(['pausing', 'paused', 'cancelling', 'cancelled']);

/** Made once: an error takes time. */
const OVER = new DOMException('the time is over', 'TimeoutError');

/** Whose clock it is that calls of AbortSignal.timeout wait for. */
let manual: Agenda | undefined;

AbortSignal.timeout = (milliseconds) => {
  const timer = new AbortController();
  manual?.postLater(milliseconds, { what: 'a wait is over', run: () => timer.abort(OVER) });
  return timer.signal;
};
