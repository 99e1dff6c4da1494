// The states and events of one attempt of one round, as seen by the coordinator (PROTOCOL.md section 5).
//
//   collecting ──▶ sealed ──▶ summed ──▶ opening ──▶ published
//        │          │ ▲ (complaint: a smaller set)      │
//        └──────────┴─┴──────────┴──────────────────────┴──▶ failed(reason)
//
// Everything here has been verified by the shells before it becomes an event: signatures, context, roots, uploads.
import type { Digest, SiteId } from '@blindsum/proto';

/** What does not change during an attempt; from the manifest and the roster. */
export interface RoundRules {
  readonly context: Digest;
  /** Of the roster that the round goes by. */
  readonly rosterHash: Digest;
  /** Hash of the global model that the round starts from. */
  readonly baseModelHash: Digest;
  /** Sites that consented to the job, in roster order. */
  readonly sites: readonly SiteId[];
  /** Those of them whose updates are refused: they acknowledge, open and attest only (manifest, `lateSites: refused`). */
  readonly barred: readonly SiteId[];
  /** Sites that took their consent back before the attempt began, in roster order; none of them is in `sites`. */
  readonly withdrawn: readonly SiteId[];
  /** Sites that were revoked when the attempt began, in roster order; none of them is in `sites`. */
  readonly revoked: readonly SiteId[];
  /** Fewest contributors a set may have. */
  readonly minimum: number;
  /** T: acknowledgements, openings and equal attestations needed. */
  readonly threshold: number;
  readonly waits: Waits;
}

/** Longest waits, in milliseconds. */
export interface Waits {
  readonly collectMs: number;
  /** After the minimum is in, how long others may still join. */
  readonly graceMs: number;
  readonly acknowledgeMs: number;
  readonly checksumMs: number;
  readonly openMs: number;
  readonly attestMs: number;
  /** After the opening or the attesting should have ended: how long a set of which a share was opened waits for its sites. */
  readonly carryMs: number;
}

/** Names what a timer ends, so that one that fires twice cannot skip a phase. */
export type DeadlineName =
  | 'collecting'
  | 'acknowledgements'
  | 'checksums'
  | 'proxies'
  | 'openings'
  | 'carried openings'
  | 'attestations'
  | 'carried attestations';

export interface Deadline {
  readonly ends: DeadlineName;
  readonly atMs: number;
}

/** A message held by its digest: the same again is a retry, another in its place is refused. */
export type Submissions = Readonly<Record<SiteId, Digest>>;

export interface Contribution {
  readonly site: SiteId;
  /** RFC 6962 leaf hash of `signature ‖ payload` of the commitment: the set root is the Merkle root of these. */
  readonly digest: Digest;
}

/** A site that is not in the set, and why. It is named in the round's record: nothing succeeds silently on a subset. */
export interface Exclusion {
  readonly site: SiteId;
  readonly reason: 'late' | 'late-before' | 'bad-share';
}

export interface SealedSet {
  /** 1 and up. */
  readonly setAttempt: number;
  readonly root: Digest;
  /** Roster order. */
  readonly members: readonly SiteId[];
  readonly excluded: readonly Exclusion[];
}

export interface Sum {
  readonly root: Digest;
  /** <r, C> mod q for each repetition, as 16 hexadecimal digits. */
  readonly checksums: readonly [string, string];
}

export interface ChecksumEntry {
  readonly signer: SiteId;
  readonly digest: Digest;
  readonly values: readonly [string, string];
}

export interface Attested {
  readonly digest: Digest;
  /** SHA-256 over model hash and metrics: what must be equal at every site. */
  readonly result: Digest;
  readonly modelHash: Digest;
}

/** What a failed round missed of a site, in a few words: `no checksum`, `attested 1a2b3c4d`. */
export interface Finding {
  readonly site: SiteId;
  readonly what: string;
}

export type FailureReason =
  | 'TOO_FEW_CONTRIBUTORS'
  | 'TOO_FEW_ACKNOWLEDGEMENTS'
  | 'CHECKSUM_MISSING'
  | 'CHECKSUM_MISMATCH'
  | 'TOO_FEW_OPENINGS'
  | 'TOO_FEW_ATTESTATIONS'
  | 'MODEL_DISAGREEMENT'
  /** By the operator, with the job. */
  | 'CANCELLED';

