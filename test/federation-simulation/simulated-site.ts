// A site's process: its real session over a journal and a disk that outlive it.
import {
  manifestHash,
  parseRoster,
  Refusal,
  refuseUnless,
  type Manifest,
  type Member,
  type Roster,
} from '@blindsum/proto';
import type { Journal } from '../../participant/src/journal/journal.ts';
import { MemoryJournal } from '../../participant/src/journal/memory-journal.ts';
import { openSiteLog } from '../../participant/src/log/open-site-log.ts';
import type { SiteLog } from '../../participant/src/log/site-log.ts';
import type { Site } from '../../participant/src/open-session.ts';
import type { SessionEnd } from '../../participant/src/session-driver.ts';
import { withdraw } from '../../participant/src/policy/site-leave.ts';
import { RosterKeeper } from '../../participant/src/rosters/roster-keeper.ts';
import type { SiteRosters } from '../../participant/src/rosters/site-rosters.ts';
import type { ProgressEvent } from '../../participant/src/session-progress.ts';
import { runJob } from '../../participant/src/site-agent.ts';
import { PASSING } from '../../participant/src/passing.ts';
import type { Clock, RosterSource } from '../../participant/src/ports.ts';
import { verifyEd25519 } from '@blindsum/proto/node';
import { createOneHotTrainer, oneHotRows } from '../attacks/one-hot-learner.ts';
import { createAcceptedRosters } from '../fixtures/accepted-rosters.ts';
import { mountDisk, MOUNT, unmountDisk } from '../fixtures/disk/mounted-disks.ts';
import { SimulatedDisk } from '../fixtures/disk/simulated-disk.ts';
import type { RecordsSeen } from '../simulation/watched.ts';
import { allowingAll } from '../fixtures/policies.ts';
import type { Agenda } from './agenda.ts';
import type { SiteIdentity } from './identities.ts';
import { Incarnation, Killed, type Crash, type CrashPoints } from './incarnation.ts';
import { KeptLog } from './kept-log.ts';
import type { LogTrees } from './log-trees.ts';
import { PlainEncryptor, type PlainRules } from './plain-encryptor.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import { connectLog } from './site-log-source.ts';
import { connectSite } from './site-ports.ts';
import { SiteWitness } from './site-witness.ts';

export interface SiteRules extends Omit<PlainRules, 'work'> {
  readonly manifest: Manifest;
  readonly roster: Roster;
  /** Whether rosters may follow that one, which sites then ask for. */
  readonly hasCeremonies: boolean;
  readonly agenda: Agenda;
  readonly network: SimulatedNetwork;
  readonly crashes: CrashPoints;
  /** Of the coordinator: what sites are shown must be in it. */
  readonly log: RecordsSeen;
  /** Where the site follows the log itself, what was ever signed of it; otherwise it believes `log`. */
  readonly trees: LogTrees | undefined;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly onEvent: (event: ProgressEvent) => void;
  /** Told of places that a run must have been at. */
  readonly onPlace: (place: string) => void;
  /** Told of each crash, with what the process did last. */
  readonly onCrash: (doing: string) => void;
  readonly onBug: (error: unknown) => void;
}

/** Between looks at the coordinator's rosters. */
const LOOK_MS = 3_000;

let mounted = 0;

export class SimulatedSite {
  readonly identity: SiteIdentity;
  readonly journal: Journal = new MemoryJournal();
  readonly disk = new SimulatedDisk(`${MOUNT}site-${++mounted}`);
  /** How its job ended, once it has. */
  end: SessionEnd | Refusal | undefined;
  /** A site that is away does not come back until it is told to. */
  isAway = false;
  readonly #rules: SiteRules;
  readonly #witness: SiteWitness;
  /** Where the site follows the log. */
  readonly kept: KeptLog | undefined;
  #process: Incarnation;

