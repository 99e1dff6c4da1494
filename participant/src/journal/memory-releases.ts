// What the site has said about making models public, in memory.
import { isEqualBytes, refuseUnless, type JobId } from '@blindsum/proto';
import type { OpenModelVote, ReleaseDecision, ReleaseJournal, StoredModelVote } from './release-journal.ts';

interface Entry {
  readonly job: JobId;
  readonly round: number;
  vote?: StoredModelVote;
  decision?: ReleaseDecision;
  isReleased: boolean;
}

/** ReleaseJournal without durability. */
export class MemoryReleases implements ReleaseJournal {
  readonly #entries = new Map<string, Entry>();

  recordModelVote(job: JobId, round: number, vote: StoredModelVote, decision: ReleaseDecision): void {
    const entry = this.#entry(job, round);
    const { payload, signature } = vote.message;
    const message = { payload: payload.slice(), signature: signature.slice() };
    const held = entry.vote ?? { attempt: vote.attempt, message };
    refuseUnless(
      isEqualBytes(held.message.payload, payload),
      'CONFLICTING_SUBMISSION',
      `${job}: this site has voted for another model of round ${round}`,
    );
    entry.vote = held;
    entry.decision = decision;
  }

  modelVote(job: JobId, round: number): StoredModelVote | undefined {
    return this.#entry(job, round).vote;
  }

  recordModelRefusal(job: JobId, round: number, decision: ReleaseDecision): void {
    this.#entry(job, round).decision = decision;
  }

  releaseDecision(job: JobId, round: number): ReleaseDecision | undefined {
    return this.#entry(job, round).decision;
  }

  recordReleased(job: JobId, round: number): void {
    this.#entry(job, round).isReleased = true;
  }

  openModelVotes(): readonly OpenModelVote[] {
    return [...this.#entries.values()]
      .flatMap(({ job, round, vote, decision, isReleased }) =>
        vote && decision?.verdict === 'vote' && !isReleased ? [{ job, round, attempt: vote.attempt }] : [],
      )
      .toSorted((a, b) => (a.job < b.job ? -1 : a.job > b.job ? 1 : a.round - b.round));
  }

  #entry(job: JobId, round: number): Entry {
    const key = `${job}/${round}`;
    const entry = this.#entries.get(key) ?? { job, round, isReleased: false };
    this.#entries.set(key, entry);
    return entry;
  }
}
