// What the steps of one job's session work with.
import {
  memberIndex,
  memberOf,
  type Bytes,
  type Digest,
  type KeyShare,
  type Sign,
  type SiteId,
} from '@blindsum/proto';
import { traced } from '@blindsum/proto/tracing';
import type { CheckpointFiles } from './checkpoint-files.ts';
import type { Encryptor } from './encryption/encryptor.ts';
import type { Journal } from './journal/journal.ts';
import type { LocalLearner } from './local-learner.ts';
import type { ModelStore } from './model-store.ts';
import type { Clock, Coordinator, Transfers } from './ports.ts';
import type { PolicySource } from './policy/policy-file.ts';
import type { SiteLog } from './log/site-log.ts';
import type { SiteRosters } from './rosters/site-rosters.ts';
import type { RoundFiles } from './round-files.ts';
import type { ProgressEvent, Report } from './session-progress.ts';
import type { RoundReference } from './session/round-snapshot.ts';
import type { KnownRound, SiteTerms } from './session/site-terms.ts';

export interface Session {
  readonly terms: SiteTerms;
  readonly policy: PolicySource;
  readonly keys: SessionKeys;
  readonly coordinator: Coordinator;
  readonly transfers: Transfers;
  readonly encryptor: Encryptor;
  readonly journal: Journal;
  readonly rosters: SiteRosters;
  readonly log: SiteLog;
  readonly files: RoundFiles;
  readonly checkpoints: CheckpointFiles;
  readonly models: ModelStore;
  readonly learner: LocalLearner;
  readonly clock: Clock;
  readonly report: Report;
  readonly memory: RoundMemory;
}

export interface SessionKeys {
  readonly sign: Sign;
  /** X-Wing secret key. */
  readonly sharingSecret: Bytes;
}

/** What is known about the current attempt and can be found out again after a crash. Key material lives here only. */
export class RoundMemory {
  #ref: RoundReference | undefined;
  shares: OpenedShareSum | undefined;
  /** True once the coordinator has this site's withdrawal. */
  isWithdrawalTold = false;
  /** Root of the sum that was downloaded and checked against the checksums. */
  checkedSum: Digest | undefined;

  /** Forgets everything when another round or attempt begins. */
  turnTo(ref: RoundReference): void {
    if (this.#ref?.round === ref.round && this.#ref.attempt === ref.attempt) return;
    this.forget();
    this.#ref = ref;
  }

  /** Erases the share sum. */
  forget(): void {
    this.shares?.sum?.fill(0);
    this.shares = undefined;
    this.checkedSum = undefined;
    this.#ref = undefined;
  }
}

export interface OpenedShareSum {
  readonly setRoot: Digest;
  /** Dealers whose share does not open, in roster order. */
  readonly badDealers: readonly SiteId[];
  /** Sum of this site's shares; absent if any is bad. */
  readonly sum: KeyShare | undefined;
}

/** 1..n. */
export function ownIndex({ roster, site }: SiteTerms): number {
  return memberIndex(roster, site);
}

/** A member's index, 1..n; NOT_A_MEMBER otherwise. */
export function indexOf({ roster }: SiteTerms, site: SiteId): number {
  memberOf(roster, site);
  return memberIndex(roster, site);
}

/** What an event says about its round. */
export function inRound({ ref, layout }: KnownRound) {
  return { job: ref.job, round: ref.round, attempt: ref.attempt, kind: layout.kind };
}

/** Runs a task and reports what it took; in a span of its own if that is named. */
export async function timed<T>(
  session: Session,
  task: () => Promise<T>,
  toEvent: (result: T, ms: number) => ProgressEvent,
  span?: string,
): Promise<T> {
  const startedMs = session.clock.nowMs();
  const result = await (span === undefined ? task() : traced(span, {}, task));
  session.report(toEvent(result, session.clock.nowMs() - startedMs));
  return result;
}