  constructor(identity: SiteIdentity, rules: SiteRules) {
    this.identity = identity;
    this.#rules = rules;
    const { manifest, log, onPlace, trees } = rules;
    const { journal } = this;
    const own = { site: identity.site, job: manifest.job, journal, onPlace };
    this.#witness = new SiteWitness({ ...own, log });
    this.kept = trees && new KeptLog({ ...own, rounds: manifest.rounds + 2, trees });
    this.#process = new Incarnation(identity.site, () => {});
    this.#process.end();
    mountDisk(this.disk);
  }

  /** Whether the site is in the first roster. */
  get isFounder(): boolean {
    return this.#rules.roster.members.some(({ site }) => site === this.identity.site);
  }

  get member(): Member {
    return this.identity.keys.member(this.identity.site);
  }

  /** Its owner takes the consent back, if there is one; another program at the same journal. */
  withdraw(): boolean {
    const { manifest } = this.#rules;
    const { site, keys } = this.identity;
    const consent = this.journal.consent(manifest.job);
    if (consent === undefined || this.end !== undefined) return false;
    const { rosterHash } = consent;
    const known = this.journal.rosters().find(({ hash }) => hash === rosterHash);
    const roster = known ? parseRoster(known.roster) : this.#rules.roster;
    const policy = { minContributors: 2, allowTwoSites: true };
    const documents = { manifest, manifestHash: manifestHash(manifest), roster, rosterHash };
    const terms = { site, ...documents, policy, verify: verifyEd25519 };
    const by = { decidedBy: 'its owner', reason: 'the test says so', atMs: this.#rules.agenda.nowMs };
    withdraw({ terms, journal: this.journal, keys: keys.signer }, by);
    return true;
  }

  get isUp(): boolean {
    return this.#process.isAlive;
  }

  /** Begins from the journal and the disk alone. */
  start(): void {
    if (this.isUp || this.isAway || (this.end && !this.kept)) return;
    const process = new Incarnation(this.identity.site, (crash) => this.#onEnd(crash));
    this.#process = process;
    this.disk.guard = (what, apply) => this.#rules.crashes.write(process, `disk ${what}`, apply);
    const { agenda, manifest, random, onBug } = this.#rules;
    agenda.note(`${process.name} starts`);
    const rules = { giveUpAfterMs: 24 * 3600_000, random, signal: new AbortController().signal };
    const site = this.#createSite(process);
    if (this.end) return;
    runJob(site, manifest.job, rules).then(
      (end) => this.#finish(process, end),
      (error: unknown) => {
        if (error instanceof Killed) return;
        if (error instanceof Refusal) this.#finish(process, error);
        else if (process.isAlive) onBug(error);
      },
    );
  }

  crash(crash?: Crash): void {
    this.#process.end(crash);
  }

  close(): void {
    this.#process.end();
    unmountDisk(this.disk);
  }

  #finish(process: Incarnation, end: SessionEnd | Refusal): void {
    if (!process.isAlive) return;
    this.end = end;
    this.#rules.agenda.note(`${process.name} ends: ${end instanceof Refusal ? end.code : end.kind}`);
  }

  #onEnd(crash: Crash | undefined): void {
    const { agenda, random, onCrash } = this.#rules;
    if (this.end && !this.kept) return;
    const { site } = this.identity;
    agenda.note(`${site} crashes${crash?.power === true ? ' without power' : ''}`);
    onCrash(this.#process.doing.replace(/ of .*/, ''));
    if (crash?.power === true) this.disk.losePower(() => random() < 0.5);
    agenda.post({ what: `${site} starts`, run: () => this.start() });
  }

  #createSite(process: Incarnation): Site {
    const { agenda, network, manifest } = this.#rules;
    const { site, keys, index } = this.identity;
    const work = (what: string) => agenda.work(process, what);
    const trainer = createOneHotTrainer(manifest, index - 1);
    const journal = this.#guardJournal(process);
    const { source, ...ports } = connectSite({ site, process, network, witness: this.#witness });
    const rosters = this.#followRosters(process, { journal, source });
    return {
      config: this.#config,
      policy: allowingAll({ minContributors: 2, allowTwoSites: true }),
      keys,
      rosters,
      ...ports,
      log: this.#followLog(process, { journal, rosters }),
      encryptor: new PlainEncryptor({ ...this.#rules, work }),
      journal,
      readData: async () => oneHotRows(manifest, index - 1),
      openTrainer: async () => ({
        ...trainer,
        train: async (request) => {
          await work('trains');
          request.signal?.throwIfAborted();
          return trainer.train(request);
        },
      }),
      clock: this.#clock(process),
      report: (event) => this.#hear(process, event),
    };
  }

  get #config() {
    return { ...this.identity.config, stateDirectory: this.disk.root };
  }

  #clock(process: Incarnation): Clock {
    const { agenda } = this.#rules;
    return { nowMs: () => agenda.nowMs, sleep: (ms) => agenda.sleep(process, ms) };
  }

  /** As the agent does, also when its job has ended. */
  #followLog(process: Incarnation, parts: { journal: Journal; rosters: SiteRosters }): SiteLog {
    const { kept } = this;
    const { network, onBug } = this.#rules;
    const { site, keys } = this.identity;
    if (!kept) return this.#believedLog();
    const line = { site, process, network, onCosign: (size: bigint) => kept.cosigns(size) };
    const log = openSiteLog({
      ...{ config: this.#config, keys, source: connectLog(line), ...parts },
      ...{ clock: this.#clock(process), report: (event) => this.#hear(process, event) },
    });
    log.follow(new AbortController().signal).catch((error: unknown) => {
      if (!(error instanceof Killed)) onBug(error);
    });
    return log.keeper;
  }

  #believedLog(): SiteLog {
    const { log } = this.#rules;
    return {
      verifySealed: async ({ set }) =>
        refuseUnless(log.sealedIndex(set.root) >= 0, 'NOT_LOGGED', 'the set is not in the log'),
      keepPromise: async () => undefined,
    };
  }

  /** Where rosters may change, the site asks for them, and people approve every one. */
  #followRosters(process: Incarnation, parts: { journal: Journal; source: RosterSource }): SiteRosters {
    const { config, keys } = this.identity;
    if (!this.#rules.hasCeremonies) return createAcceptedRosters(this.#rules.roster);
    const own = { own: this.member, sign: keys.signer.sign };
    const keeper = new RosterKeeper({ rules: config, ...own, ...parts });
    this.#approveAll(process, keeper).catch((error: unknown) => {
      if (!(error instanceof Killed)) this.#rules.onBug(error);
    });
    return keeper;
  }

