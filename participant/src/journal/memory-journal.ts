// The journal in memory, for tests and simulations: what it holds outlives a simulated crash as long as the object does.
import { Refusal, refuseUnless, type JobId, type SignedMessage } from '@blindsum/proto';
import { MemoryReleases } from './memory-releases.ts';
import type { ReleaseDecision, StoredModelVote } from './release-journal.ts';
import type { ContributedRounds, Decision, StoredWithdrawal } from './decision-journal.ts';
import {
  verifyNotWithdrawn,
  type AcknowledgedSet,
  type AttemptId,
  type CurrentModel,
  type Journal,
  type NewCommitment,
  type StoredApproval,
  type StoredCommitment,
  type StoredConsent,
  type StoredOpening,
  type StoredOutcome,
  type StoredRoster,
} from './journal.ts';
import { MemoryLogJournal } from './memory-log-journal.ts';

/** Journal without durability. */
export class MemoryJournal implements Journal {
  readonly log = new MemoryLogJournal();
  readonly #commitments = new Map<string, StoredCommitment>();
  readonly #acknowledged = new Map<string, Map<number, AcknowledgedSet>>();
  readonly #openings = new Map<string, StoredOpening>();
  readonly #outcomes = new Map<string, StoredOutcome>();
  readonly #consents = new Map<JobId, StoredConsent>();
  readonly #models = new Map<JobId, CurrentModel>();
  readonly #decisions = new Map<JobId, Decision>();
  readonly #withdrawals = new Map<JobId, StoredWithdrawal>();
  readonly #signedFor = new Map<JobId, Set<number>>();
  readonly #approvals = new Map<number, StoredApproval>();
  readonly #rosters = new Map<number, StoredRoster>();
  readonly #jobRosters = new Map<JobId, number>();
  readonly #releases = new MemoryReleases();

