// One job at one site: ask for the state, do what is owed, repeat (PROTOCOL.md section 5). The decision is session/; this
// loop adds the world: the coordinator may be away, the disk is slow, the program may be stopped at any point.
import { Refusal, roundKind, type Digest, type JobId, type RefusalCode } from '@blindsum/proto';
import { BackOff } from './back-off.ts';
import { factsAbout, toOffered } from './facts-about.ts';
import { PASSING } from './passing.ts';
import { termsUnder } from './round-roster.ts';
import type { Session } from './session-context.ts';
import { siteLeave } from './policy/site-leave.ts';
import type { Leave } from './session/leave.ts';
import { nextStep } from './session/next-step.ts';
import type { JobSnapshot, RoundReference, RoundSnapshot } from './session/round-snapshot.ts';
import { heldModelHash } from './steps/base-model.ts';
import { perform, type Task } from './steps/perform.ts';
import { tracedTask } from './traced-task.ts';

export type SessionEnd =
  | { readonly kind: 'finished'; readonly modelHash: Digest | undefined }
  | {
      readonly kind: 'stopped';
      readonly reason: string;
      /** What this site refused before, if anything. */
      readonly refusal: Refusal | undefined;
    }
  /** This site took its consent back; `fromRound` is the first round that it has no part in. */
  | { readonly kind: 'withdrawn'; readonly fromRound: number }
  /** The program was told to stop. */
  | { readonly kind: 'interrupted' };

const WAIT_MS = 25_000;
const NO_NEWS_MS = 200;
/** Between looks at the round while this site trains, and when the coordinator is away. */
const LOOK_MS = 1_000;
const AWAY_MS = 5_000;
/** The site itself cannot go on, whatever the coordinator does next. */
const FINAL: ReadonlySet<RefusalCode> = new Set([
  'CONFIG_INVALID',
  'DATA_INVALID',
  'MANIFEST_INVALID',
  'POLICY_FORBIDS',
  'UNAUTHENTICATED',
  'MODEL_MISMATCH',
  'MODEL_DISAGREEMENT',
]);

export interface DriverRules {
  readonly giveUpAfterMs: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

export class SessionDriver {
  /** Under the roster of the round that was shown last. */
  #session: Session;
  readonly #job: JobId;
  readonly #rules: DriverRules;
  readonly #backOff: BackOff;
  /** Version of the view that everything owed was done for. */
  #knownVersion = 0n;
  #lastPhase = '';
  /** Why this site held its contributions back. */
  #lastWhy = '';
  #lastRefusal: Refusal | undefined;
  /** The last checkpoint that this site sealed for others: once each, whatever the coordinator asks. */
  #offered: string | undefined;

  /** Of the roster that the last round went by. */
  #rosterHash: Digest | undefined;

  constructor(session: Session, rules: DriverRules) {
    this.#session = session;
    this.#job = session.terms.manifest.job;
    this.#rules = rules;
    this.#backOff = new BackOff({ clock: session.clock, ...rules });
  }

  /**
   * Runs the job to its end. Rejects with a Refusal when this site cannot go on: its own fault, a model that differs from its own, or
   * a coordinator that is away for too long. What a dishonest coordinator shows is reported once, and this site takes no part
   * in it while it lasts.
   */
  async run(): Promise<SessionEnd> {
    try {
      while (!this.#rules.signal.aborted) {
        const end = await this.#turn();
        if (end) return end;
      }
      return { kind: 'interrupted' };
    } finally {
      this.#session.memory.forget();
    }
  }

