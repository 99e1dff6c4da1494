// A job from its submission to its end: consents, the first round, and from each round to the next. Every step can be
// repeated after a crash: what was done is found done.
import {
  isEqualBytes,
  parseManifest,
  parseRoster,
  Refusal,
  verifyAuthor,
  verifyManifestFits,
  type Digest,
  type JobId,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { encodeRecord, recordDigest } from '@blindsum/proto/tlog';
import type { JobDocument } from './job-document.ts';
import type { JobQueue } from './job-queue.ts';
import type { JobRosters } from './job-rosters.ts';
import { isActive, isEnded, takesConsents } from './job-status.ts';
import type { JobWrites } from './job-writes.ts';
import type {
  AtRound,
  JobBytes,
  JobHead,
  JobStatus,
  Position,
  RoundId,
  StoredJob,
  StoredRound,
} from './ports.ts';
import { createManifestRecord, createResultRecord } from './records.ts';
import { revokedBefore } from './revocations.ts';
import { isSameRound } from './round-names.ts';
import { RoundPlaces } from './round-places.ts';
import { createRound, toRoundRules, type RulesSource } from './round/create-round.ts';
import { barredAfter, nextStep, type NextStep } from './round/next-step.ts';
import type { Failed, Published, RoundRules } from './round/round.ts';
import { describeShortage, leastSites, logWithdrawals, withdrawnBefore } from './withdrawals.ts';
import { appendRecord, loadHead, loadRound, type World } from './world.ts';

export interface JobDriverParts {
  readonly writes: JobWrites;
  readonly queue: JobQueue;
  readonly rosters: JobRosters;
}

export class JobDriver {
  readonly #world: World;
  readonly #writes: JobWrites;
  readonly #queue: JobQueue;
  readonly #rosters: JobRosters;
  readonly #places: RoundPlaces;

  constructor(world: World, { writes, queue, rosters }: JobDriverParts) {
    this.#world = world;
    this.#writes = writes;
    this.#queue = queue;
    this.#rosters = rosters;
    this.#places = new RoundPlaces(world, rosters);
  }

  /**
   * Takes a job in, to wait for consents; the same again is a retry. Refuses MALFORMED, MANIFEST_INVALID, MODEL_MISMATCH,
   * BAD_SIGNATURE, QUOTA_EXCEEDED while too many jobs are open, or CONFLICTING_SUBMISSION for another job of the same name.
   */
  async submit(bytes: JobBytes): Promise<StoredJob> {
    const manifest = parseManifest(bytes.manifest);
    verifyAuthor(
      manifest.author,
      { manifest: bytes.manifest, signature: bytes.authorSignature },
      verifyEd25519,
    );
    verifyManifestFits(manifest, parseRoster(bytes.roster));
    const submittedMs = this.#world.clock.nowMs();
    const job = await this.#queue.admit(manifest.job, () =>
      this.#world.jobs.create({ job: manifest.job, status: { state: 'joining' }, ...bytes, submittedMs }),
    );
    this.#world.changes.announce(job.job);
    return job;
  }

  /**
   * Keeps a site's consent, which the caller has verified, and starts the job if it was the last one. A job that has started
   * takes the site in with its next round. The same again is a retry; refuses NOT_FOUND, CONFLICTING_SUBMISSION, or
   * WRONG_PHASE for a job that has ended or is being cancelled.
   */
  async consent(job: JobId, site: SiteId, consent: SignedMessage): Promise<JobHead> {
    const head = await loadHead(this.#world, job);
    if (!takesConsents(head.status))
      return confirm(head, (await this.#world.jobs.consents(job)).get(site), consent);
    await this.#world.jobs.addConsent(job, site, consent);
    this.#world.changes.announce(job);
    return this.progress(job);
  }

  /**
   * Keeps a site's withdrawal, which the caller has verified: the next attempt does not count the site, and before the first one
   * the job no longer waits for it. The same again is a retry; refuses NOT_FOUND, CONFLICTING_SUBMISSION, or WRONG_PHASE for a job
   * that has ended or a site that has not consented.
   */
  async withdraw(job: JobId, site: SiteId, withdrawal: SignedMessage): Promise<JobHead> {
    const head = await loadHead(this.#world, job);
    const { jobs } = this.#world;
    if (isEnded(head.status)) return confirm(head, (await jobs.withdrawals(job)).get(site), withdrawal);
    if (!(await jobs.consents(job)).has(site))
      throw new Refusal('WRONG_PHASE', `${site} has not consented to ${job}`);
    await jobs.addWithdrawal(job, site, withdrawal);
    this.#world.changes.announce(job);
    return this.progress(job);
  }

  /** Does what a job that is at no round can do: wait for consents, for a place, start its next round. Repeatable. */
  async progress(job: JobId): Promise<JobHead> {
    const { status } = await this.#writes.change(job, (head) => this.#queueWhenReady(head));
    if (status.state === 'queued') await this.#queue.fill();
    return this.#writes.change(job, (head) => this.#start(head));
  }

  /** What follows the end of a round, if that has not been done: the next one, another attempt, or the end of the job. */
  async advance({ id, round }: StoredRound): Promise<void> {
    if (round.phase !== 'published' && round.phase !== 'failed') return;
    await this.#writes.change(id.job, async ({ status }) => {
      if (!isActive(status) || !isSameRound(status.current, id)) return undefined;
      const after = { last: id, lastRecord: await this.#lastRecord(status, round) };
      return this.#take(await this.#stepAfter(after, round), { status, after, ended: round });
    });
  }

  /** The record of a published round, which the job must be at. */
  async resultRecord(id: RoundId, round: Published) {
    const { status } = await loadHead(this.#world, id.job);
    if (!isActive(status)) throw new Error(`job ${id.job} is not at a round`);
    return this.#resultRecord(status, round);
  }

  async #resultRecord({ current: id, lastRecord }: AtRound, round: Published) {
    const { rounds, reader, coordinatorVersion } = this.#world;
    const document = await reader.at(id.job, round.rules.rosterHash);
    const messages = await rounds.messages(id);
    return createResultRecord(
      { id, document, messages, previousRecord: lastRecord, coordinatorVersion },
      round,
    );
  }

  async #lastRecord(at: AtRound, round: Published | Failed): Promise<Digest | ''> {
    if (round.phase === 'failed') return at.lastRecord;
    return recordDigest(encodeRecord(await this.#resultRecord(at, round)));
  }

  async #queueWhenReady(head: JobHead): Promise<JobStatus | undefined> {
    if (head.status.state !== 'joining') return undefined;
    const { document } = await this.#rosters.toConsent(head.job);
    const { jobs } = this.#world;
    const [consents, withdrawals] = await Promise.all([jobs.consents(head.job), jobs.withdrawals(head.job)]);
    const present = document.roster.members.filter(({ site }) => !withdrawals.has(site));
    const shortage = describeShortage(present.length, document);
    if (shortage !== undefined) return { state: 'failed', reason: shortage };
    const signed = await this.#rosters.consented(document, consents);
    // At every tick of every job that is joining: most of them need not know who was revoked.
    if (signed.length < leastSites(document)) return undefined;
    // Who is revoked may be admitted again while the job waits.
    const revoked = await this.#world.revocations.revoked();
    const awaited = present.filter(({ site }) => !revoked.includes(site));
    const consented = signed.filter((site) => awaited.some((member) => member.site === site));
    const isComplete = consented.length === awaited.length && consented.length >= leastSites(document);
    if (!isComplete && !this.#isReady(head, document, consented.length)) return undefined;
    return { state: 'queued', readyMs: this.#world.clock.nowMs() };
  }

  /** Without those that have not consented yet. */
  #isReady({ submittedMs }: JobHead, document: JobDocument, consents: number): boolean {
    const { joinSeconds } = document.manifest.waits;
    const isOver = this.#world.clock.nowMs() >= submittedMs + joinSeconds * 1000;
    return isOver && consents >= leastSites(document);
  }

  /** Creates the round that a place was given for. */
  async #start({ job, status }: JobHead): Promise<JobStatus | undefined> {
    if (status.state === 'starting') return this.#startFirst(job, status);
    if (status.state !== 'resuming') return undefined;
    const { round } = await loadRound(this.#world, status.after.last);
    if (round.phase !== 'published' && round.phase !== 'failed')
      throw new Error(`job ${job} is to resume from a round that has not ended`);
    const { after } = status;
    return this.#take(await this.#stepAfter(after, round), { status, after, ended: round });
  }

  async #startFirst(
    job: JobId,
    { consented, rosterHash }: Extract<JobStatus, { state: 'starting' }>,
  ): Promise<JobStatus> {
    const document = await this.#world.reader.at(job, rosterHash);
    const consents = await this.#world.jobs.consents(job);
    const signed = consented.map((site) => ({ site, message: consents.get(site) as SignedMessage }));
    // What the job refers to is in the log first.
    await this.#rosters.toConsent(job);
    await appendRecord(this.#world, createManifestRecord(document, signed));
    const baseModelHash = document.manifest.model.initialHash;
    const current = { job, round: 0, attempt: 1 };
    const withdrawn = await withdrawnBefore(this.#world, current, document);
    const counted = consented.filter((site) => !withdrawn.includes(site));
    const shortage = await this.#places.shortage(current, counted, document);
    if (shortage !== undefined) return { state: 'failed', reason: shortage };
    const revoked = await revokedBefore(this.#world, current);
    const places = { consented: counted, barred: [], withdrawn, revoked };
    await this.#createRound(current, toRules(document, places, current, baseModelHash));
    return { state: 'running', current, lastRecord: '' };
  }

  async #stepAfter({ last }: Position, ended: Published | Failed): Promise<NextStep> {
    const { document } = await this.#world.reader.open(last.job);
    const { rounds, attempts } = document.manifest;
    return nextStep(ended, { ...last, rounds, attempts });
  }

  /** The next round, another attempt, a pause that was asked for, or the end of the job. */
  async #take(step: NextStep, { status, after, ended }: Crossing): Promise<JobStatus> {
    const { last, lastRecord } = after;
    const before = await this.#world.reader.at(last.job, ended.rules.rosterHash);
    const goesOn = step.kind === 'round' && (status.state === 'running' || status.state === 'resuming');
    if (!goesOn) await logWithdrawals(this.#world, before);
    if (step.kind === 'finish') return { state: 'finished', last, modelHash: step.modelHash };
    if (status.state === 'cancelling') return { state: 'cancelled', last, reason: status.reason };
    if (step.kind === 'stop') return { state: 'failed', last, reason: step.reason };
    if (status.state === 'pausing') return { state: 'paused', after };
    const { round, attempt, baseModelHash } = step;
    const current = { job: last.job, round, attempt };
    const { document, counted, withdrawn, revoked } = await this.#places.of(current, ended, before);
    const shortage = await this.#places.shortage(current, counted, document);
    if (shortage !== undefined) return { state: 'failed', last, reason: shortage };
    const barred = barredAfter(ended, counted, document.manifest);
    const places = { consented: counted, barred, withdrawn, revoked };
    await this.#createRound(current, toRules(document, places, current, baseModelHash));
    return { state: 'running', current, lastRecord };
  }

  async #createRound(id: RoundId, rules: RoundRules): Promise<void> {
    const startedMs = this.#world.clock.nowMs();
    const round = createRound(rules, startedMs);
    const created = await this.#world.rounds.create(id, { round, owed: [], startedMs });
    this.#world.observe(undefined, created);
  }
}

/** The job, if it holds this very message; what came too late is refused. */
function confirm(head: JobHead, held: SignedMessage | undefined, message: SignedMessage): JobHead {
  const isHeld =
    held && isEqualBytes(held.payload, message.payload) && isEqualBytes(held.signature, message.signature);
  if (!isHeld) throw new Refusal('WRONG_PHASE', `job ${head.job} is ${head.status.state}`);
  return head;
}

/** A job between the round that ended and what comes next. */
interface Crossing {
  readonly status: JobStatus;
  readonly after: Position;
  readonly ended: Published | Failed;
}

function toRules(
  { manifest, roster, manifestHash, rosterHash }: JobDocument,
  places: Pick<RulesSource, 'consented' | 'barred' | 'withdrawn' | 'revoked'>,
  { job, round, attempt }: RoundId,
  baseModelHash: Digest,
): RoundRules {
  const { federation } = manifest;
  const terms = { federation, job, round, attempt, baseModelHash, manifestHash, rosterHash };
  return toRoundRules({ manifest, roster, terms, ...places });
}
