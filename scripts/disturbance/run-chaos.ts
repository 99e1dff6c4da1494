// One run: a federation, somebody who kills, somebody who disturbs the lines, and what came of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { auditRun } from '../demonstration/audit.ts';
import type { Layout } from '../demonstration/configuration.ts';
import type { Ending, Processes } from '../demonstration/processes.ts';
import type { ChaosOptions } from './arguments.ts';
import type { ChaosOutcome } from './chaos-outcome.ts';
import { readCoordinatorState, readJournal } from './dead-state.ts';
import { findDisagreements, findMiscounts } from './double-counting.ts';
import { Executioner } from './executioner.ts';
import { folderOf, openFederation, type FederationUnderTest } from './federation-under-test.ts';
import { countRounds, finalModelHash } from './final-state.ts';
import { interfere } from './interference.ts';
import { Deck, planKills } from './kill-plan.ts';
import { Ledger } from './ledger.ts';
import { Moments } from './moments.ts';
import { Recoveries } from './recoveries.ts';
import { Witness } from './witness.ts';

export interface ChaosSetup {
  readonly layout: Layout;
  readonly processes: Processes;
  readonly options: ChaosOptions;
  readonly say: (text: string) => void;
}

const RESTART_MS = 1000;
/** A run that takes longer has got stuck: for the whole job, for each round and for each kill. */
const PATIENCE_MS = { job: 120_000, round: 60_000, kill: 8000 };

/** Runs the job to its end under fire; throws an Error if it does not end. */
export async function runChaos(setup: ChaosSetup): Promise<ChaosOutcome> {
  const run = new ChaosRun(setup);
  try {
    return await run.toEnd();
  } finally {
    await run.close();
  }
}

class ChaosRun {
  readonly #setup: ChaosSetup;
  readonly #moments = new Moments();
  readonly #ledger = new Ledger();
  readonly #recoveries = new Recoveries();
  readonly #disturbed = new Set<string>();
  readonly #ownEnds: string[] = [];
  readonly #over = new AbortController();
  readonly #startMs = performance.now();
  #onOwnEnd: (name: string, ending: Ending) => void = () => undefined;
  #federation: FederationUnderTest | undefined;
  #witness: Witness | undefined;

  constructor(setup: ChaosSetup) {
    this.#setup = setup;
  }

  async toEnd(): Promise<ChaosOutcome> {
    const { layout, processes, options, say } = this.#setup;
    const federation = await openFederation({
      ...{ layout, processes, sites: options.sites, rounds: options.rounds },
      onSiteLine: (site, line) => this.#witness?.siteLine(site, line),
      onCoordinatorLine: (line) => this.#witness?.coordinatorLine(line),
      onOwnEnd: (name, ending) => this.#onOwnEnd(name, ending),
    });
    this.#federation = federation;
    const witness = this.#createWitness(federation);
    this.#witness = witness;
    const executioner = this.#createExecutioner(federation, witness);
    say(`${options.sites} sites enrolled, ${options.rounds} training rounds, ${options.kills} kills planned`);
    await this.#disturb(federation, witness, executioner);
    say('the job is over; looking at what is left');
    await processes.stop();
    return this.#conclude(federation, executioner);
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.#federation?.close();
  }

  #createWitness({ job }: FederationUnderTest): Witness {
    const { layout } = this.#setup;
    const { coordinator, log } = layout;
    return new Witness({
      ...{ job: job.job, coordinator, log },
      ...{ moments: this.#moments, ledger: this.#ledger, recoveries: this.#recoveries },
    });
  }

  #createExecutioner(federation: FederationUnderTest, witness: Witness): Executioner {
    const { layout, options, say } = this.#setup;
    return new Executioner({
      ...{ federation, layout, witness, say },
      ...{ ledger: this.#ledger, moments: this.#moments, recoveries: this.#recoveries },
      deck: new Deck(options.seed),
      rounds: options.rounds + 2,
      isLineFree: (site) => !this.#disturbed.has(site),
    });
  }

