// What this site was asked for and what it is doing, kept for its own people. Nothing that the protocol rests on is here.
import type { Bytes, Digest, RoundKind } from '@blindsum/proto';

/** A job as the coordinator showed it: exact bytes, which whoever reads them has to verify. */
export interface StoredOffer {
  readonly job: string;
  readonly manifest: Bytes;
  readonly authorSignature: Bytes;
  readonly roster: Bytes;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Why this site takes no part in a job, as it said last. */
export interface StoredStop {
  readonly code: string;
  readonly detail: string;
  readonly atMs: number;
}

export interface Doing {
  readonly activity: string;
  /** Of the activity, 0..1000. */
  readonly permille: number;
  readonly round?: number;
  readonly attempt?: number;
  readonly kind?: RoundKind;
  /** When the activity began, and when something was last heard of it. */
  readonly sinceMs: number;
  readonly atMs: number;
}

/** What the last training of a job took. */
export interface LastTraining {
  readonly backend: string;
  readonly ms: number;
  readonly atMs: number;
}

export interface JobWork {
  readonly job: string;
  readonly consentedMs?: number;
  readonly stop?: StoredStop;
  readonly doing?: Doing;
  readonly training?: LastTraining;
  readonly end?: { readonly how: string; readonly modelHash?: Digest | undefined; readonly atMs: number };
}

/** The agent that ran last; whether it still does is known by its lock. */
export interface AgentStart {
  readonly version: string;
  readonly startedMs: number;
}

export interface WorkBook {
  /** Replaces what was shown before; beyond a number of jobs, the ones that were seen longest ago are forgotten. */
  recordOffer(offer: Omit<StoredOffer, 'firstMs' | 'lastMs'>, atMs: number): void;
  offers(): readonly StoredOffer[];
  recordWork(job: string, change: Partial<Omit<JobWork, 'job'>>): void;
  /** The stop is over. */
  forgetStop(job: string): void;
  works(): readonly JobWork[];
  recordStart(start: AgentStart): void;
  start(): AgentStart | undefined;
}
