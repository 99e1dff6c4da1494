// The only place where a round changes: load, decide, commit, act. What a transition owes to the world is stored with the
// state and settled by one function, in normal work and after a crash alike.
import { isEqualBytes, Refusal } from '@blindsum/proto';
import { BackgroundSums } from './background-sums.ts';
import type { JobDriver } from './job-driver.ts';
import { isActive } from './job-status.ts';
import { KeyedQueue } from './keyed-queue.ts';
import type { RoundId, StoredMessage, StoredRound } from './ports.ts';
import { createIncidentRecord, createSealedRecord } from './records.ts';
import { isSameRound, toRoundKey } from './round-names.ts';
import type { Effect, RoundEvent, Transition } from './round/round.ts';
import { transition } from './round/transition.ts';
import { appendRecord, loadRound, type World } from './world.ts';

/** Writes that other processes may win before we give up. */
const MAX_CONFLICTS = 100;

export class RoundDriver {
  readonly #world: World;
  readonly #jobs: JobDriver;
  readonly #sums: BackgroundSums;
  /** Within this process, writes to one round wait for each other instead of conflicting. */
  readonly #writes = new KeyedQueue();
  readonly #settling = new KeyedQueue();

  constructor(world: World, jobs: JobDriver) {
    this.#world = world;
    this.#jobs = jobs;
    this.#sums = new BackgroundSums(world, this);
  }

  /**
   * Decides an event, which the caller has verified, stores what follows together with its message, and settles what is then
   * owed, except for a sum: that goes on in the background. A message that is held already is a retry, in whatever phase.
   * Refuses NOT_FOUND and as `transition` does; any other error means that the outcome is unknown, and that repeating is safe.
   */
  async submit(id: RoundId, event: RoundEvent, message?: StoredMessage): Promise<StoredRound> {
    const key = toRoundKey(id);
    const stored = await this.#writes.run(key, () =>
      this.#write(id, (before) => this.#decide(before, event, message), message),
    );
    return stored.owed.length === 0 ? stored : this.settle(id);
  }

  /** Does what the round still owes, in order, and starts the sums it owes. Returns the state in which only those are owed. */
  settle(id: RoundId): Promise<StoredRound> {
    return this.#settling.run(toRoundKey(id), async () => {
      for (;;) {
        const stored = await loadRound(this.#world, id);
        const effect = stored.owed.find(({ kind }) => kind !== 'sum');
        if (!effect) {
          this.#sums.start(stored);
          return stored;
        }
        await this.#perform(stored, effect);
        await this.forget(id, effect);
      }
    });
  }

  /** Strikes off an effect that was done. */
  async forget(id: RoundId, done: Effect): Promise<void> {
    const withoutDone = async ({ round, owed }: StoredRound) => ({
      round,
      owed: owed.filter((effect) => !isSameEffect(effect, done)),
    });
    await this.#writes.run(toRoundKey(id), () => this.#write(id, withoutDone));
  }

  /** Compare-and-swap until it succeeds; nothing is written if nothing changes. */
  async #write(
    id: RoundId,
    change: (before: StoredRound) => Promise<Pick<StoredRound, 'round' | 'owed'>>,
    message?: StoredMessage,
  ): Promise<StoredRound> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const before = await loadRound(this.#world, id);
      const next = await change(before);
      if (next.round === before.round && next.owed.length === before.owed.length) return before;
      const after = await this.#world.rounds.replace(before, next, message ? [message] : []);
      if (!after) continue;
      this.#world.observe(before, after);
      this.#world.changes.announce(id.job);
      return after;
    }
    throw new Error(`round ${toRoundKey(id)}: ${MAX_CONFLICTS} writes were lost to other processes`);
  }

  async #decide(before: StoredRound, event: RoundEvent, message?: StoredMessage) {
    const { round, effects } = await this.#transitionOrRetry(before, event, message);
    return { round, owed: [...before.owed, ...effects] };
  }

  async #transitionOrRetry(
    before: StoredRound,
    event: RoundEvent,
    message?: StoredMessage,
  ): Promise<Transition> {
    try {
      return transition(before.round, event, this.#world.clock.nowMs());
    } catch (error) {
      if (error instanceof Refusal && message && (await this.#isHeld(before.id, message)))
        return { round: before.round, effects: [] };
      throw error;
    }
  }

  async #isHeld(id: RoundId, { type, site, subject, message }: StoredMessage): Promise<boolean> {
    const held = await this.#world.rounds.messages(id);
    return held.some(
      (one) =>
        one.type === type &&
        one.site === site &&
        one.subject === subject &&
        isEqualBytes(one.message.payload, message.payload) &&
        isEqualBytes(one.message.signature, message.signature),
    );
  }

  async #perform(stored: StoredRound, effect: Effect): Promise<void> {
    switch (effect.kind) {
      case 'log-sealed':
      case 'log-failed':
      case 'log-published':
        return this.#log(stored, effect);
      case 'advance-job':
        return this.#jobs.advance(stored);
      case 'sum':
        return this.#sums.start(stored);
    }
  }

  async #log({ id, round }: StoredRound, effect: Effect): Promise<void> {
    const document = await this.#world.reader.at(id.job, round.rules.rosterHash);
    if (effect.kind === 'log-sealed')
      await appendRecord(this.#world, createSealedRecord({ id, document }, round.rules, effect.set));
    if (effect.kind === 'log-failed' && round.phase === 'failed')
      await appendRecord(this.#world, createIncidentRecord({ id, document }, round));
    if (effect.kind === 'log-published' && round.phase === 'published' && (await this.#isCurrent(id)))
      await appendRecord(this.#world, await this.#jobs.resultRecord(id, round));
  }

  // Only before the job goes on does it hold what the record says of the round before.
  async #isCurrent(id: RoundId): Promise<boolean> {
    const job = await this.#world.jobs.load(id.job);
    return job !== undefined && isActive(job.status) && isSameRound(job.status.current, id);
  }
}

function isSameEffect(a: Effect, b: Effect): boolean {
  return a.kind === b.kind && setRootOf(a) === setRootOf(b);
}

function setRootOf(effect: Effect): string {
  return 'set' in effect ? effect.set.root : '';
}
