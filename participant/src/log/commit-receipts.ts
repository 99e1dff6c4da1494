// Receipts of what this site contributed: for every promise of the log, the record of the attempt's end and the proof that it is in
// the log, kept in files until the members' quorum has cosigned the checkpoint that they are under.
import { Refusal, utf8, type Members } from '@blindsum/proto';
import { checkSignature, verifyEd25519 } from '@blindsum/proto/node';
import { claimCosignedCheckpoint } from '@blindsum/proto/tlog';
import type { AttemptId, Journal } from '../journal/journal.ts';
import type { StoredPromise } from '../journal/log-journal.ts';
import type { Clock } from '../ports.ts';
import { fateOf, verifyPromise, type CommitFate } from '../session/commit-receipt.ts';
import { toMemberPolicy } from '../session/member-policy.ts';
import type { FollowedRecord, LogKeeper } from './log-keeper.ts';
import type { ReceiptFiles } from './receipt-files.ts';

export interface ReceiptParts {
  readonly federation: string;
  readonly keeper: Pick<LogKeeper, 'record'>;
  readonly journal: Pick<Journal, 'commitment' | 'log'>;
  readonly files: ReceiptFiles;
  /** The members that this site takes part with. */
  readonly members: () => Members | undefined;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Told of each receipt once. */
  readonly report: (id: AttemptId, fate: CommitFate) => void;
}

/** Between questions about an attempt, longer each time: it may last, or its record may have been erased. */
const FIRST_MS = 5_000;
const LONGEST_MS = 10 * 60_000;

export class CommitReceipts {
  readonly #parts: ReceiptParts;
  readonly #asked = new Map<string, { readonly nextMs: number; readonly waitMs: number }>();
  readonly #told = new Set<string>();

  constructor(parts: ReceiptParts) {
    this.#parts = parts;
  }

  /** Fetches what has come since; all that is there for `when` 'now'. Refuses as LogKeeper.record does. */
  async collect(when: 'due' | 'now' = 'due'): Promise<void> {
    for (const promise of this.#parts.journal.log.promises())
      if (!promise.isSettled && (when === 'now' || this.#isDue(promise.id))) await this.#collect(promise);
  }

  async #collect({ id, message }: StoredPromise): Promise<void> {
    const { federation, journal, files } = this.#parts;
    const commitment = journal.commitment(id)?.message;
    if (!commitment) throw new Error(`round ${id.round} of ${id.job}: a promise without its commitment`);
    const found = await this.#find(id);
    if (!found) return;
    const { shown, head, log, record } = found;
    const { payload, signature, index, proof } = shown;
    const promised = verifyPromise(message, { federation, id, commitment }, log, verifyEd25519);
    const fate = fateOf(record, promised, commitment);
    files.save(id, { payload, signature }, { index, hashes: proof, checkpoint: head.note });
    if (this.#isCosigned(found)) journal.log.settle(id);
    this.#tell(id, fate);
  }

  async #find(id: AttemptId): Promise<FollowedRecord | undefined> {
    try {
      return await this.#parts.keeper.record({ kind: 'end', ref: id });
    } catch (error) {
      if (error instanceof Refusal && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  #isCosigned({ log, head }: FollowedRecord): boolean {
    const members = this.#parts.members();
    if (!members) return false;
    try {
      claimCosignedCheckpoint(utf8(head.note), toMemberPolicy(log.key, members, 'quorum')).verify(
        checkSignature,
      );
      return true;
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  }

  #isDue({ job, round, attempt }: AttemptId): boolean {
    const key = `${job} ${round} ${attempt}`;
    const nowMs = this.#parts.clock.nowMs();
    const { nextMs, waitMs } = this.#asked.get(key) ?? { nextMs: 0, waitMs: FIRST_MS };
    if (nowMs < nextMs) return false;
    this.#asked.set(key, { nextMs: nowMs + waitMs, waitMs: Math.min(2 * waitMs, LONGEST_MS) });
    return true;
  }

  #tell(id: AttemptId, fate: CommitFate): void {
    const key = `${id.job} ${id.round} ${id.attempt}`;
    if (!this.#told.has(key)) this.#parts.report(id, fate);
    this.#told.add(key);
  }
}