/** A phase of a round and when it began, in milliseconds since 1970. */
export interface PhaseStart {
  readonly phase: 'collecting' | 'sealed' | 'summed' | 'opening' | 'published' | 'failed';
  readonly atMs: number;
}

interface Common {
  readonly rules: RoundRules;
  /** The phases so far, the current one last: for people; nothing is decided by them. */
  readonly phases: readonly PhaseStart[];
}

export type Collecting = Common & {
  readonly phase: 'collecting';
  readonly deadline: Deadline;
  readonly contributions: Readonly<Record<SiteId, Contribution>>;
};

export type Sealed = Common & {
  readonly phase: 'sealed';
  readonly deadline: Deadline;
  readonly contributions: Readonly<Record<SiteId, Contribution>>;
  readonly set: SealedSet;
  readonly acknowledgements: Submissions;
  /** Present once the sum over this set is on disk; the round moves on when the acknowledgements are in as well. */
  readonly sum?: Sum;
};

export type Summed = Common & {
  readonly phase: 'summed';
  readonly deadline: Deadline;
  readonly set: SealedSet;
  readonly sum: Sum;
  readonly checksums: Readonly<Record<SiteId, ChecksumEntry>>;
  /** Contributors whose checksum another site may sign. */
  readonly proxiesWanted: readonly SiteId[];
};

export type Opening = Common & {
  readonly phase: 'opening';
  readonly deadline: Deadline;
  readonly set: SealedSet;
  readonly sum: Sum;
  readonly openings: Submissions;
  /** No more openings are awaited: sites may reconstruct. */
  readonly complete: boolean;
  readonly attestations: Readonly<Record<SiteId, Attested>>;
};

export type Published = Common & {
  readonly phase: 'published';
  readonly set: SealedSet;
  readonly sum: Sum;
  readonly modelHash: Digest;
  readonly attestations: Readonly<Record<SiteId, Attested>>;
};

export type Failed = Common & {
  readonly phase: 'failed';
  readonly reason: FailureReason;
  /** One sentence for people: who is missing, who disagrees. */
  readonly detail: string;
  /** The same for the record of the incident, site by site. */
  readonly findings: readonly Finding[];
  /** True if a share sum may have been opened: then another attempt with another set is forbidden (invariant 11). */
  readonly mayHaveOpened: boolean;
};

export type Round = Collecting | Sealed | Summed | Opening | Published | Failed;

export type RoundEvent =
  | { readonly kind: 'commit'; readonly contribution: Contribution }
  | { readonly kind: 'acknowledge'; readonly from: SiteId; readonly setRoot: Digest; readonly digest: Digest }
  | {
      readonly kind: 'complain';
      readonly from: SiteId;
      readonly setRoot: Digest;
      readonly dealers: readonly SiteId[];
      readonly digest: Digest;
    }
  | { readonly kind: 'summed'; readonly setRoot: Digest; readonly sum: Sum }
  | {
      readonly kind: 'checksum';
      readonly subject: SiteId;
      readonly setRoot: Digest;
      readonly sumRoot: Digest;
      readonly entry: ChecksumEntry;
    }
  | {
      readonly kind: 'open';
      readonly from: SiteId;
      readonly setRoot: Digest;
      readonly sumRoot: Digest;
      readonly digest: Digest;
    }
  | {
      readonly kind: 'attest';
      readonly from: SiteId;
      readonly setRoot: Digest;
      readonly sumRoot: Digest;
      readonly attested: Attested;
    }
  | { readonly kind: 'deadline'; readonly ends: DeadlineName }
  /** The operator ends the job, for this reason. */
  | { readonly kind: 'cancel'; readonly reason: string };

/** What the world owes after a transition; stored with the state and settled by one function, also after a crash. */
export type Effect =
  | { readonly kind: 'log-sealed'; readonly set: SealedSet }
  | { readonly kind: 'sum'; readonly set: SealedSet }
  | { readonly kind: 'log-published' }
  | { readonly kind: 'log-failed' }
  | { readonly kind: 'advance-job' };

export interface Transition {
  readonly round: Round;
  readonly effects: readonly Effect[];
}
