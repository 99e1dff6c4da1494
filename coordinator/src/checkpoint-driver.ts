// Keeps a job's request for a checkpoint up to date: which round it is about, and who is asked. Looking at it is what moves it
// on: sites that wait, and the clock.
import type { Digest, JobId, SiteId } from '@blindsum/proto';
import { KeyedQueue } from './keyed-queue.ts';
import type { JobHead, RoundId, StoredCheckpoint, StoredRound } from './ports.ts';
import { ask, createCheckpointRequest, type CheckpointRequest } from './round/checkpoint-request.ts';
import type { RoundRules } from './round/round.ts';
import { checkpointTarget, type UploadTarget } from './uploads/upload-target.ts';
import type { World } from './world.ts';

/** How long an asked site may make no progress before the next one is asked. */
const PATIENCE_MS = 30_000;
/** Writes that other processes may win before we give up. */
const MAX_CONFLICTS = 100;

type Content = Pick<StoredCheckpoint, 'request' | 'retired'>;
type JobPlace = Pick<JobHead, 'job' | 'status'>;
type CheckpointWorld = Pick<World, 'checkpoints' | 'uploads' | 'rounds' | 'reader' | 'clock' | 'changes'>;

export class CheckpointDriver {
  readonly #world: CheckpointWorld;
  readonly #writes = new KeyedQueue();

  constructor(world: CheckpointWorld) {
    this.#world = world;
  }

  /**
   * The request as it stands, for a job that is at `current`. It is about that round once it is published, else about the one
   * before; undefined as long as no site has needed a checkpoint.
   */
  progress(job: JobPlace, current: StoredRound | undefined): Promise<StoredCheckpoint | undefined> {
    return this.#writes.run(job.job, async () => {
      const stored = await this.#write(job.job, (before) => this.#ask(before, job, current));
      return stored?.retired ? this.#forgetRetired(stored) : stored;
    });
  }

  /** For the clock: asks the next site when the asked one has let its time pass. */
  async expire(job: JobPlace, current: StoredRound): Promise<void> {
    const asked = (await this.#world.checkpoints.load(job.job))?.request.asked;
    if (asked && this.#world.clock.nowMs() >= asked.untilMs) await this.progress(job, current);
  }

  /** Changes the request for round `id`; undefined if it is about another round. Rejects as `change` does. */
  change(
    id: RoundId,
    change: (request: CheckpointRequest) => CheckpointRequest,
  ): Promise<StoredCheckpoint | undefined> {
    return this.#writes.run(id.job, () =>
      this.#write(id.job, async (before) => {
        if (!before || !isAbout(before.request, id)) return undefined;
        return { request: change(before.request), retired: before.retired };
      }),
    );
  }

  /** The request for round `id`, if that is the one sites are asked about. */
  async about(id: RoundId): Promise<CheckpointRequest | undefined> {
    const stored = await this.#world.checkpoints.load(id.job);
    return stored && isAbout(stored.request, id) ? stored.request : undefined;
  }

  /** Where a site's checkpoint lies, and how long it is when it is sealed to the members of that roster. */
  async target(id: RoundId, sealer: SiteId, sealedFor: Digest): Promise<UploadTarget> {
    const document = await this.#world.reader.at(id.job, sealedFor);
    return checkpointTarget(id, sealer, document.checkpointBytes);
  }

  async #ask(
    before: StoredCheckpoint | undefined,
    job: JobPlace,
    current: StoredRound | undefined,
  ): Promise<Content | undefined> {
    const round = latestPublished(job, current);
    // Whoever looked at the job before its latest round was published does not take back what is asked about that.
    if (round === undefined || current === undefined || round < (before?.request.round ?? 0)) return before;
    const { rules } = current.round;
    const isSame = before?.request.round === round && before.request.sealedFor === rules.rosterHash;
    const request = isSame ? before.request : await this.#create(job.job, round, rules);
    if (request === undefined) return before;
    const next = ask(request, {
      sites: current.round.rules.sites,
      nowMs: this.#world.clock.nowMs(),
      isLast: job.status.state === 'finished',
      bytes: await this.#bytesOfAsked(job.job, request),
      patienceMs: PATIENCE_MS,
    });
    if (before === undefined) return next.asked && { request: next, retired: undefined };
    if (isSame) return { request: next, retired: before.retired };
    return { request: next, retired: toRetired(before.request) };
  }

  async #create(job: JobId, round: number, current: RoundRules): Promise<CheckpointRequest | undefined> {
    for (let attempt = 1; ; attempt++) {
      const stored = await this.#world.rounds.load({ job, round, attempt });
      if (stored === undefined) return undefined;
      if (stored.round.phase === 'published')
        return createCheckpointRequest(stored.id, stored.round, current);
    }
  }

  async #bytesOfAsked(job: JobId, { asked, round, attempt, sealedFor }: CheckpointRequest): Promise<number> {
    if (asked === undefined || this.#world.clock.nowMs() < asked.untilMs) return 0;
    return this.#world.uploads.status(await this.target({ job, round, attempt }, asked.site, sealedFor));
  }

  /** Only the latest checkpoints of a job are kept. */
  async #forgetRetired(stored: StoredCheckpoint): Promise<StoredCheckpoint | undefined> {
    const { job, retired } = stored;
    if (retired === undefined) return stored;
    const { round, attempt, sealers, sealedFor } = retired;
    for (const sealer of sealers)
      await this.#world.uploads.discard(await this.target({ job, round, attempt }, sealer, sealedFor));
    return this.#write(job, async (before) => before && { request: before.request, retired: undefined });
  }

  /** Compare-and-swap until it succeeds; nothing is written if nothing changes. */
  async #write(
    job: JobId,
    change: (before: StoredCheckpoint | undefined) => Promise<Content | undefined>,
  ): Promise<StoredCheckpoint | undefined> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const before = await this.#world.checkpoints.load(job);
      const next = await change(before);
      if (next === undefined) return undefined;
      if (next.request === before?.request && next.retired === before.retired) return before;
      const after = await this.#world.checkpoints.replace(job, before, next);
      if (!after) continue;
      this.#world.changes.announce(job);
      return after;
    }
    throw new Error(`checkpoint of ${job}: ${MAX_CONFLICTS} writes were lost to other processes`);
  }
}

/** The number of the latest round that was published, of a job that goes on or has its result. */
function latestPublished({ status }: JobPlace, current: StoredRound | undefined): number | undefined {
  if (current === undefined || status.state === 'failed' || status.state === 'cancelled') return undefined;
  const { id, round } = current;
  const latest = round.phase === 'published' ? id.round : id.round - 1;
  return latest < 0 ? undefined : latest;
}

function isAbout(request: CheckpointRequest, { round, attempt }: RoundId): boolean {
  return request.round === round && request.attempt === attempt;
}

/** Whoever was asked may have left bytes. */
function toRetired({ round, attempt, attesters, sealedFor }: CheckpointRequest): StoredCheckpoint['retired'] {
  return { round, attempt, sealers: attesters, sealedFor };
}
