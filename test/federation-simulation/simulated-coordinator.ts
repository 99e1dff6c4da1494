// The coordinator's process: its real drivers and services over stores that outlive it.
import { Refusal, type Digest, type JobId, type SiteId } from '@blindsum/proto';
import { documentsOf } from '../fixtures/federation.ts';
import { createDrivers, type Drivers } from '../../coordinator/src/drivers.ts';
import { JobChanges } from '../../coordinator/src/job-changes.ts';
import { createJobReader, type JobDocument, type JobReader } from '../../coordinator/src/job-document.ts';
import type {
  BlobStore,
  CheckpointStore,
  JobStore,
  RecordLog,
  RoundStore,
  StoredRound,
  SumTask,
} from '../../coordinator/src/ports.ts';
import {
  createRosterReader,
  type RosterChain,
  type RosterReader,
} from '../../coordinator/src/roster-reader.ts';
import type { RosterStore } from '../../coordinator/src/roster-store.ts';
import { MemoryBlobStore } from '../../coordinator/src/storage/memory-blob-store.ts';
import { MemoryCheckpointStore } from '../../coordinator/src/storage/memory-checkpoint-store.ts';
import { MemoryCosignatureStore } from '../../coordinator/src/storage/memory-cosignature-store.ts';
import { MemoryJobStore } from '../../coordinator/src/storage/memory-job-store.ts';
import { createUploads } from '../../coordinator/src/uploads/uploads.ts';
import type { CosignatureStore } from '../../coordinator/src/witnessing/cosignature-store.ts';
import { UNSEEN_PROMISE } from '../fixtures/believed-log.ts';
import { createAdoptedRosters } from '../fixtures/adopted-rosters.ts';
import { SimulatedLog } from '../simulation/simulated-log.ts';
import { SimulatedRoundStore } from '../simulation/simulated-round-store.ts';
import type { Agenda } from './agenda.ts';
import { createServices, type Caller, type LogDesk, type Services } from './coordinator-services.ts';
import { guarded } from './guarded-port.ts';
import type { Identities } from './identities.ts';
import { Incarnation, type CrashPoints } from './incarnation.ts';
import { LogTrees } from './log-trees.ts';
import { PlainSums, type Tampering } from './plain-sums.ts';
import { publishLog } from './published-log.ts';
import { SequencedLog } from './sequenced-log.ts';

export interface CoordinatorRules {
  readonly identities: Identities;
  readonly agenda: Agenda;
  readonly crashes: CrashPoints;
  /** Whether the log is the real one, which sites follow; or one that is believed. */
  readonly isLogFollowed: boolean;
  readonly tamper: (task: SumTask) => Tampering | undefined;
  /** Told of every state of a round that was stored. */
  readonly observe: (stored: StoredRound) => void;
  readonly onEnd: () => void;
  /** Told of an error that no fault explains. */
  readonly onBug: (error: unknown) => void;
}

export type OperatorRequest = 'pause' | 'resume' | 'cancel';

export class SimulatedCoordinator {
  readonly rounds: RoundStore = new SimulatedRoundStore();
  readonly jobs: JobStore = new MemoryJobStore();
  readonly checkpoints: CheckpointStore = new MemoryCheckpointStore();
  readonly blobs: BlobStore = new MemoryBlobStore();
  readonly cosignatures: CosignatureStore = new MemoryCosignatureStore();
  readonly rosters: RosterStore;
  readonly trees = new LogTrees();
  readonly log: SimulatedLog | SequencedLog;
  readonly job: JobId;
  readonly #rules: CoordinatorRules;
  readonly #rosterReader: RosterReader;
  readonly #reader: JobReader;
  #process = new Incarnation('coordinator', () => {});
  #services: Services | undefined;
  #drivers: Drivers | undefined;
  #isTicking = false;
  /** Calls under way, to be failed when the process ends. */
  readonly #calls = new Set<() => void>();

  constructor(rules: CoordinatorRules) {
    this.#rules = rules;
    this.job = rules.identities.manifest.job;
    this.log = rules.isLogFollowed ? new SequencedLog(this.trees) : new SimulatedLog();
    const { roster, sites } = rules.identities;
    this.rosters = createAdoptedRosters(
      [roster],
      (site) => sites.find((one) => one.site === site)!.keys.signer.sign,
    );
    this.#rosterReader = createRosterReader(this.rosters);
    this.#reader = createJobReader(this.jobs, this.#rosterReader);
    this.#process.end();
  }

  /** The job under an adopted roster. */
  documentUnder(rosterHash: Digest): Promise<JobDocument> {
    return this.#reader.at(this.job, rosterHash);
  }

  rosterChain(): Promise<RosterChain> {
    return this.#rosterReader.read();
  }

  /** Of the process that is up. */
  get drivers(): Drivers | undefined {
    return this.#drivers;
  }

  get isUp(): boolean {
    return this.#services !== undefined;
  }