  recordCommitment(id: AttemptId, { message, files }: NewCommitment): StoredCommitment {
    verifyNotWithdrawn(id, this.withdrawal(id.job));
    keepFirst(this.#signedFor, id.job, new Set<number>()).add(id.round);
    const first = { message: copyMessage(message), files: { ...files }, isAccepted: false };
    return keepFirst(this.#commitments, toAttempt(id), first);
  }

  commitment(id: AttemptId): StoredCommitment | undefined {
    return this.#commitments.get(toAttempt(id));
  }

  recordAccepted(id: AttemptId): void {
    const held = this.commitment(id);
    if (held === undefined) throw new Error(`round ${id.round} of ${id.job}: no commitment to accept`);
    this.#commitments.set(toAttempt(id), { ...held, isAccepted: true });
  }

  recordAcknowledgement(id: AttemptId, { setAttempt, setRoot }: AcknowledgedSet): void {
    const sets = keepFirst(this.#acknowledged, toAttempt(id), new Map<number, AcknowledgedSet>());
    const recorded = keepFirst(sets, setAttempt, { setAttempt, setRoot });
    refuseUnless(
      recorded.setRoot === setRoot,
      'CONFLICTING_SUBMISSION',
      `round ${id.round} of ${id.job}: this site acknowledged another set ${setAttempt}`,
    );
  }

  acknowledged(id: AttemptId): AcknowledgedSet | undefined {
    const sets = this.#acknowledged.get(toAttempt(id));
    return sets && sets.get(Math.max(...sets.keys()));
  }

  recordOpening(job: JobId, round: number, opening: StoredOpening): StoredOpening {
    const recorded = keepFirst(this.#openings, toRound(job, round), {
      ...opening,
      message: copyMessage(opening.message),
    });
    if (recorded.setRoot === opening.setRoot && recorded.attempt === opening.attempt) return recorded;
    throw new Refusal(
      'ALREADY_OPENED',
      `round ${round} of ${job}: this site opened another contributor set, in attempt ${recorded.attempt}`,
    );
  }

  opening(job: JobId, round: number): StoredOpening | undefined {
    return this.#openings.get(toRound(job, round));
  }

  recordOutcome(job: JobId, round: number, outcome: StoredOutcome): void {
    const recorded = keepFirst(this.#outcomes, toRound(job, round), structuredClone(outcome));
    if (recorded.modelHash !== outcome.modelHash)
      throw new Error(`round ${round} of ${job}: applying the sum again gave another model`);
  }

  outcome(job: JobId, round: number): StoredOutcome | undefined {
    return this.#outcomes.get(toRound(job, round));
  }

  recordConsent(job: JobId, consent: StoredConsent): StoredConsent {
    const recorded = keepFirst(this.#consents, job, { ...consent, message: copyMessage(consent.message) });
    refuseUnless(
      recorded.manifestHash === consent.manifestHash && recorded.rosterHash === consent.rosterHash,
      'CONFLICTING_SUBMISSION',
      `${job}: this site consented to another manifest or roster under that name`,
    );
    return recorded;
  }

  consent(job: JobId): StoredConsent | undefined {
    return this.#consents.get(job);
  }

  recordModel(job: JobId, model: CurrentModel): void {
    const held = this.#models.get(job);
    if (held === undefined || model.round >= held.round) this.#models.set(job, { ...model });
  }

  model(job: JobId): CurrentModel | undefined {
    return this.#models.get(job);
  }

  recordDecision(job: JobId, decision: Decision): void {
    this.#decisions.set(job, { ...decision });
  }

  decision(job: JobId): Decision | undefined {
    return this.#decisions.get(job);
  }

  recordWithdrawal(job: JobId, { fromRound, message }: StoredWithdrawal): StoredWithdrawal {
    const held = this.withdrawal(job);
    if (held) return held;
    const last = Math.max(-1, ...(this.#signedFor.get(job) ?? []));
    refuseUnless(
      last < fromRound,
      'CONFLICTING_SUBMISSION',
      `${job}: this site has signed for round ${last}`,
    );
    return keepFirst(this.#withdrawals, job, { fromRound, message: copyMessage(message) });
  }

  withdrawal(job: JobId): StoredWithdrawal | undefined {
    return this.#withdrawals.get(job);
  }

  contributedRounds(): readonly ContributedRounds[] {
    return [...this.#signedFor]
      .map(([job, rounds]) => ({ job, rounds: rounds.size, last: Math.max(...rounds) }))
      .toSorted((a, b) => (a.job < b.job ? -1 : 1));
  }

  jobs(): readonly JobId[] {
    return [...new Set([...this.#consents.keys(), ...this.#decisions.keys()])].toSorted();
  }

  recordRosterApproval(version: number, { hash, message }: StoredApproval): StoredApproval {
    const recorded = keepFirst(this.#approvals, version, { hash, message: copyMessage(message) });
    refuseUnless(
      recorded.hash === hash,
      'CONFLICTING_SUBMISSION',
      `this site has approved another roster as version ${version}`,
    );
    return recorded;
  }

  rosterApproval(version: number): StoredApproval | undefined {
    return this.#approvals.get(version);
  }

  recordRoster({ version, hash, roster, isAccepted }: StoredRoster): void {
    const held = keepFirst(this.#rosters, version, { version, hash, roster: roster.slice(), isAccepted });
    refuseUnless(held.hash === hash, 'BAD_ROSTER', `this site knows another roster as version ${version}`);
    if (isAccepted) this.#rosters.set(version, { ...held, isAccepted });
  }

  rosters(): readonly StoredRoster[] {
    return [...this.#rosters.values()].toSorted((a, b) => a.version - b.version);
  }

  recordJobRoster(job: JobId, version: number): void {
    const latest = Math.max(this.#jobRosters.get(job) ?? 0, version);
    this.#jobRosters.set(job, latest);
    refuseUnless(
      latest === version,
      'BAD_ROSTER',
      `${job} went by roster version ${latest}, and goes back to ${version}`,
    );
  }

  recordModelVote(job: JobId, round: number, vote: StoredModelVote, decision: ReleaseDecision): void {
    this.#releases.recordModelVote(job, round, vote, decision);
  }

  modelVote(job: JobId, round: number) {
    return this.#releases.modelVote(job, round);
  }

  recordModelRefusal(job: JobId, round: number, decision: ReleaseDecision): void {
    this.#releases.recordModelRefusal(job, round, decision);
  }

  releaseDecision(job: JobId, round: number) {
    return this.#releases.releaseDecision(job, round);
  }

  recordReleased(job: JobId, round: number): void {
    this.#releases.recordReleased(job, round);
  }

  openModelVotes() {
    return this.#releases.openModelVotes();
  }

  close(): void {}
}

/** Where there can be one fact only, the first one stays. */
function keepFirst<K, V>(facts: Map<K, V>, key: K, value: V): V {
  const held = facts.get(key) ?? value;
  facts.set(key, held);
  return held;
}

function copyMessage({ payload, signature }: SignedMessage): SignedMessage {
  return { payload: payload.slice(), signature: signature.slice() };
}

function toAttempt({ job, round, attempt }: AttemptId): string {
  return `${job}/${round}-${attempt}`;
}

function toRound(job: JobId, round: number): string {
  return `${job}/${round}`;
}
