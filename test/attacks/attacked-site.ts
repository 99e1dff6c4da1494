// One site: its real session over a journal in memory, which can be stopped at any point and started again.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal, type GlobalModel } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { CheckpointFiles } from '../../participant/src/checkpoint-files.ts';
import type { StoredOpening, StoredOutcome } from '../../participant/src/journal/journal.ts';
import { openSqliteJournal } from '../../participant/src/journal/sqlite-journal.ts';
import type { LogJournal } from '../../participant/src/journal/log-journal.ts';
import { LogKeeper } from '../../participant/src/log/log-keeper.ts';
import type { LogSource } from '../../participant/src/ports.ts';
import { ModelStore } from '../../participant/src/model-store.ts';
import { withdraw } from '../../participant/src/policy/site-leave.ts';
import { RoundFiles } from '../../participant/src/round-files.ts';
import { RoundMemory, type Session } from '../../participant/src/session-context.ts';
import { SessionDriver } from '../../participant/src/session-driver.ts';
import type { ProgressEvent } from '../../participant/src/session-progress.ts';
import type { SiteTerms } from '../../participant/src/session/site-terms.ts';
import { createAcceptedRosters } from '../fixtures/accepted-rosters.ts';
import type { TestSite } from '../fixtures/federation.ts';
import { allowingAll } from '../fixtures/policies.ts';
import type { InThreadEncryptor } from './in-thread-encryptor.ts';
import type { LyingCoordinator } from './lying-coordinator.ts';
import { createOneHotLearner } from './one-hot-learner.ts';

export interface SiteSetup {
  readonly identity: TestSite;
  readonly terms: Pick<SiteTerms, 'manifest' | 'manifestHash' | 'roster' | 'rosterHash'>;
  readonly folder: string;
  readonly coordinator: LyingCoordinator;
}

const POLICY = { minContributors: 3, allowTwoSites: false };

export class AttackedSite {
  readonly encryptor: InThreadEncryptor;
  /** What this site turned down, in order. */
  readonly refusals: Refusal[] = [];
  /** What it told, in order. */
  readonly reports: ProgressEvent[] = [];
  readonly #setup: SiteSetup;
  readonly #journal = openSqliteJournal(':memory:');
  #running: { readonly abort: AbortController; readonly end: Promise<void> } | undefined;

  constructor(setup: SiteSetup, encryptor: InThreadEncryptor) {
    this.#setup = setup;
    this.encryptor = encryptor;
    mkdirSync(setup.folder);
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Records `model` as what an earlier round gave. */
  hold(round: number, model: GlobalModel): void {
    const { manifest } = this.#setup.terms;
    this.#journal.recordModel(manifest.job, new ModelStore(this.#setup.folder, manifest).save(round, model));
  }

  /** Begins from the journal alone, as after a crash. */
  start(): void {
    const { coordinator, identity } = this.#setup;
    const abort = new AbortController();
    const rules = { giveUpAfterMs: 0, random: () => 0, signal: abort.signal };
    coordinator.waiting.arrive(identity.site);
    const end = this.#run(new SessionDriver(this.#openSession(), rules));
    this.#running = { abort, end };
  }

  async stop(): Promise<void> {
    this.#running?.abort.abort();
    this.#setup.coordinator.waiting.interrupt(this.#setup.identity.site);
    await this.#running?.end;
    this.#running = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    this.#journal.close();
  }

  /** Takes the consent back, as somebody at the site would while the agent runs or not. */
  withdraw(): void {
    const { identity, terms } = this.#setup;
    const known = { ...terms, site: identity.site, policy: POLICY, verify: verifyEd25519 };
    const source = { terms: known, journal: this.#journal, keys: { sign: identity.sign } };
    withdraw(source, { decidedBy: 'dr-who', reason: 'no more', atMs: 0 });
  }

  opening(round: number): StoredOpening | undefined {
    return this.#journal.opening(this.#setup.terms.manifest.job, round);
  }

  outcome(round: number): StoredOutcome | undefined {
    return this.#journal.outcome(this.#setup.terms.manifest.job, round);
  }

  async #run(driver: SessionDriver): Promise<void> {
    try {
      await driver.run();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refusals.push(error);
    } finally {
      this.#setup.coordinator.waiting.leave(this.#setup.identity.site);
    }
  }

  #openSession(): Session {
    const { identity, terms, folder, coordinator } = this.#setup;
    const port = coordinator.portOf(identity.site);
    return {
      terms: {
        ...terms,
        site: identity.site,
        policy: POLICY,
        knownRoster: () => undefined,
        verify: verifyEd25519,
      },
      policy: allowingAll(),
      keys: { sign: identity.sign, sharingSecret: identity.sharingSecret },
      coordinator: port,
      transfers: port,
      encryptor: this.encryptor,
      journal: this.#journal,
      rosters: createAcceptedRosters(terms.roster),
      log: this.#openLog(),
      files: new RoundFiles(folder),
      checkpoints: new CheckpointFiles(folder),
      models: new ModelStore(folder, terms.manifest),
      learner: createOneHotLearner(terms.manifest, terms.roster, identity.site),
      clock: { nowMs: () => 0, sleep: async () => undefined },
      report: (event) => this.#hear(event),
      memory: new RoundMemory(),
    };
  }

  /** Of this site: what it keeps of the log, and what made it stop. */
  get logJournal(): LogJournal {
    return this.#journal.log;
  }

  /** Of a file in the site's state directory. */
  pathOf(name: string): string {
    return join(this.#setup.folder, name);
  }

  #openLog(): LogKeeper {
    const { coordinator, folder, identity, terms } = this.#setup;
    const asked = (): LogSource => coordinator.logFor(identity.site);
    return new LogKeeper({
      ...{ federation: terms.manifest.federation, journal: this.#journal.log, folder },
      clock: { nowMs: () => 0 },
      source: {
        introduction: () => asked().introduction(),
        checkpoint: (...question) => asked().checkpoint(...question),
        record: (...question) => asked().record(...question),
        cosign: (...question) => asked().cosign(...question),
        show: (...question) => asked().show(...question),
      },
    });
  }

  #hear(event: ProgressEvent): void {
    this.reports.push(event);
    if (event.event === 'refused') this.refusals.push(new Refusal(event.code, event.detail));
  }
}
