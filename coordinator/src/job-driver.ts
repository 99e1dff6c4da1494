// A job from its submission to its end: consents, the first round, and from each round to the next. Every step can be
// repeated after a crash: what was done is found done.
import {
  isEqualBytes,
  parseManifest,
  parseRoster,
  Refusal,
  verifyManifestFits,
  type Bytes,
  type Digest,
  type JobId,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { encodeRecord, recordDigest } from '@blindsum/proto/tlog';
import type { JobDocument } from './job-document.ts';
import { KeyedQueue } from './keyed-queue.ts';
import type { JobStatus, RoundId, StoredJob, StoredRound } from './ports.ts';
import { createManifestRecord, createResultRecord, createRosterRecord } from './records.ts';
import { isSameRound } from './round-names.ts';
import { createRound, toRoundRules } from './round/create-round.ts';
import { nextStep, type NextStep } from './round/next-step.ts';
import type { Published, RoundRules } from './round/round.ts';
import { appendRecord, loadJob, type World } from './world.ts';

type Running = Extract<JobStatus, { state: 'running' }>;

export class JobDriver {
  readonly #world: World;
  readonly #queue = new KeyedQueue();

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Takes a job in, to wait for consents; the same again is a retry. Refuses MALFORMED, MANIFEST_INVALID, MODEL_MISMATCH,
   * or CONFLICTING_SUBMISSION for another job of the same name.
   */
  async submit(bytes: { readonly manifest: Bytes; readonly roster: Bytes }): Promise<StoredJob> {
    const manifest = parseManifest(bytes.manifest);
    verifyManifestFits(manifest, parseRoster(bytes.roster));
    const submittedMs = this.#world.clock.nowMs();
    const job = await this.#world.jobs.create({
      job: manifest.job,
      status: { state: 'joining' },
      ...bytes,
      submittedMs,
    });
    this.#world.changes.announce(job.job);
    return job;
  }

  /**
   * Keeps a site's consent, which the caller has verified, and starts the job if it was the last one. The same again is a
   * retry; refuses NOT_FOUND, CONFLICTING_SUBMISSION, or WRONG_PHASE once the job has started without the site: consents
   * are in the log before the first round.
   */
  async consent(job: JobId, site: SiteId, consent: SignedMessage): Promise<StoredJob> {
    const stored = await loadJob(this.#world, job);
    if (stored.status.state !== 'joining') return this.#confirmConsent(stored, site, consent);
    await this.#world.jobs.addConsent(job, site, consent);
    this.#world.changes.announce(job);
    return this.progress(job);
  }

  /** Starts the job if it is due: all sites have consented, or the time to join is over and enough have. */
  progress(job: JobId): Promise<StoredJob> {
    return this.#queue.run(job, async () => {
      const stored = await this.#freeze(await loadJob(this.#world, job));
      return stored.status.state === 'starting' ? this.#start(stored, stored.status.consented) : stored;
    });
  }

  /** What follows the end of a round, if that has not been done: the next one, another attempt, or the end of the job. */
  async advance({ id, round }: StoredRound): Promise<void> {
    if (round.phase !== 'published' && round.phase !== 'failed') return;
    const stored = await loadJob(this.#world, id.job);
    if (stored.status.state !== 'running' || !isSameRound(stored.status.current, id)) return;
    const { document } = await this.#world.reader.open(id.job);
    const { rounds, attempts } = document.manifest;
    const step = nextStep(round, { ...id, rounds, attempts });
    const lastRecord =
      round.phase === 'published'
        ? recordDigest(encodeRecord(await this.resultRecord(id, round)))
        : stored.status.lastRecord;
    await this.#replace(stored, await this.#take(step, { id, rules: round.rules, document, lastRecord }));
  }

  /** The record of a published round, which the job must be at. */
  async resultRecord(id: RoundId, round: Published) {
    const { rounds, reader, coordinatorVersion } = this.#world;
    const { stored, document } = await reader.open(id.job);
    const { lastRecord } = stored.status as Running;
    const messages = await rounds.messages(id);
    return createResultRecord(
      { id, document, messages, previousRecord: lastRecord, coordinatorVersion },
      round,
    );
  }

  async #confirmConsent(stored: StoredJob, site: SiteId, consent: SignedMessage): Promise<StoredJob> {
    const held = (await this.#world.jobs.consents(stored.job)).get(site);
    const isHeld =
      held && isEqualBytes(held.payload, consent.payload) && isEqualBytes(held.signature, consent.signature);
    if (!isHeld) throw new Refusal('WRONG_PHASE', `job ${stored.job} has started`);
    return stored;
  }

  /** Fixes whose consents count before they are logged: a log entry that is repeated must be the same. */
  async #freeze(stored: StoredJob): Promise<StoredJob> {
    if (stored.status.state !== 'joining') return stored;
    const { document } = await this.#world.reader.open(stored.job);
    const consents = await this.#world.jobs.consents(stored.job);
    const consented = document.roster.members.map(({ site }) => site).filter((site) => consents.has(site));
    if (!this.#isReady(stored, document, consented.length)) return stored;
    return this.#replace(stored, { state: 'starting', consented });
  }

  #isReady({ submittedMs }: StoredJob, { manifest, roster }: JobDocument, consents: number): boolean {
    if (consents === roster.members.length) return true;
    const isOver = this.#world.clock.nowMs() >= submittedMs + manifest.waits.joinSeconds * 1000;
    return isOver && consents >= Math.max(manifest.contributors.minimum, manifest.threshold);
  }

  async #start(stored: StoredJob, consented: readonly SiteId[]): Promise<StoredJob> {
    const { document } = await this.#world.reader.open(stored.job);
    const consents = await this.#world.jobs.consents(stored.job);
    const signed = consented.map((site) => ({ site, message: consents.get(site) as SignedMessage }));
    await appendRecord(this.#world, createRosterRecord(document));
    await appendRecord(this.#world, createManifestRecord(document, signed));
    const baseModelHash = document.manifest.model.initialHash;
    const current = { job: stored.job, round: 0, attempt: 1 };
    await this.#createRound(current, toRules(document, consented, current, baseModelHash));
    return this.#replace(stored, { state: 'running', current, lastRecord: '' });
  }

  async #take(step: NextStep, ended: EndedRound): Promise<JobStatus> {
    const { id, document, rules, lastRecord } = ended;
    switch (step.kind) {
      case 'finish':
        return { state: 'finished', last: id, modelHash: step.modelHash };
      case 'stop':
        return { state: 'failed', last: id, reason: step.reason };
      case 'round': {
        const { round, attempt, baseModelHash } = step;
        const current = { job: id.job, round, attempt };
        await this.#createRound(current, toRules(document, rules.sites, current, baseModelHash));
        return { state: 'running', current, lastRecord };
      }
    }
  }

  async #createRound(id: RoundId, rules: RoundRules): Promise<void> {
    const startedMs = this.#world.clock.nowMs();
    const round = createRound(rules, startedMs);
    this.#world.observe(await this.#world.rounds.create(id, { round, owed: [], startedMs }));
  }

  /** A write that is lost means that another process has just taken the same step. */
  async #replace(before: StoredJob, status: JobStatus): Promise<StoredJob> {
    const after = await this.#world.jobs.replace(before, status);
    this.#world.changes.announce(before.job);
    return after ?? loadJob(this.#world, before.job);
  }
}

interface EndedRound {
  readonly id: RoundId;
  readonly rules: RoundRules;
  readonly document: JobDocument;
  readonly lastRecord: Digest | '';
}

function toRules(
  { manifest, roster, manifestHash, rosterHash }: JobDocument,
  consented: readonly SiteId[],
  { job, round, attempt }: RoundId,
  baseModelHash: Digest,
): RoundRules {
  const { federation } = manifest;
  const terms = { federation, job, round, attempt, baseModelHash, manifestHash, rosterHash };
  return toRoundRules({ manifest, roster, terms, consented });
}