  async #turn(): Promise<SessionEnd | undefined> {
    let view: JobSnapshot | undefined;
    try {
      view = await this.#session.coordinator.watch(this.#job, this.#knownVersion, WAIT_MS);
      // A coordinator that answers at once without any news must not keep this site busy.
      if (view.version === this.#knownVersion) await this.#session.clock.sleep(NO_NEWS_MS);
      const end = await this.#follow(view);
      this.#backOff.succeeded();
      return end;
    } catch (error) {
      // Whatever was under way when the program was told to stop has failed for that reason.
      if (!this.#rules.signal.aborted) await this.#recover(error, view);
      return undefined;
    }
  }

  async #follow(view: JobSnapshot): Promise<SessionEnd | undefined> {
    const round = 'round' in view ? view.round : undefined;
    if (round) await this.#goBy(round);
    const { terms } = this.#session;
    // A job that this site had finished before is not gone through again.
    const isOver = view.state === 'finished' && this.#hasLastModel();
    if (round && !isOver) this.#enter(round);
    const leave = await this.#leave();
    const step = nextStep(view, factsAbout(this.#session, view, { offered: this.#offered, leave }), terms);
    switch (step.kind) {
      case 'wait':
        this.#knownVersion = view.version;
        return undefined;
      case 'withdrawn':
        this.#retire();
        return { kind: 'withdrawn', fromRound: step.fromRound };
      case 'finished':
        return { kind: 'finished', modelHash: this.#finish() };
      case 'stopped':
        this.#retire();
        return { kind: 'stopped', reason: this.#withRefusal(step.reason), refusal: this.#lastRefusal };
      default: {
        const outcome = await this.#perform(step, view);
        if (step.kind === 'seal-checkpoint')
          this.#offered = toOffered(step.model.modelHash, terms.rosterHash);
        this.#knownVersion = outcome === 'told' ? view.version : 0n;
        return undefined;
      }
    }
  }

  /** Looked at before every step: it may change at any time. */
  async #leave(): Promise<Leave> {
    const leave = await siteLeave(this.#session);
    const why = leave.kind === 'held-back' ? leave.why : '';
    if (why !== '' && why !== this.#lastWhy)
      this.#session.report({ event: 'held-back', job: this.#job, why });
    this.#lastWhy = why;
    return leave;
  }

  /** Rounds of a job may go by one roster after another. */
  async #goBy({ ref, rosterHash }: RoundSnapshot): Promise<void> {
    if (ref.job !== this.#job || rosterHash === this.#rosterHash) return;
    this.#session = { ...this.#session, terms: await termsUnder(this.#session, rosterHash) };
    this.#rosterHash = rosterHash;
  }

  /** What takes long is given up when it is too late for it: a training, once the round no longer collects. */
  async #perform(task: Task, { version }: JobSnapshot): Promise<'told' | 'local'> {
    return tracedTask(this.#session.terms, task, () => this.#performInTime(task, version));
  }

  async #performInTime(task: Task, version: bigint): Promise<'told' | 'local'> {
    if (task.kind !== 'contribute') return perform(this.#session, task);
    const tooLate = new AbortController();
    const done = new AbortController();
    void this.#watchCollecting(task.round.ref, version, { tooLate, done: done.signal });
    try {
      return await perform(this.#session, task, tooLate.signal);
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
      return 'local';
    } finally {
      done.abort();
    }
  }

  /** Aborts `tooLate` when the round has left the phase for contributions, or this site holds them back. A coordinator that is away changes nothing. */
  async #watchCollecting(ref: RoundReference, version: bigint, { tooLate, done }: Watched): Promise<void> {
    const { coordinator, clock } = this.#session;
    let known = version;
    let isAway = false;
    for (;;) {
      await clock.sleep(isAway ? AWAY_MS : LOOK_MS);
      if (done.aborted || this.#rules.signal.aborted) return;
      const leave = await siteLeave(this.#session);
      if (leave.kind !== 'given') return tooLate.abort(new TooLate('this site contributes no more'));
      try {
        const view = await coordinator.watch(this.#job, known, WAIT_MS, done);
        if (!isCollecting(view, ref)) return tooLate.abort(new TooLate('the round was sealed or has ended'));
        known = view.version;
        isAway = false;
      } catch {
        isAway = true;
      }
    }
  }

  /** Passing troubles are waited out, final ones thrown, and what is refused is reported once and left alone. */
  async #recover(error: unknown, view: JobSnapshot | undefined): Promise<void> {
    if (!(error instanceof Refusal) || FINAL.has(error.code)) throw error;
    if (PASSING.has(error.code)) return this.#waitOut(error);
    // Without a view it is the question that was refused, and asking again gives the same answer; so does a job that is over.
    if (view === undefined || view.state === 'finished') throw error;
    this.#knownVersion = view.version;
    // The round went on while this site was busy.
    if (error.code === 'WRONG_PHASE') return;
    this.#reportRefusal(error, 'round' in view ? view.round?.ref : undefined);
  }

  async #waitOut(error: Refusal): Promise<void> {
    const { clock, report } = this.#session;
    this.#knownVersion = 0n;
    const retryMs = this.#backOff.nextMs();
    if (retryMs === undefined) throw error;
    report({ event: 'waiting', job: this.#job, code: error.code, detail: error.detail, retryMs });
    await clock.sleep(retryMs);
  }

  #reportRefusal(refusal: Refusal, ref: RoundReference | undefined): void {
    if (this.#lastRefusal?.message === refusal.message) return;
    this.#lastRefusal = refusal;
    if (ref === undefined) throw refusal;
    const { code, detail } = refusal;
    this.#session.report({ event: 'refused', ...this.#about(ref), code, detail });
  }

  #withRefusal(reason: string): string {
    return this.#lastRefusal
      ? `${reason}; before that this site refused: ${this.#lastRefusal.message}`
      : reason;
  }

  #enter(round: RoundSnapshot): void {
    const { files, memory, report } = this.#session;
    const { ref, phase } = round;
    const place = `${ref.round} ${ref.attempt} ${phase}`;
    if (place === this.#lastPhase || ref.job !== this.#job || !this.#hasRound(ref)) return;
    this.#lastPhase = place;
    memory.turnTo(ref);
    files.retire(this.#job, ref);
    report({ event: 'phase', ...this.#about(ref), phase });
  }

  /** The job's last model becomes its result, if this site has it. */
  #finish(): Digest | undefined {
    const { models, terms } = this.#session;
    const rounds = terms.manifest.rounds + 2;
    const held = heldModelHash(this.#session, { job: this.#job, round: rounds, attempt: 1 });
    const last = this.#session.journal.model(this.#job);
    this.#retire();
    return held !== undefined && last !== undefined ? models.finish(last) : undefined;
  }

  #retire(): void {
    this.#session.files.retire(this.#job);
    this.#session.checkpoints.retire(this.#job);
  }

  #hasLastModel(): boolean {
    return this.#session.journal.model(this.#job)?.round === this.#session.terms.manifest.rounds + 1;
  }

  #about(ref: RoundReference) {
    const { rounds } = this.#session.terms.manifest;
    return { job: ref.job, round: ref.round, attempt: ref.attempt, kind: roundKind(ref.round, rounds) };
  }

  #hasRound({ round }: RoundReference): boolean {
    return round <= this.#session.terms.manifest.rounds + 1;
  }
}

/** Why a training was given up. */
class TooLate extends Error {
  override readonly name = 'TooLate';
}

interface Watched {
  readonly tooLate: AbortController;
  readonly done: AbortSignal;
}

function isCollecting(view: JobSnapshot, { round, attempt }: RoundReference): boolean {
  if (view.state !== 'running' || view.round === undefined) return false;
  const { ref, phase } = view.round;
  return phase === 'collecting' && ref.round === round && ref.attempt === attempt;
}