  async #approveAll(process: Incarnation, keeper: RosterKeeper): Promise<void> {
    const { agenda } = this.#rules;
    while (!this.end) {
      try {
        const { proposal } = await keeper.follow();
        if (
          proposal?.isApproved === false &&
          proposal.objection !== undefined &&
          !isLeaving(proposal.objection)
        )
          await keeper.approve(proposal);
      } catch (error) {
        if (!(error instanceof Refusal) || !PASSING.has(error.code)) throw error;
      }
      await agenda.sleep(process, LOOK_MS);
    }
  }

  #hear(process: Incarnation, event: ProgressEvent): void {
    if (!process.isAlive) return;
    this.#rules.onEvent(event);
    if (event.event === 'refused' || event.event === 'log-refused')
      this.#rules.onPlace(`${event.event}: ${event.code}`);
  }

  /** The journal as one process sees it: each record is a write at which it may crash. */
  #guardJournal(process: Incarnation): Journal {
    const { crashes } = this.#rules;
    const log = this.kept?.guard(process, crashes);
    return new Proxy(this.journal, {
      get(target, property) {
        if (property === 'log' && log) return log;
        const method: unknown = Reflect.get(target, property);
        if (typeof method !== 'function') return method;
        const name = String(property);
        return (...args: unknown[]) => {
          const call = (): unknown => Reflect.apply(method, target, args);
          if (name.startsWith('record')) return crashes.write(process, `journal ${name}`, call);
          process.requireAlive();
          return call();
        };
      },
    });
  }
}

/** Whoever is to leave does not sign for it. */
function isLeaving(objection: string): boolean {
  return objection === 'this site would leave';
}