  /** Starts a process; it serves once it has recovered. */
  start(): void {
    const { agenda } = this.#rules;
    const started = new Incarnation('coordinator', () => this.#onEnd(started));
    this.#process = started;
    this.#isTicking = false;
    void started
      .during(async () => {
        const { log, logDesk } = await this.#openLog(started);
        const drivers = this.#createDrivers(started, log);
        await drivers.ticker.recover();
        const { manifest, roster } = this.#rules.identities;
        await drivers.jobs.submit(documentsOf(manifest, roster));
        return { drivers, logDesk };
      })
      .then((opened) => {
        agenda.note('coordinator serves');
        this.#drivers = opened.drivers;
        const clock = { nowMs: () => agenda.nowMs };
        this.#services = createServices({ ...this.#guardedStores(started), ...opened, clock });
      }, this.#rules.onBug);
  }

  crash(): void {
    this.#process.end();
  }

  /** Every so often, as its timer would. */
  tick(): void {
    if (!this.#drivers || this.#isTicking) return;
    this.#isTicking = true;
    const done = () => (this.#isTicking = false);
    void this.#drivers.ticker.tick().then(done, this.#rules.onBug);
  }

  /** Asks the process that is up; UNAVAILABLE if there is none, or if it ends before it has answered. */
  ask<T>(site: SiteId, question: (services: Services, caller: Caller) => Promise<T>): Promise<T> {
    const services = this.#services;
    if (!services) return Promise.reject(unavailable());
    const gone = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const fail = () => {
      const away = unavailable();
      gone.abort(away);
      reject(away);
    };
    this.#calls.add(fail);
    question(services, { site, signal: gone.signal })
      .then(resolve, reject)
      .finally(() => this.#calls.delete(fail));
    return promise;
  }

  /** What an operator asks of the process that is up; a job that has ended refuses it. */
  operate(request: OperatorRequest): void {
    const control = this.#drivers?.control;
    if (!control) return;
    this.#rules.agenda.note(`the operator asks to ${request} the job`);
    const done =
      request === 'cancel' ? control.cancel(this.job, 'the operator says so') : control[request](this.job);
    done.catch((error: unknown) => {
      if (!(error instanceof Refusal && error.code === 'WRONG_PHASE')) this.#rules.onBug(error);
    });
  }

  #onEnd(ended: Incarnation): void {
    if (ended !== this.#process) return;
    this.#rules.onEnd();
    this.#services = undefined;
    this.#drivers = undefined;
    for (const fail of this.#calls) fail();
    this.#calls.clear();
    this.#rules.agenda.note('coordinator ends');
    this.#rules.agenda.post({ what: 'coordinator starts', run: () => this.start() });
  }

  async #openLog(process: Incarnation): Promise<{ readonly log: RecordLog; readonly logDesk: LogDesk }> {
    const { crashes } = this.#rules;
    const guard = { process, crashes };
    if (this.log instanceof SimulatedLog)
      return { log: guarded<RecordLog>('log', this.log, ['append'], guard), logDesk: BELIEVED };
    const open = await this.log.open(process, crashes);
    const cosignatures = guarded('cosignatures', this.cosignatures, ['replace'], guard);
    return {
      log: open.log,
      logDesk: publishLog({ ...open, cosignatures, rosterReader: this.#rosterReader }),
    };
  }

  #createDrivers(process: Incarnation, log: RecordLog): Drivers {
    const { agenda, observe, tamper } = this.#rules;
    const stores = this.#guardedStores(process);
    return createDrivers({
      ...stores,
      log,
      uploads: createUploads({ blobs: stores.blobs }),
      limits: { maxRunningJobs: 4, maxOpenJobs: 100 },
      revocations: { revoked: () => Promise.resolve([]) },
      aggregator: new PlainSums({ blobs: stores.blobs, tamper, work: (what) => agenda.work(process, what) }),
      clock: { nowMs: () => agenda.nowMs },
      changes: new JobChanges(),
      coordinatorVersion: 'simulation',
      archiveNames: { write: () => Promise.resolve() },
      observe: (_, after) => observe(after),
      crash: this.#rules.onBug,
    });
  }

  #guardedStores(process: Incarnation) {
    const { crashes } = this.#rules;
    const guard = { process, crashes };
    return {
      rounds: guarded('rounds', this.rounds, ['create', 'replace'], guard),
      jobs: guarded('jobs', this.jobs, ['create', 'replace', 'addConsent', 'addWithdrawal'], guard),
      checkpoints: guarded('checkpoints', this.checkpoints, ['replace'], guard),
      blobs: guarded('blobs', this.blobs, ['append', 'remove'], guard),
      rosters: guarded('rosters', this.rosters, ['replace'], guard),
      rosterReader: this.#rosterReader,
      // Documents are a function of bytes that never change: parsing them once for all processes saves time.
      reader: this.#reader,
    };
  }
}

/** Of a log that sites believe unseen. */
const BELIEVED: LogDesk = {
  service: () => {
    throw new Error('nobody asks for a log that is believed');
  },
  signPromise: () => UNSEEN_PROMISE,
};

function unavailable(): Refusal {
  return new Refusal('UNAVAILABLE', 'the coordinator is away');
}
