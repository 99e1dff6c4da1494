// The whole coordinator over stores that survive it, with a clock that is set by hand and processes that can be ended.
import {
  Refusal,
  rosterHash,
  sha256,
  toHex,
  utf8,
  type JobId,
  type Digest,
  type Member,
  type Roster,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { createEd25519Signer } from '@blindsum/proto/node';
import { createDrivers, type Drivers } from '../../coordinator/src/drivers.ts';
import { JobChanges } from '../../coordinator/src/job-changes.ts';
import { createJobReader, type JobDocument, type JobReader } from '../../coordinator/src/job-document.ts';
import type { JobView } from '../../coordinator/src/job-watch.ts';
import type { Published } from '../../coordinator/src/round/round.ts';
import type {
  CheckpointStore,
  JobStore,
  RecordLog,
  RoundStore,
  StoredMessage,
  StoredRound,
  SumTask,
} from '../../coordinator/src/ports.ts';
import { MemoryCheckpointStore } from '../../coordinator/src/storage/memory-checkpoint-store.ts';
import { MemoryJobStore } from '../../coordinator/src/storage/memory-job-store.ts';
import type { MemoryRosterStore } from '../../coordinator/src/storage/memory-roster-store.ts';
import type { JobLimits } from '../../coordinator/src/world.ts';
import { createRosterReader, type RosterReader } from '../../coordinator/src/roster-reader.ts';
import type { RosterStore } from '../../coordinator/src/roster-store.ts';
import { adoptRoster, createAdoptedRosters } from '../fixtures/adopted-rosters.ts';
import { createTestManifest, documentsOf } from '../fixtures/federation.ts';
import { guarded, InjectedFault, Lifetime, WriteFaults, type Fault } from './fault-injection.ts';
import { OneHotSums, PendingSums, type Tampering } from './one-hot-sums.ts';
import type { Watched } from './watched.ts';
import { SimulatedLog } from './simulated-log.ts';
import { SimulatedRevocations } from './simulated-revocations.ts';
import { SimulatedRoundStore } from './simulated-round-store.ts';
import { toEvent, verifyConsent, verifyMessage } from './signed-messages.ts';

const WAITS = {
  joinSeconds: 60,
  collectSeconds: 40,
  graceSeconds: 10,
  acknowledgeSeconds: 10,
  checksumSeconds: 10,
  openSeconds: 10,
  attestSeconds: 10,
  carrySeconds: 100,
};

export interface WorldPlan {
  readonly sites: number;
  /** Sites that are in a later roster only. */
  readonly joining?: readonly SiteId[];
  readonly faults?: ReadonlyMap<number, Fault>;
  /** Whether a fault ends the process, as it does in production, or is only reported to whoever asked. */
  readonly faultsAreFatal?: boolean;
  readonly limits?: JobLimits;
  /** Most members of a roster that the job goes by; as a job file without it unless given. */
  readonly capacity?: number;
  /** Laid over the job file. */
  readonly terms?: Readonly<Record<string, unknown>>;
  readonly tamper?: (task: SumTask) => Tampering | undefined;
}

/** No bytes are moved here. */
export const NO_UPLOADS = { status: async () => 0, discard: async () => undefined };

/** The outcome of what a site asked for. */
export type Outcome = 'accepted' | 'refused' | 'unknown';

export class SimulatedWorld implements Watched {
  /** Members of the first roster. */
  readonly sites: readonly SiteId[];
  /** And those of later ones. */
  readonly everyone: readonly SiteId[];
  readonly rounds: RoundStore = new SimulatedRoundStore();
  readonly jobs: JobStore = new MemoryJobStore();
  readonly checkpoints = new MemoryCheckpointStore();
  readonly rosters: MemoryRosterStore;
  readonly rosterReader: RosterReader;
  readonly #reader: JobReader;
  readonly log = new SimulatedLog();
  readonly revocations = new SimulatedRevocations(this.log);
  readonly sums: OneHotSums;
  readonly faults: WriteFaults;
  /** Places the run has been at: a property that never gets anywhere proves nothing. */
  readonly reached = new Set<string>();
  /** Rounds and the phases that they have been in. */
  readonly passed = new Set<string>();
  /** What the invariants have looked at. */
  readonly seen: Watched['seen'] = new Map();
  readonly job = 'test-job' as JobId;
  nowMs = 1_700_000_000_000;
  drivers!: Drivers;
  pending!: PendingSums;
  readonly #plan: WorldPlan;
  readonly #roster: Roster;
  #lifetime = new Lifetime();
  #isCrashing = false;

  constructor(plan: WorldPlan) {
    this.#plan = plan;
    this.#roster = createRoster(plan.sites);
    this.rosters = createAdoptedRosters([this.#roster], (site) => signerOf(site).sign);
    this.rosterReader = createRosterReader(this.rosters);
    this.#reader = createJobReader(this.jobs, this.rosterReader);
    this.sites = this.#roster.members.map(({ site }) => site);
    this.everyone = [...this.sites, ...(plan.joining ?? [])];
    this.sums = new OneHotSums(this.everyone);
    this.faults = new WriteFaults(plan.faults);
    this.#begin();
  }

  verify(message: StoredMessage, context: Digest): void {
    verifyMessage(message, context);
  }

  async summands(_: StoredRound, { sum }: Published): Promise<readonly SiteId[] | undefined> {
    const counts = this.sums.vectors.get(sum.root);
    return (
      counts && this.everyone.flatMap((site, i) => Array.from<SiteId>({ length: counts[i]! }).fill(site))
    );
  }

  /** Starts anew, as after `kill -9`. */
  async restart(): Promise<void> {
    for (let isUp = false; !isUp;) {
      await this.#noteOwed();
      this.#lifetime.end();
      this.#begin();
      isUp = (await this.#ask(() => this.drivers.ticker.recover())) !== 'unknown' && !this.#isCrashing;
    }
    // What it goes on with in the background is not the doing of the next message.
    await settleMicrotasks();
  }

  async submitJob(job = this.job): Promise<void> {
    while ((await this.tryToSubmit(job)) === 'unknown');
  }

  async tryToSubmit(name: string): Promise<Outcome> {
    const manifest = createTestManifest(this.#roster, {
      job: name,
      rounds: 1,
      attempts: 2,
      waits: WAITS,
      contributors: {
        ...(this.#plan.sites < 4 ? { minimum: 2, allowTwoSites: true } : { minimum: 3 }),
        ...(this.#plan.capacity !== undefined && { capacity: this.#plan.capacity }),
      },
      ...this.#plan.terms,
    });
    return this.asks(() => this.drivers.jobs.submit(documentsOf(manifest, this.#roster)));
  }

  async consent(site: SiteId, message: SignedMessage, job = this.job): Promise<Outcome> {
    return this.asks(async () => {
      verifyConsent(site, message);
      await this.drivers.jobs.consent(job, site, message);
    });
  }

  /** Delivers a message as the RPC shell would: verified first, then decided. */
  async deliver(
    message: StoredMessage,
    place: { readonly round: number; readonly attempt: number },
  ): Promise<Outcome> {
    const id = { job: this.job, ...place };
    return this.asks(async () => {
      const stored = await this.rounds.load(id);
      if (!stored) throw new Refusal('NOT_FOUND', 'no such round');
      verifyMessage(message, stored.round.rules.context);
      await this.drivers.rounds.submit(id, toEvent(message), message);
    });
  }

  /** What the coordinator shows; undefined if it could not say. */
  async view(): Promise<JobView | undefined> {
    let view: JobView | undefined;
    await this.asks(async () => {
      view = await this.drivers.watch.view(this.job);
    });
    return view;
  }

  async document(job = this.job): Promise<JobDocument> {
    return (await this.#reader.open(job)).document;
  }

  /** The same under an adopted roster. */
  async documentUnder(rosterHash: Digest, job = this.job): Promise<JobDocument> {
    return this.#reader.at(job, rosterHash);
  }

  /** Adopts the next roster, of these members; each has the keys that it always had, or signs with those of somebody else. */
  async adopt(sites: readonly SiteId[], signsAs: (site: SiteId) => SiteId = (site) => site): Promise<Digest> {
    const { adopted } = await this.rosterReader.read();
    const { roster, hash } = adopted.at(-1)!;
    const members = sites.map((site) => ({
      ...memberNamed(site),
      signingKey: memberNamed(signsAs(site)).signingKey,
    }));
    const next = { ...roster, version: roster.version + 1, previous: hash, members };
    adoptRoster(this.rosters, next, (site) => signerOf(signsAs(site)).sign);
    return rosterHash(next);
  }

  async tick(): Promise<void> {
    await this.asks(() => this.drivers.ticker.tick());
  }

  /** Does something to the coordinator, and restarts it if it crashed. */
  async asks(act: () => Promise<unknown>): Promise<Outcome> {
    const outcome = await this.#ask(act);
    await settleMicrotasks();
    if (this.#isCrashing || (outcome === 'unknown' && this.#plan.faultsAreFatal)) await this.restart();
    return outcome;
  }

  async #ask(act: () => Promise<unknown>): Promise<Outcome> {
    try {
      const result = await Promise.race([act(), this.#lifetime.died]);
      return result === 'died' ? 'unknown' : 'accepted';
    } catch (error) {
      if (error instanceof InjectedFault) return 'unknown';
      if (error instanceof Refusal) return 'refused';
      throw error;
    }
  }

  #begin(): void {
    const lifetime = new Lifetime();
    const guard = { lifetime, faults: this.faults };
    const jobs = guarded<JobStore>(this.jobs, ['create', 'replace', 'addConsent', 'addWithdrawal'], guard);
    this.#lifetime = lifetime;
    this.#isCrashing = false;
    this.pending = new PendingSums(this.sums, (task) => this.#plan.tamper?.(task));
    this.drivers = createDrivers({
      rounds: guarded<RoundStore>(this.rounds, ['create', 'replace'], guard),
      jobs,
      checkpoints: guarded<CheckpointStore>(this.checkpoints, ['replace'], guard),
      rosters: guarded<RosterStore>(this.rosters, ['replace'], guard),
      rosterReader: this.rosterReader,
      uploads: NO_UPLOADS,
      // Documents are a function of bytes that never change: parsing them once for all processes saves time.
      reader: this.#reader,
      log: guarded<RecordLog>(this.log, ['append'], guard),
      revocations: this.revocations,
      aggregator: this.pending,
      clock: { nowMs: () => this.nowMs },
      limits: this.#plan.limits ?? { maxRunningJobs: 4, maxOpenJobs: 100 },
      changes: new JobChanges(),
      coordinatorVersion: 'simulation',
      archiveNames: { write: () => Promise.resolve() },
      observe: (_, { id, round }) => {
        this.passed.add(`${id.round} ${round.phase}`);
        this.reached.add(round.phase === 'failed' ? `failed: ${round.reason}` : round.phase);
      },
      crash: (error) => this.#crash(error),
    });
  }

  #crash(error: unknown): void {
    if (!(error instanceof InjectedFault)) throw error;
    if (this.#plan.faultsAreFatal) this.#isCrashing = true;
  }

  async #noteOwed(): Promise<void> {
    for (const { round, owed } of await this.rounds.list(this.job))
      for (const { kind } of owed) this.reached.add(`crash owing ${kind} while ${round.phase}`);
  }
}

/** Lets everything run that does not wait for the schedule. */
export function settleMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Rosters are approved for real, other messages are signed in pretence. */
export function signerOf(site: SiteId) {
  return createEd25519Signer(sha256(utf8(`signing of ${site}`)));
}

export function memberNamed(site: SiteId): Member {
  const signingKey = toHex(signerOf(site).publicKey);
  return { site, signingKey, sharingKey: toHex(sha256(utf8(`sharing of ${site}`))).repeat(38) };
}

function createRoster(sites: number): Roster {
  const members = Array.from({ length: sites }, (_, i) => memberNamed(`site-${i + 1}` as SiteId));
  return { federation: 'test.example', version: 1, previous: '', members };
}