  /** Lets the sites run until all have left the job, and does everything to them meanwhile. */
  async #disturb(federation: FederationUnderTest, witness: Witness, executioner: Executioner): Promise<void> {
    const { options } = this.#setup;
    const { signal } = this.#over;
    const ended = this.#superviseSites(federation, executioner);
    for (const site of federation.sites) void site.start();
    const plan = planKills({ seed: options.seed, kills: options.kills, sites: options.sites });
    const kills = executioner.run(plan, signal);
    const lines = this.#interfere(federation);
    const files = witness.watchFiles(signal);
    try {
      // None of the others ends before the sites do, unless it fails.
      const others = [kills, lines, files].map((work) => work.then(() => ended));
      await Promise.race([ended, this.#untilStuck(), ...others]);
    } finally {
      this.#over.abort();
      await Promise.all([kills, lines, files]);
    }
  }

  #interfere({ lines }: FederationUnderTest): Promise<void> {
    if (this.#setup.options.kills === 0) return Promise.resolve();
    return interfere({
      seed: this.#setup.options.seed + 1,
      lines,
      signal: this.#over.signal,
      onChange: (site, isFree) => {
        this.#recoveries.hindered(site);
        if (isFree) this.#disturbed.delete(site);
        else this.#disturbed.add(site);
      },
    });
  }

  /** Resolves when every site has left the job; starts again what ends by itself before. */
  #superviseSites(federation: FederationUnderTest, executioner: Executioner): Promise<void> {
    const left = new Set<string>();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#onOwnEnd = (name, ending) => {
      this.#endedByItself(federation, executioner, { name, ending })
        .then((isOver) => {
          if (isOver) left.add(name);
          if (left.size === federation.sites.length) resolve();
        })
        .catch(reject);
    };
    return promise;
  }

  /** True when it has left the job, because that is over. */
  async #endedByItself(
    { sites, status, job }: FederationUnderTest,
    executioner: Executioner,
    { name, ending }: { readonly name: string; readonly ending: Ending },
  ): Promise<boolean> {
    if (this.#over.signal.aborted) return true;
    const site = sites.find((one) => one.name === name);
    if (site && ending.status === 0) return true;
    const isOver = site && (await status.jobState(job.job).catch(() => undefined)) === 'failed';
    if (isOver === true) return true;
    const text = `${name} ended with status ${ending.status ?? 'unknown'}: ${ending.complaint.split('\n').at(-1) ?? ''}`;
    this.#ownEnds.push(text);
    this.#setup.say(text);
    await sleep(RESTART_MS);
    if (this.#over.signal.aborted) return false;
    if (site) executioner.startSite(site);
    else await executioner.startCoordinator();
    return false;
  }

  async #untilStuck(): Promise<never> {
    const { rounds, kills } = this.#setup.options;
    const { signal } = this.#over;
    await sleep(PATIENCE_MS.job + rounds * PATIENCE_MS.round + kills * PATIENCE_MS.kill, undefined, {
      signal,
    });
    throw new Error('the job does not end');
  }

  async #conclude(federation: FederationUnderTest, executioner: Executioner): Promise<ChaosOutcome> {
    const { layout, options, processes } = this.#setup;
    const { job } = federation.job;
    const state = await readCoordinatorState(layout.coordinator, job);
    const journals = await Promise.all(
      federation.sites.map((site) => readJournal(folderOf(layout, site), job)),
    );
    const { doubled, lost } = findMiscounts({ state, journals, rows: federation.rows });
    const manifest = state.manifest;
    const { kills, places, lost: lostAtDeath } = executioner.execution;
    const counters = federation.lines.map(({ proxy }) => proxy.counters);
    return {
      seed: options.seed,
      sites: options.sites,
      kills,
      places,
      cuts: counters.reduce((sum, { cuts }) => sum + cuts, 0),
      bytesUp: counters.reduce((sum, { bytesUp }) => sum + bytesUp, 0),
      recoveries: { count: this.#recoveries.count, longest: this.#recoveries.longest },
      rounds: countRounds(state, options.rounds),
      lost: [...new Set([...lostAtDeath, ...this.#ledger.missingIn(state), ...lost])],
      doubled,
      quotaRefusals: this.#witness?.quotaRefusals ?? 0,
      resentBytes: this.#ledger.resentBytes,
      trainingsRepeated: this.#ledger.trainingsRepeated,
      disagreements: findDisagreements(journals),
      modelHashes: await Promise.all(
        federation.sites.map(({ name }) => finalModelHash(layout, name, { job, manifest })),
      ),
      ownEnds: this.#ownEnds,
      audit: await auditRun(layout, processes, federation.sites[0]!.name),
      seconds: (performance.now() - this.#startMs) / 1000,
    };
  }
}
