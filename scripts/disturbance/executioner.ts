// Kills by plan, looks at what the dead left, and starts them again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from '../demonstration/configuration.ts';
import { readBlobSizes, readCoordinatorState, readJournal } from './dead-state.ts';
import { folderOf, type FederationUnderTest } from './federation-under-test.ts';
import { BEFORE_UPLOADS, type Card, type Deck, type Stroke } from './kill-plan.ts';
import type { Ledger } from './ledger.ts';
import type { Moments } from './moments.ts';
import { placeOfCoordinator, placeOfSite } from './places.ts';
import type { Recoveries } from './recoveries.ts';
import type { SupervisedProcess } from './supervised-process.ts';
import type { Witness } from './witness.ts';

/** A moment that does not come is not waited for longer: its stroke falls at random. */
const LONGEST_MOMENT_MS = 10_000;
const LOOK_MS = 100;
/** A quota that is too small stays until a site was refused for it, but no longer than that. */
const LONGEST_SQUEEZE_MS = 15_000;

export interface ExecutionRules {
  readonly federation: FederationUnderTest;
  readonly layout: Layout;
  readonly witness: Witness;
  readonly ledger: Ledger;
  readonly moments: Moments;
  readonly recoveries: Recoveries;
  readonly deck: Deck;
  /** Rounds of the job, of every kind. */
  readonly rounds: number;
  readonly say: (text: string) => void;
  /** True when nothing disturbs a site's line. */
  readonly isLineFree: (site: string) => boolean;
}

/** What was done and found. */
export interface Execution {
  readonly kills: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  readonly lost: ReadonlySet<string>;
}

/** A card that came up, and the site to which its moment happened. */
interface Called {
  readonly card: Card;
  readonly site: string | undefined;
}

export class Executioner {
  readonly #rules: ExecutionRules;
  readonly #kills: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #lost = new Set<string>();
  readonly #restarts = new Set<Promise<void>>();
  #isServing = true;

  constructor(rules: ExecutionRules) {
    this.#rules = rules;
  }

  get execution(): Execution {
    return { kills: this.#kills, places: this.#places, lost: this.#lost };
  }

  /** Goes through the plan until it is done or the signal aborts, and waits until everybody is up again. */
  async run(plan: readonly Stroke[], signal: AbortSignal): Promise<void> {
    for (const [i, stroke] of plan.entries()) {
      await this.#untilDue(i, plan.length, signal);
      if (stroke.isQuotaSmall) {
        await this.#squeezeQuota(stroke, signal);
        continue;
      }
      const called = stroke.at === 'moment' ? await this.#call(signal) : undefined;
      await sleep(stroke.delayMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      await this.#strike(stroke, called, signal);
    }
    await Promise.all(this.#restarts);
  }

  /** Starts the coordinator, and waits until it serves. */
  async startCoordinator(): Promise<void> {
    const { federation, recoveries } = this.#rules;
    const ended = federation.coordinator.start();
    recoveries.started('coordinator', federation.coordinator.startedMs, true);
    // It may be killed again before it serves.
    const isServing = await federation.status.waitUntilReady(ended).then(
      () => true,
      () => false,
    );
    if (!isServing || !federation.coordinator.isUp) return;
    this.#isServing = true;
    recoveries.served('coordinator', Date.now());
  }

  startSite(site: SupervisedProcess): void {
    const { recoveries, isLineFree } = this.#rules;
    void site.start();
    recoveries.started(site.name, site.startedMs, this.#isServing && isLineFree(site.name));
  }

  /** The kills are spread over the phases of all rounds, and all of them are due before the last round. */
  async #untilDue(index: number, kills: number, signal: AbortSignal): Promise<void> {
    const { witness, rounds } = this.#rules;
    while (!signal.aborted && index >= (kills * witness.progress) / (rounds - 1)) await sleep(LOOK_MS);
  }

  /** Waits for the first of some moments; undefined if none comes. */
  async #call(signal: AbortSignal): Promise<Called | undefined> {
    const { deck, moments } = this.#rules;
    const hand = deck.hand();
    const moment = await moments.next(
      hand.map(({ after }) => after),
      LONGEST_MOMENT_MS,
      signal,
    );
    const card = hand.find(({ after }) => after === moment?.name);
    if (!card) return undefined;
    deck.played(card);
    return { card, site: moment?.site };
  }

  async #strike(stroke: Stroke, called: Called | undefined, signal: AbortSignal): Promise<void> {
    const when = called ? `after "${called.card.after}"` : 'at random';
    const victim = await this.#findVictim(stroke, called, signal);
    if (victim === this.#rules.federation.coordinator) await this.#strikeCoordinator(when, stroke.downMs);
    else if (victim) await this.#strikeSite(victim, when, stroke.downMs);
  }

  /** Who was chosen, or whoever is up if that one has just been killed. */
  async #findVictim(
    { victim, site }: Stroke,
    called: Called | undefined,
    signal: AbortSignal,
  ): Promise<SupervisedProcess | undefined> {
    const { coordinator, sites } = this.#rules.federation;
    const named = sites.find(({ name }) => name === called?.site) ?? sites[site]!;
    const chosen = (called?.card.victim ?? victim) === 'coordinator' ? coordinator : named;
    while (!signal.aborted) {
      const found = [chosen, coordinator, ...sites].find(({ isUp }) => isUp);
      if (found) return found;
      await sleep(LOOK_MS);
    }
    return undefined;
  }

  async #strikeCoordinator(when: string, downMs: number): Promise<boolean> {
    const { federation, layout, ledger, recoveries, witness } = this.#rules;
    this.#isServing = false;
    recoveries.hindered();
    recoveries.died('coordinator');
    if (!(await federation.coordinator.kill())) return false;
    const state = await readCoordinatorState(layout.coordinator, federation.job.job);
    ledger.sizesAtDeath(state.blobs, Date.now());
    for (const missing of ledger.missingIn(state)) this.#lost.add(missing);
    this.#note('coordinator', placeOfCoordinator(state, witness.ciphertextBytes), when);
    this.#later(downMs, () => this.startCoordinator());
    return true;
  }

