// What a site has bound itself to, kept across crashes (PROTOCOL.md section 5, invariants 3, 4 and 11). The site writes here
// before it sends, and reads here before it does anything again.
import {
  refuseUnless,
  type Bytes,
  type Digest,
  type JobId,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import type { LogJournal } from './log-journal.ts';
import type { DecisionJournal, StoredWithdrawal } from './decision-journal.ts';
import type { ReleaseJournal } from './release-journal.ts';

/** One attempt of one round. */
export interface AttemptId {
  readonly job: JobId;
  readonly round: number;
  readonly attempt: number;
}

export interface StoredConsent {
  readonly manifestHash: Digest;
  readonly rosterHash: Digest;
  readonly message: SignedMessage;
}

export interface NewCommitment {
  readonly message: SignedMessage;
  /** Names of the files that the message commits to. */
  readonly files: { readonly ciphertext: string; readonly shares: string };
}

export interface StoredCommitment extends NewCommitment {
  /** True once the coordinator has confirmed it. */
  readonly isAccepted: boolean;
}

export interface StoredOpening {
  readonly attempt: number;
  readonly setRoot: Digest;
  readonly message: SignedMessage;
  /** Name of the file with the sealed share sums that the message names by their root. */
  readonly file: string;
}

/** A set that the site acknowledged. */
export interface AcknowledgedSet {
  /** 1 and up: complaints seal a smaller set within the attempt. */
  readonly setAttempt: number;
  readonly setRoot: Digest;
}

/** What the site computed from the opened sum of a round. */
export interface StoredOutcome {
  readonly attempt: number;
  readonly setRoot: Digest;
  /** Of the set, in roster order. */
  readonly members: readonly SiteId[];
  readonly modelHash: Digest;
  /** Name of the model file. */
  readonly modelFile: string;
  /** Whole numbers over all contributors, as they are attested. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** The global model that the next round of a job starts from. */
export interface CurrentModel {
  /** The round that gave it; -1 for the initial model. */
  readonly round: number;
  readonly hash: Digest;
  /** Name of the model file. */
  readonly file: string;
}

/**
 * The rounds of a site. A write is durable once its method returns, also against loss of power; calls for one id are
 * serialisable, also across processes. Recording the same again is a retry: where there can be one fact only, the first one
 * stays, and is returned for the caller to act on. An error that is not a Refusal is fatal.
 */
export interface RoundJournal {
  /** The site's one commitment of an attempt. Refuses WRONG_PHASE for a round that the site has withdrawn from. */
  recordCommitment(id: AttemptId, commitment: NewCommitment): StoredCommitment;
  commitment(id: AttemptId): StoredCommitment | undefined;
  /** The coordinator has confirmed the commitment. Throws when there is none. */
  recordAccepted(id: AttemptId): void;
  /** Refuses CONFLICTING_SUBMISSION another set with the same number: each is sealed once. */
  recordAcknowledgement(id: AttemptId, set: AcknowledgedSet): void;
  /** The acknowledged set with the highest number. */
  acknowledged(id: AttemptId): AcknowledgedSet | undefined;
  /**
   * Binds the site to the one set it opens in a round, over all attempts. Refuses ALREADY_OPENED, and records nothing, when
   * the round was opened for another set or another attempt. Only what this returns may be sent.
   */
  recordOpening(job: JobId, round: number, opening: StoredOpening): StoredOpening;
  opening(job: JobId, round: number): StoredOpening | undefined;
  /** Throws when another model was recorded for the round: the computation is not deterministic. */
  recordOutcome(job: JobId, round: number, outcome: StoredOutcome): void;
  outcome(job: JobId, round: number): StoredOutcome | undefined;
}

/** The jobs of a site, with the same promises. */
export interface JobJournal {
  /** Refuses CONFLICTING_SUBMISSION when the site consented to another manifest or roster under the job's name. */
  recordConsent(job: JobId, consent: StoredConsent): StoredConsent;
  consent(job: JobId): StoredConsent | undefined;
  /** Replaces the job's current model; the model of an earlier round than the recorded one changes nothing. */
  recordModel(job: JobId, model: CurrentModel): void;
  model(job: JobId): CurrentModel | undefined;
}

/** A version of the roster whose place in the chain this site has verified. */
export interface StoredRoster {
  readonly version: number;
  readonly hash: Digest;
  /** Exact bytes. */
  readonly roster: Bytes;
  /** Whether this site takes part under it; if not, it is only a link of the chain. */
  readonly isAccepted: boolean;
}

export interface StoredApproval {
  readonly hash: Digest;
  readonly message: SignedMessage;
}

/** The rosters that a site knows, with the same promises. */
export interface RosterJournal {
  /** The site's one approval of a version. Refuses CONFLICTING_SUBMISSION when it has approved another roster of it. */
  recordRosterApproval(version: number, approval: StoredApproval): StoredApproval;
  rosterApproval(version: number): StoredApproval | undefined;
  /** Refuses BAD_ROSTER another roster of a version that is here. What was accepted stays accepted. */
  recordRoster(roster: StoredRoster): void;
  /** By version. */
  rosters(): readonly StoredRoster[];
  /** A round of the job goes by that version; refuses BAD_ROSTER when one went by a later version. */
  recordJobRoster(job: JobId, version: number): void;
}

export interface Journal extends RoundJournal, JobJournal, DecisionJournal, RosterJournal, ReleaseJournal {
  /** What this site keeps of the transparency log. */
  readonly log: LogJournal;
  close(): void;
}

/** Refuses WRONG_PHASE a round that the site has withdrawn from. */
export function verifyNotWithdrawn(
  { job, round }: AttemptId,
  withdrawal: StoredWithdrawal | undefined,
): void {
  refuseUnless(
    withdrawal === undefined || round < withdrawal.fromRound,
    'WRONG_PHASE',
    `${job}: this site has withdrawn from round ${withdrawal?.fromRound} on`,
  );
}
