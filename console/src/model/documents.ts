// The documents of the admin API, as far as the console shows them. Times are milliseconds since 1970 by the coordinator's clock.

export type JobState =
  | 'joining'
  | 'queued'
  | 'paused'
  | 'starting'
  | 'resuming'
  | 'running'
  | 'pausing'
  | 'cancelling'
  | 'finished'
  | 'failed'
  | 'cancelled';

export type RoundPhase = 'collecting' | 'sealed' | 'summed' | 'opening' | 'published' | 'failed';
export type RoundKind = 'statistics' | 'training' | 'evaluation';

/** A site, and what is missing of it or why it was left out. */
export interface Finding {
  readonly site: string;
  readonly what: string;
}

export interface CertificateStatus {
  readonly expiresMs: number;
  readonly state: 'valid' | 'expiring' | 'expired';
}

export interface SiteDocument {
  readonly site: string;
  readonly fingerprint: string;
  readonly online: boolean;
  readonly certificate: CertificateStatus;
  readonly revoked: { readonly reason: string; readonly atMs: number } | null;
  readonly admittedMs: number;
  readonly lastSeenMs: number | null;
  readonly version: string;
  readonly backend: string;
  readonly activity: string;
  /** Progress of the activity, 0..1000. */
  readonly permille: number;
}

export interface CurrentRound {
  readonly round: number;
  readonly attempt: number;
  readonly phase: RoundPhase;
  readonly sitesIn: number;
  readonly awaited: readonly Finding[];
  /** Shares of its set were opened, and the sites that could bring it to its end are away. */
  readonly isCarried: boolean;
}

export interface JobDocument {
  readonly job: string;
  readonly description: string;
  readonly state: JobState;
  readonly queuePosition: number | null;
  readonly submittedMs: number;
  readonly trainingRounds: number;
  readonly parameters: number;
  readonly current: CurrentRound | null;
  readonly roster: { readonly version: number; readonly waits: string | null };
  readonly modelHash: string | null;
  readonly failure: string | null;
  readonly withdrawn: readonly string[];
  readonly bytesOnDisk: number;
}

export interface JobDetail extends JobDocument {
  readonly manifestHash: string;
  readonly rosterHash: string;
  readonly members: readonly {
    readonly site: string;
    readonly consented: boolean;
    readonly withdrawn: boolean;
  }[];
  readonly manifest: Readonly<Record<string, unknown>>;
}

export interface PhaseStart {
  readonly phase: RoundPhase;
  readonly atMs: number;
}

/** Bytes that the coordinator received and sent while a round was in a phase. */
export interface PhaseTraffic {
  readonly phase: RoundPhase;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

export interface RoundDocument {
  readonly round: number;
  readonly attempt: number;
  readonly kind: RoundKind;
  readonly phase: RoundPhase;
  readonly startedMs: number;
  readonly deadlineMs: number | null;
  readonly contributors: readonly string[];
  readonly leftOut: readonly Finding[];
  readonly awaited: readonly Finding[];
  readonly isCarried: boolean;
  readonly setRoot: string | null;
  readonly sumRoot: string | null;
  readonly modelHash: string | null;
  readonly failure: { readonly reason: string; readonly detail: string } | null;
  readonly phases: readonly PhaseStart[];
  readonly traffic: readonly PhaseTraffic[];
}

export interface UploadDocument {
  readonly site: string;
  readonly ciphertextBytes: number;
  readonly sharesBytes: number;
  readonly openingBytes: number;
}

export interface RoundDetail extends RoundDocument {
  readonly chunks: number;
  readonly uploads: readonly UploadDocument[];
}

export interface WitnessDocument {
  readonly name: string;
  readonly state: 'ok' | 'failing' | 'waiting';
  readonly size: number;
  readonly cosignedMs: number | null;
  readonly reason: string | null;
  readonly lag: number;
}

export interface LogDocument {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  readonly verifierKey: string;
  readonly stopped: string | null;
  readonly cosignedSize: number;
  readonly quorum: readonly { readonly group: string; readonly threshold: number; readonly of: number }[];
  readonly witnesses: readonly WitnessDocument[];
}

export interface DiskDocument {
  readonly state: 'ok' | 'low' | 'full';
  readonly freeBytes: number;
  readonly reserveBytes: number;
}

export interface OverviewDocument {
  readonly federation: string;
  readonly version: string;
  readonly startedMs: number;
  readonly certificate: CertificateStatus;
  readonly log: LogDocument;
  readonly disk: DiskDocument;
  readonly jobs: readonly JobDocument[];
  readonly sites: readonly SiteDocument[];
}

export type Scope = 'operator' | 'auditor' | 'read';

export interface SessionDocument {
  readonly scope: Scope;
  readonly actor:
    | { readonly kind: 'key'; readonly key: string; readonly name: string }
    | { readonly kind: 'person'; readonly issuer: string; readonly subject: string };
  /** Null for an API key. */
  readonly endsMs: number | null;
}

export interface SignInOptions {
  readonly federation: string;
  /** Whether there is an OpenID provider to sign in with. */
  readonly openId: boolean;
  /** Whether this browser has a session, good or not. */
  readonly bringsSession: boolean;
}

export interface Contribution {
  readonly job: string;
  readonly round: number;
  readonly attempt: number;
  readonly kind: RoundKind;
  readonly outcome: 'contributed' | 'leftOut' | 'awaited';
  /** Null for a contribution. */
  readonly why: string | null;
  readonly ciphertextBytes: number;
  readonly atMs: number;
}

/** Of one round, what was opened and recorded: examples, losses, metrics. */
export type CurvePoint = {
  readonly round: number;
  readonly kind: RoundKind;
  readonly publishedMs: number;
} & { readonly [measure: string]: unknown };

export interface RosterDocument {
  readonly adopted: {
    readonly version: number;
    readonly hash: string;
    readonly members: readonly { readonly site: string; readonly fingerprint: string }[];
  } | null;
  readonly proposed: { readonly version: number } | null;
}

/** How far an upload has come; told while it runs. */
export interface UploadProgress {
  readonly job: string;
  readonly round: number;
  readonly attempt: number;
  readonly site: string;
  readonly kind: string;
  readonly bytes: number;
  readonly ofBytes: number;
}