  /** Leaves the coordinator too small a quota while sites are about to upload, until one of them was refused for it. */
  async #squeezeQuota({ downMs }: Stroke, signal: AbortSignal): Promise<void> {
    const { federation, moments, witness } = this.#rules;
    while (!signal.aborted && !this.#isServing) await sleep(LOOK_MS);
    await moments.next(BEFORE_UPLOADS, LONGEST_MOMENT_MS, signal);
    if (signal.aborted) return;
    federation.quota.isSmall = true;
    const isStruck = await this.#strikeCoordinator('for a small quota', downMs);
    const refusals = witness.quotaRefusals;
    const endMs = Date.now() + LONGEST_SQUEEZE_MS;
    while (isStruck && !signal.aborted && witness.quotaRefusals === refusals && Date.now() < endMs)
      await sleep(LOOK_MS);
    federation.quota.isSmall = false;
    // If it is down by now, its next start has the usual quota anyway.
    if (isStruck && federation.coordinator.isUp) await this.#strikeCoordinator('with a small quota', 0);
  }

  async #strikeSite(site: SupervisedProcess, when: string, downMs: number): Promise<void> {
    const { federation, layout, ledger, recoveries, witness } = this.#rules;
    recoveries.died(site.name);
    await site.kill();
    const { job } = federation.job;
    const journal = await readJournal(folderOf(layout, site), job);
    ledger.journal(site.name, journal, Date.now());
    ledger.sizesAtDeath(await readBlobSizes(layout.coordinator, job), Date.now(), site.name);
    const { round, attempt } = witness.place ?? { round: 0, attempt: 1 };
    this.#note(site.name, placeOfSite(journal, round, attempt), when);
    this.#later(downMs, async () => this.startSite(site));
  }

  #note(name: string, place: string, when: string): void {
    const { say, witness } = this.#rules;
    this.#kills.push(name);
    const kind = name === 'coordinator' ? 'coordinator' : 'site';
    const entry = `${kind}: ${place}`;
    this.#places.set(entry, (this.#places.get(entry) ?? 0) + 1);
    const round = witness.place ? `round ${witness.place.round}` : 'before the first round';
    say(`kill ${this.#kills.length}: ${name}, ${round}, ${when}: ${place}`);
  }

  #later(ms: number, act: () => Promise<void>): void {
    const restart = sleep(ms).then(act);
    this.#restarts.add(restart);
    void restart.finally(() => this.#restarts.delete(restart)).catch(() => undefined);
  }
}
