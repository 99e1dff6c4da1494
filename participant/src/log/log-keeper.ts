// Follows the transparency log for a site: pins it at first sight, keeps the last checkpoint that it verified, and stops for good when
// the log contradicts what was kept. The coordinator is believed nothing.
import { Refusal, utf8, type SignedMessage } from '@blindsum/proto';
import { checkSignature, verifyEd25519 } from '@blindsum/proto/node';
import type { LogRecord } from '@blindsum/proto/tlog';
import type { LogJournal } from '../journal/log-journal.ts';
import type { Clock, LogSource, WantedRecord } from '../ports.ts';
import { verifyPromise, type PromisedCommit } from '../session/commit-receipt.ts';
import type { KeptHead, KnownLog, ShownHead, ShownRecord } from '../session/known-log.ts';
import { verifyHead, verifyIntroduction } from '../session/log-head.ts';
import { verifyLogged, verifySealedRecord, type SetToOpen } from '../session/logged-record.ts';
import type { SiteTerms } from '../session/site-terms.ts';
import { CONTRADICTIONS, writeEvidence } from './log-evidence.ts';
import type { SiteLog } from './site-log.ts';

export interface KeeperParts {
  readonly federation: string;
  readonly source: LogSource;
  readonly journal: LogJournal;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Where evidence goes; it exists. */
  readonly folder: string;
}

/** A log and its latest checkpoint, both verified and kept. */
export interface Followed {
  readonly log: KnownLog;
  readonly head: KeptHead;
}

/** A record under the head that is kept. */
export interface FollowedRecord extends Followed {
  readonly shown: ShownRecord;
  readonly record: LogRecord;
}

export class LogKeeper implements SiteLog {
  readonly #parts: KeeperParts;
  /** The last question; each waits for the one before, so that answers are compared in the order of what was asked. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Asks for the latest checkpoint and keeps it. Refuses as SiteLog.verifySealed does. */
  follow(): Promise<Followed> {
    const { source } = this.#parts;
    return this.#inTurn(async ({ log, head }) => this.#keep(log, head, await source.checkpoint(head.size)));
  }

  /** Asks for a record, and keeps the checkpoint that it comes under. Refuses NOT_FOUND for none, and as `follow` does. */
  record(wanted: WantedRecord): Promise<FollowedRecord> {
    const { source } = this.#parts;
    return this.#inTurn(async ({ log, head }) => {
      const { head: shownHead, record: shown } = await source.record(wanted, head.size);
      const followed = this.#keep(log, head, shownHead);
      return { ...followed, shown, record: verifyLogged(shown, followed.head, log, checkSignature) };
    });
  }

  async verifySealed(toOpen: SetToOpen, terms: Pick<SiteTerms, 'roster' | 'rosterHash'>): Promise<void> {
    const { round, set } = toOpen;
    const { record } = await this.record({ kind: 'sealed', ref: round.ref, setAttempt: set.setAttempt });
    verifySealedRecord(record, toOpen, terms);
  }

  async keepPromise(promise: SignedMessage, about: PromisedCommit): Promise<void> {
    const { log } = await this.#inTurn(async (known) => known);
    verifyPromise(promise, about, log, verifyEd25519);
    this.#parts.journal.recordPromise(about.id, promise);
  }

  /** Shows the coordinator what this site keeps, while the log stands in contradiction to it. */
  async showKept(): Promise<void> {
    const { journal, source } = this.#parts;
    const head = journal.head();
    if (journal.alarm() && head) await source.show(utf8(head.note));
  }

  #inTurn<T>(question: (known: Followed) => Promise<T>): Promise<T> {
    const answer = this.#last.then(async () => question(await this.#known()));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** Refuses what the log was found at before, until a person has looked. */
  async #known(): Promise<Followed> {
    const { journal, source, federation } = this.#parts;
    const alarm = journal.alarm();
    if (alarm) throw new Refusal(alarm.code, alarm.detail);
    if (!journal.known()) {
      const { log, head } = verifyIntroduction(await source.introduction(), federation, checkSignature);
      journal.adopt(log, head);
    }
    return { log: journal.known()!, head: journal.head()! };
  }

  /** Durably, before anything is done that rests on it. */
  #keep(log: KnownLog, kept: KeptHead, shown: ShownHead): Followed {
    const head = this.#verify(log, kept, shown);
    const isKept = this.#parts.journal.advance(kept, head);
    // Another process of this site has followed the log meanwhile.
    if (!isKept) throw new Refusal('BUSY', 'the log was followed by another process');
    return { log, head };
  }

  #verify(log: KnownLog, kept: KeptHead, shown: ShownHead): KeptHead {
    try {
      return verifyHead(shown, log, kept, checkSignature);
    } catch (error) {
      if (error instanceof Refusal && CONTRADICTIONS.has(error.code)) this.#raise(error, kept, shown);
      throw error;
    }
  }

  #raise(refusal: Refusal, kept: KeptHead, shown: ShownHead): void {
    const { journal, folder, clock } = this.#parts;
    const evidence = writeEvidence(folder, refusal, kept, shown);
    const { code, detail } = refusal;
    journal.raise({ code, detail, atMs: clock.nowMs(), evidence });
  }
}
