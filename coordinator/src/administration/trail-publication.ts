// The trail's place in the public log: a root over its entries, appended from time to time. What the log vouches for is read from
// the log, so that a crash, or an old copy of the database, cannot make it vouch for an entry twice or leave one out.
import { Refusal, trailEntryHash, TRAIL_GAP, trailRoot, type Digest } from '@blindsum/proto';
import { toAdministrationName, type Predicate } from '@blindsum/proto/tlog';
import { COORDINATOR, createSalt, type AuditTrail, type TrailDraft } from '../audit-trail.ts';
import type { Log } from '../log/sequencer.ts';
import type { Clock } from '../ports.ts';

export interface Publication {
  readonly trail: AuditTrail;
  readonly log: Pick<Log, 'append' | 'find' | 'read'>;
  readonly clock: Clock;
}

interface Covered {
  /** The last entry that the log vouches for; 0 for none. */
  readonly to: number;
  /** The record that does; empty for none. */
  readonly record: Digest | '';
}

/** Entries under one root; more take several records. */
const MAX_ENTRIES = 10_000;

/** Adds an entry that says which ones are lost, if the log knows of entries up to `to` and the trail ends before. */
export async function alignTrail(
  trail: Pick<AuditTrail, 'append' | 'last'>,
  to: number,
  clock: Clock,
): Promise<void> {
  const last = await trail.last();
  if (last >= to) return;
  const draft: TrailDraft = {
    ...COORDINATOR,
    action: TRAIL_GAP,
    subject: '',
    outcome: 'done',
    code: '',
    completes: 0,
    detail: `entries ${last + 1} to ${to} are lost: this state is older than its log`,
    atMs: clock.nowMs(),
    salt: createSalt(),
  };
  await trail.append(draft, to + 1);
}

export class TrailPublication {
  readonly #trail: AuditTrail;
  readonly #log: Publication['log'];
  readonly #clock: Clock;
  /** What is known to be in the log; it may hold more after an append whose answer was lost. */
  #covered: Covered = { to: 0, record: '' };

  constructor({ trail, log, clock }: Publication) {
    this.#trail = trail;
    this.#log = log;
    this.#clock = clock;
  }

  /** At start, before anything else is entered: says what is lost if the log knows of entries that are not here. */
  async align(): Promise<void> {
    await alignTrail(this.#trail, (await this.#findCovered()).to, this.#clock);
  }

  /** Lets the log vouch for every entry there is by now; does nothing if it does already. */
  async publish(): Promise<void> {
    for (;;) {
      const { to, record } = await this.#findCovered();
      const entries = await this.#trail.read(to, MAX_ENTRIES);
      if (entries.length === 0) return;
      const predicate: Predicate<'administration'> = {
        from: to + 1,
        to: to + entries.length,
        count: entries.length,
        root: trailRoot(entries.map(trailEntryHash)),
        previousRecord: record,
      };
      await this.#append(predicate);
    }
  }

  async #append(predicate: Predicate<'administration'>): Promise<void> {
    try {
      await this.#log.append({ kind: 'administration', predicate });
    } catch (cause) {
      const code = cause instanceof Refusal ? cause.code : undefined;
      // An append whose answer was lost has been made, of fewer entries: the next look at the log finds it.
      if (code === 'CONFLICTING_SUBMISSION') return;
      // That the log turns down our own record is no caller's fault, unless its disk is full.
      if (code === undefined || code === 'QUOTA_EXCEEDED') throw cause;
      throw new Error('the log refused an administration record', { cause });
    }
  }

  async #findCovered(): Promise<Covered> {
    for (;;) {
      const admitted = this.#log.find(toAdministrationName({ from: this.#covered.to + 1 }));
      if (!admitted) return this.#covered;
      const record = await this.#log.read(admitted.record);
      if (record.kind !== 'administration') throw new Error('a record of the log has the name of another');
      this.#covered = { to: record.predicate.to, record: admitted.record };
    }
  }
}
